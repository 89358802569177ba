"""In whose network the target of a direct link is found: where the containers are."""

from odoo.tests import tagged

from .fake_runner import fake_runner
from .link_case import LinkCase


@tagged("post_install", "-at_install")
class TestLinkNetworks(LinkCase):
    """Customers with an environment each, whose bases live in one shared service."""

    def setUp(self):
        super().setUp()
        self.house = self._environment("house")
        self.proxy = self._running(
            self._service(self.apps["proxy"], "proxy", environment_id=self.house.id)
        )

    def _environment(self, prefix):
        return self.env["clouder.environment"].create(
            {
                "name": prefix,
                "prefix": prefix,
                "partner_id": self.environment.partner_id.id,
            }
        )

    def _guest(self, name, target=None):
        """Return the direct link of a base in a customer's environment of its own."""
        customer = self._environment(f"customer-{name}")
        link = self._link(self._base(name, environment_id=customer.id), "proxy")
        link.write({"target": (target or self.proxy).id, "make_link": True})
        return link

    def _set_up(self, link):
        with fake_runner(self.env) as fake:
            link._deploy_all()
            link._probe_all()
        self.assertEqual(link.state, "working")
        return self._moves(fake)

    def _withdraw(self, link):
        with fake_runner(self.env) as fake:
            link._withdraw_all()
        self.assertEqual(link.state, "withdrawn")
        return self._moves(fake)

    def _moves(self, fake):
        """Return which networks were joined or left: list of (how, environment)."""
        return [
            (name.removeprefix("network_"), arguments[0])
            for name, _who, arguments, _named in fake.calls
            if name.startswith("network_")
        ]

    def test_the_network_is_that_of_the_service(self):
        moves = self._set_up(self._guest("one"))
        self.assertEqual(moves, [("join", self.environment)])

    def test_beside_the_service_no_network_is_needed(self):
        near = self._running(self._service(self.apps["proxy"], "near"))
        link = self._guest("one", near)
        self.assertEqual(self._set_up(link), [])
        self.assertEqual(self._withdraw(link), [])

    def test_the_last_base_of_the_service_takes_the_target_out(self):
        first, second = self._guest("one"), self._guest("two")
        for link in (first, second):
            self._set_up(link)
        self.assertEqual(self._withdraw(first), [])
        self.assertEqual(self._withdraw(second), [("leave", self.environment)])

    def test_a_link_of_the_service_itself_keeps_the_target_there(self):
        values = {"target": self.proxy.id, "make_link": True, "state": "working"}
        application = {"target_application_id": self.apps["proxy"].id}
        self.shop.link_ids = [(0, 0, {**application, **values})]
        link = self._guest("one")
        self._set_up(link)
        self.assertEqual(self._withdraw(link), [])

    def test_a_container_that_is_back_joins_the_network_of_the_service(self):
        self._set_up(self._guest("one"))
        with fake_runner(self.env) as fake:
            self.proxy._rejoin_networks()
        self.assertEqual(self._moves(fake), [("join", self.environment)])
