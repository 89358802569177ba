"""Every role, every model of this addon, every right."""

from odoo import fields
from odoo.tests import new_test_user, tagged

from odoo.addons.clouder.tests.access_table import OPERATIONS
from odoo.addons.clouder.tests.hosting_case import HostingCase

ROLES = {
    "user": "clouder.group_user",
    "deployer": "clouder.group_deployer",
    "manager": "clouder.group_application_manager",
    "administrator": "clouder.group_administrator",
    "employee": "base.group_user",
    "portal": "base.group_portal",
    "public": "base.group_public",
}
# One's own, of another customer, and of a stranger who has not confirmed it.
KINDS = ("own", "foreign", "new")
NOTHING = "-/-/-"
# What the roles may do with these; what is not named, they may not do.
TABLE = {
    "clouder.order": {
        "deployer": "rw/-/-",
        "manager": "rw/-/-",
        "administrator": "rwd/rwd/rwd",
    },
    "clouder.order.attempt": {"administrator": "r/r/r"},
    "clouder.order.gate": {"administrator": "r/r/r"},
}


@tagged("post_install", "-at_install")
class TestAccessTable(HostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"table_{role}", groups=groups)
            for role, groups in ROLES.items()
        }
        cls.records = {
            kind: {
                "clouder.order": cls._order(kind),
                "clouder.order.attempt": cls.env["clouder.order.attempt"].create(
                    {"kind": "order", "key": kind, "at": fields.Datetime.now()}
                ),
                "clouder.order.gate": cls.env["clouder.order.gate"].create(
                    {"key": kind}
                ),
            }
            for kind in KINDS
        }

    @classmethod
    def _order(cls, kind):
        """Create an order with an environment, unless it is not confirmed."""
        values = {
            "application_id": cls.app_shop.id,
            "domain_id": cls.domain.id,
            "base_name": kind,
            "title": kind,
            "lang": "en_US",
            "contact_name": "Jane Doe",
            "email": f"{kind}@customer.test",
        }
        if kind != "new":
            partner = cls.env["res.partner"].create({"name": kind})
            environment = cls.env["clouder.environment"].create(
                {"name": kind, "prefix": kind, "partner_id": partner.id}
            )
            values |= {
                "state": "running",
                "environment_id": environment.id,
                "partner_id": partner.id,
            }
        return cls.env["clouder.order"].create(values)

    def adopt(self, user):
        """Make the order of kind own that of ``user``: his people, his customer."""
        order = self.records["own"]["clouder.order"]
        order.write({"user_id": user.id, "partner_id": user.partner_id.id})
        order.environment_id.write(
            {
                "partner_id": user.partner_id.id,
                "user_ids": [fields.Command.set(user.ids)],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def rights(self, record, user):
        """Return the letters of what ``user`` may do with ``record``."""
        record = record.with_user(user)
        return (
            "".join(
                letter
                for letter, operation in OPERATIONS.items()
                if record.has_access(operation)
            )
            or "-"
        )

    def test_the_table_has_every_model_of_this_addon(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("clouder.")
            and not model._abstract
            and not model._transient
            and model._original_module == "clouder_website"
        }
        self.assertEqual(models, set(TABLE))

    def test_table(self):
        for role, user in self.users.items():
            self.adopt(user)
            for model, cells in TABLE.items():
                found = "/".join(
                    self.rights(self.records[kind][model], user) for kind in KINDS
                )
                with self.subTest(role=role, model=model):
                    self.assertEqual(found, cells.get(role, NOTHING))

    def test_what_is_readable_is_what_searches_find(self):
        for role, user in self.users.items():
            self.adopt(user)
            for model in TABLE:
                for kind in KINDS:
                    record = self.records[kind][model].with_user(user)
                    if not record.browse().has_access("read"):
                        continue
                    found = record.search([("id", "=", record.id)])
                    with self.subTest(role=role, model=model, kind=kind):
                        self.assertEqual(bool(found), record.has_access("read"))
