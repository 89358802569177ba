from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CertifyCase

ROLES = ("user", "deployer", "application_manager", "administrator")
OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestAccess(CertifyCase):
    """Who sees which orders; nobody writes them."""

    def test_orders(self):
        other = self.env["clouder.environment"].create({"name": "O", "prefix": "other"})
        values = {"names": "a.example.com", "registered": "example.com"}
        model = self.env["clouder.certificate.order"]
        own = model.create({**values, "environment_id": self.environment.id})
        foreign = model.create({**values, "environment_id": other.id})
        for role in ROLES:
            user = new_test_user(
                self.env, role, groups=f"base.group_user,clouder.group_{role}"
            )
            self.environment.user_ids = user
            for order, seen in ((own, True), (foreign, role == "administrator")):
                rights = [
                    operation
                    for operation in OPERATIONS
                    if order.with_user(user).has_access(operation)
                ]
                with self.subTest(role=role, own=order == own):
                    self.assertEqual(rights, ["read"] if seen else [])

    def test_the_manager_of_a_domain_sees_its_orders(self):
        user = new_test_user(
            self.env, "m", groups="base.group_user,clouder.group_application_manager"
        )
        order = self.env["clouder.certificate.order"].create(
            {
                "names": "*.example.com",
                "registered": "example.com",
                "domain_id": self.domain.id,
            }
        )
        self.assertFalse(order.with_user(user).has_access("read"))
        self.domain.partner_id = user.partner_id
        self.env.invalidate_all()
        self.assertTrue(order.with_user(user).has_access("read"))

    def test_who_may_not_write_a_base_may_not_certify_it(self):
        user = new_test_user(self.env, "u", groups="base.group_user,clouder.group_user")
        self.environment.user_ids = user
        with self.assertRaises(AccessError):
            self.make_base("shop").with_user(user).certify()
