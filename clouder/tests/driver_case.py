"""What every driver must fulfil; a template addon subclasses :class:`DriverCase`."""

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .fake_runner import fake_runner


@tagged("post_install", "-at_install")
class DriverCase(TransactionCase):
    """The contract of drivers. A subclass names its driver and gets these tests.

    ::

        class TestMyDriver(DriverCase):
            driver_code = "mine"
    """

    allow_inherited_tests_method = True
    driver_code = "generic"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.driver = cls.env["clouder.driver"]._get(cls.driver_code)

    def fake_runner(self, answers=None):
        """Return a context manager that gives a FakeRunner serving every node."""
        return fake_runner(self.env, answers)

    @staticmethod
    def running(service):
        """Say of a service that it was deployed and runs; return it."""
        service.write({"state": "running", "deployed_at": fields.Datetime.now()})
        return service

    def test_hooks_are_known(self):
        """No hook of the driver is misspelt or has another signature than the root's."""
        self.assertEqual(self.driver._check_hooks(), [])

    def test_phases_exist(self):
        """Each phase of each action is a hook of the driver and has a title to read."""
        for key, hooks in self.driver._phases().items():
            for hook in hooks:
                with self.subTest(action=key, hook=hook):
                    self.assertIn(hook, self.driver._hooks())
                    self.assertTrue(self.driver._title(hook))

    def test_hooks_are_private(self):
        """No hook can be called over RPC: an abstract model has no access rules."""
        for name in self.driver._hooks():
            with self.subTest(hook=name):
                method = getattr(type(self.driver), name)
                private = any(
                    getattr(getattr(base, name, None), "_api_private", False)
                    for base in type(self.driver).__mro__
                )
                self.assertTrue(private, method)

    def test_images_have_a_dockerfile(self):
        """Each image of the driver's types says how it is built, or what is pulled."""
        types = self.env["clouder.application.type"].search(
            [("driver", "=", self.driver_code)]
        )
        for image in self.env["clouder.image"].search([("type_id", "in", types.ids)]):
            with self.subTest(image=image.name):
                text = image.pull_reference or image.computed_dockerfile
                self.assertTrue(text)
                self.assertFalse(text.startswith("#"), text)
