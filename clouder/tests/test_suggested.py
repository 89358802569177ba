from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestSuggested(HostingCase):
    """A form sends back what autofill chose: that is as good as leaving it out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deployer = new_test_user(cls.env, "dora", groups="clouder.group_deployer")
        cls.environment.user_ids = cls.deployer
        cls.hidden = cls.environment.copy({"prefix": "hidden", "user_ids": False})
        cls.hidden.user_ids = False
        cls.store = cls._service(cls.app_store, "db", environment_id=cls.hidden.id)
        cls.app_store.tag_ids = cls._tags("database", "exec", "backup")
        cls.backup = cls._service(cls.app_store, "save", environment_id=cls.hidden.id)
        cls.domain.public = True
        (cls.app_shop | cls.app_shop.child_ids).service_backup_ids = cls.backup
        cls.app_shop.child_ids.link_ids.next = cls.store

    def _form(self, model, **values):
        form = Form(self.env[model].with_user(self.deployer))
        form.environment_id = self.environment
        form.application_id = self.app_shop
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def test_these_are_not_the_deployers_to_read(self):
        for record in (self.node, self.store, self.backup):
            self.assertFalse(record.with_user(self.deployer).has_access("read"))

    def test_a_service_in_the_form(self):
        shop = self._form("clouder.service", suffix="form").save().sudo()
        self.assertEqual(shop.node_id, self.node)
        self.assertEqual(shop.backup_ids, self.backup)
        self.assertEqual(shop._exec_service().link_ids.target, self.store)

    def test_a_service_with_an_image_in_the_form(self):
        self.app_store.public = True
        form = self._form("clouder.service", suffix="form")
        form.application_id = self.app_store
        self.assertEqual(form.save().sudo().image_id, self.image_store)

    def test_a_base_in_the_form(self):
        hosting = self._service(self.app_shop, "hosting", environment_id=self.hidden.id)
        self.app_shop.next_service_id = hosting
        tag = self.env["clouder.application.tag"].search([("code", "=", "database")])
        self.app_shop.link_ids = [
            Command.create(
                {
                    "tag_id": tag.id,
                    "base": True,
                    "service": False,
                    "next": self.store.id,
                }
            )
        ]
        form = self._form("clouder.base", name="form", domain_id=self.domain)
        base = form.save().sudo()
        self.assertEqual(base.service_id, hosting)
        self.assertEqual(base.link_ids.target, self.store)

    def _create(self, **values):
        return (
            self.env["clouder.service"]
            .with_user(self.deployer)
            .with_context(**values.pop("context", {}))
            .create(
                {
                    "environment_id": self.environment.id,
                    "application_id": self.app_shop.id,
                    "suffix": "rpc",
                    **values,
                }
            )
        )

    def test_any_other_is_still_refused(self):
        node = self.node.copy({"name": "secret"})
        image = self.image_store.copy({"name": "secret"})
        line = self.app_shop.child_ids.link_ids._line_values()
        for values in (
            {"node_id": node.id},
            {"image_id": image.id},
            {"backup_ids": [Command.set(self.store.ids)]},
            {"link_ids": [Command.create({**line, "target": self.backup.id})]},
            {"context": {"default_node_id": node.id}},
            {"environment_id": self.hidden.id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self._create(**values)

    def test_a_later_change_is_checked_too(self):
        shop = self._create()
        line = shop._exec_service().link_ids
        line.target = self.store
        with self.assertRaises(AccessError):
            line.target = self.backup
        with self.assertRaises(AccessError):
            shop.backup_ids = self.store


@tagged("post_install", "-at_install")
class TestHostPort(HostingCase):
    """The ports that exist once on a node are given away by administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deployer = new_test_user(cls.env, "dora", groups="clouder.group_deployer")
        cls.boss = new_test_user(cls.env, "boss", groups="clouder.group_administrator")
        cls.environment.user_ids = cls.deployer
        cls.node.public = True
        cls.store = cls._service(cls.app_store, "db")
        cls.store.port_ids.expose = "internet"

    def _publish(self, user, number):
        self.store.port_ids.with_user(user).hostport = number

    def test_a_deployer_publishes_in_the_range_of_the_node(self):
        self._publish(self.deployer, 20001)
        for number in (25, 53, 80, 443, 19999, 20003):
            with (
                self.subTest(number=number),
                self.assertRaisesRegex(ValidationError, "from 20000 to 20002"),
            ):
                self._publish(self.deployer, number)

    def test_an_administrator_publishes_any(self):
        for number in (25, 80, 443):
            self._publish(self.boss, number)

    def test_an_image_gives_no_such_port_away(self):
        self.image_store.port_ids.write(
            {"local_port": 80, "use_hostport": True, "expose": "internet"}
        )
        values = {
            "environment_id": self.environment.id,
            "application_id": self.app_store.id,
        }
        services = self.env["clouder.service"]
        free = services.with_user(self.deployer).create({**values, "suffix": "free"})
        self.assertEqual(free.port_ids.hostport, 20000)
        fixed = services.with_user(self.boss).create({**values, "suffix": "fixed"})
        self.assertEqual(fixed.port_ids.hostport, 80)
