from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestSuffix(HostingCase):
    """A base without a service gets one, whatever the base is called."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node.end_port = 20050
        cls.store = cls._service(cls.app_store, "db")
        cls.other = cls.domain.copy({"name": "other.test"})

    def _suffix(self, name, domain=None, **values):
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": (domain or self.domain).id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                **values,
            }
        )
        self.assertEqual(len(base.service_id.child_ids), 3)
        return base.service_id.suffix

    def test_the_bare_domains(self):
        self.assertEqual(self._suffix("www"), "example-test")
        self.assertEqual(self._suffix("www", self.other), "other-test")

    def test_the_same_name_under_two_domains(self):
        self.assertEqual(self._suffix("hello"), "hello")
        self.assertEqual(self._suffix("hello", self.other), "hello-other-test")

    def test_an_international_name(self):
        self.assertEqual(self._suffix("xn--caf-dma"), "xn-caf-dma")

    def test_a_name_that_a_service_bears(self):
        self.assertEqual(self._suffix("db"), "db-example-test")

    def test_a_name_that_a_part_bears(self):
        self._suffix("shop")
        self.assertEqual(self._suffix("shop-data"), "shop-data-example-test")

    def test_a_part_whose_name_is_taken(self):
        self._service(self.app_store, "shop-exec")
        self.assertEqual(self._suffix("shop"), "shop-example-test")

    def test_long_names(self):
        longest = "x" * 40
        first = self._suffix(longest)
        second = self._suffix("y" + longest)
        self.assertTrue(first.startswith("xxx"))
        self.assertTrue(second.startswith("yxxx"))
        self.environment = self.environment.copy({"prefix": "p" * 20})
        third = self._suffix("z" + longest)
        self.assertLessEqual(len(f"{'p' * 20}-{third}-files"), 63)

    def test_a_copy_knows_where_it_comes_from(self):
        clone = self.store.copy()
        self.assertEqual(clone.from_id, self.store)
        self.assertEqual(clone.suffix, "db-copy")
        self.assertEqual(self.store.copy().suffix, "db-copy-2")

    def test_a_name_that_is_given_is_checked_as_ever(self):
        with self.assertRaises(ValidationError):
            self._service(self.app_store, "a--b")
