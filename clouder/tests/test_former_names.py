from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.former_names import GONE, RENAMED, REVERSED
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestFormerNames(HostingCase):
    """Scripts that were written for Clouder 0.10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")

    def values(self, **values):
        """Return what an old script gave a new base."""
        return {
            "name": "old",
            "domain_id": self.domain.id,
            "environment_id": self.environment.id,
            "title": "From an old script",
            "application_id": self.app_shop.id,
            "service_id": self.shop.id,
            "admin_name": "admin",
            "admin_password": "of-the-script",
            "admin_email": "admin@example.test",
            "poweruser_name": "boss",
            "poweruser_password": "also-of-it",
            "poweruser_email": "boss@example.test",
            "build": "build",
            "ssl_only": True,
            "test": False,
            "lang": "en_US",
            "auto_backup": True,
            "time_between_backup": 60,
            "backup_expiration": 5,
            "backup_ids": [(6, 0, [])],
            "backup_comment": "First",
            "reset_each_day": False,
            "public": False,
            **values,
        }

    def refused(self, model, values):
        """Return the sentence with which the values of a new record are refused."""
        with self.assertRaises(UserError) as caught:
            self.env[model].create(values)
        return str(caught.exception)

    def test_a_base_by_its_old_names(self):
        base = self.env["clouder.base"].create(self.values())
        self.assertEqual(base.title, "From an old script")
        self.assertEqual(base.admin_password, "of-the-script")
        self.assertEqual(base.time_between_backup, 60)
        base.write({"title": "Changed", "poweruser_name": "chief"})

    def test_a_renamed_field_is_named(self):
        values = self.values(container_id=self.shop.id)
        del values["service_id"]
        self.assertEqual(
            self.refused("clouder.base", values),
            "clouder.base has no field container_id any more: write service_id.",
        )

    def test_so_is_one_in_a_line(self):
        tag = self.env["clouder.application.tag"].search([], limit=1)
        line = Command.create({"name": tag.id, "target": self.store.id})
        self.assertEqual(
            self.refused("clouder.base", self.values(link_ids=[line])),
            "clouder.base.link has no field name any more: write tag_id.",
        )

    def test_one_that_was_turned_round(self):
        self.assertEqual(
            self.refused("clouder.base", self.values(nosave=True)),
            "clouder.base has no field nosave any more: write auto_backup, which says "
            "the opposite.",
        )

    def test_one_that_is_gone(self):
        self.assertEqual(
            self.refused("clouder.service", {"scale": 3}),
            "clouder.service has no field scale any more: a service has one container.",
        )

    def test_a_slip_of_the_pen(self):
        self.assertEqual(
            self.refused("clouder.base", self.values(titel="x")),
            "clouder.base has no field titel: did you mean title?",
        )
        self.assertEqual(
            self.refused("clouder.domain", {"qqqqqq": 1}),
            "clouder.domain has no field qqqqqq.",
        )

    def test_writing_is_like_creating(self):
        with self.assertRaisesRegex(UserError, "write environment_ids"):
            self.node.write({"environment_id": 1})

    def test_no_field_without_access_is_suggested(self):
        deployer = new_test_user(self.env, "slip", groups="clouder.group_deployer")
        bases = self.env["clouder.base"].with_user(deployer)
        with self.assertRaises(UserError) as caught:
            bases.create({"admin_password_encrypte": "x"})
        self.assertNotIn("encrypted", str(caught.exception))

    def test_every_model_that_people_write_answers_so(self):
        for model in ("environment", "provider", "image", "application", "node"):
            with self.subTest(model=model):
                text = self.refused(f"clouder.{model}", {"no_such_thing": 1})
                self.assertIn("has no field no_such_thing", text)

    def test_the_names_of_today_are_there(self):
        for names in (RENAMED, REVERSED):
            for model, fields in names.items():
                known = set(self.env[model]._fields)
                self.assertLessEqual(set(fields.values()), known, model)
                self.assertFalse(set(fields) & known, model)
        for model, fields in GONE.items():
            self.assertFalse(set(fields) & set(self.env[model]._fields), model)
