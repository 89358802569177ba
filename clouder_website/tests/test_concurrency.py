"""Several requests at the same moment, each with a connection of its own."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from odoo.addons.clouder.models.application_type import as_module
from odoo.addons.clouder.tests.hosting_case import HostingCase

from ..lib.tokens import digest
from ..models.order_values import OrderRefused

CONTEXT = {"clouder_no_deploy": True, "tracking_disable": True}
EMAIL = "race@customer.test"
NOISE = ("odoo.sql_db", "odoo.service.model")


class Fixture(HostingCase):
    """The records of the hosting case, made outside a test's transaction."""

    @classmethod
    def build(cls, env):
        """Make them with ``env``; return the shop's application and the domain."""
        cls.env = env
        cls._make_places()
        cls._make_types()
        cls._make_store()
        cls._make_shop()
        cls.domain.public = True
        cls._service(cls.app_store, "db")
        shop = cls._service(cls.app_shop, "shop")
        cls.app_shop.write(
            {
                "next_service_id": shop.id,
                "web_create_type": "base",
                "web_published": True,
                "web_max_per_customer": 1,
            }
        )
        return cls.app_shop.id, cls.domain.id


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Of two who want the last one, one gets it and the other is told.

    What is made here is committed, so it is removed by hand in the end.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        # While tests run, their thread holds this lock: no other one gets a registry.
        self.patch(Registry, "_lock", contextlib.nullcontext())
        self.addCleanup(self.remove)
        self.app_id, self.domain_id = self.inside(Fixture.build)

    def inside(self, call):
        """Return ``call(env)`` of a transaction as a request has one: run again if need be."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, CONTEXT)
            return retrying(lambda: call(env), env)

    def at_once(self, calls):
        """Run ``calls`` at the same moment; return their results, errors included."""
        barrier = threading.Barrier(len(calls))

        def run(call):
            barrier.wait(timeout=30)
            try:
                return self.inside(call)
            except OrderRefused as error:
                return error

        with mute_logger(*NOISE), ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    def place(self, env, name, email=EMAIL, token=None, **values):
        application = env["clouder.application"].browse(self.app_id)
        typed = {
            "name": name,
            "domain": str(self.domain_id),
            "lang": "en_US",
            "contact_name": "Race",
            "email": email,
        }
        if token:
            values["token_digest"] = digest(token)
        return env["clouder.order"]._place(application, typed, **values).id

    def states(self):
        """Return the states of all orders, sorted."""
        return self.inside(
            lambda env: sorted(env["clouder.order"].search([]).mapped("state"))
        )

    def bases(self):
        return self.inside(lambda env: env["clouder.base"].search_count([]))

    def test_one_name_has_one_order(self):
        results = self.at_once(
            [
                lambda env, who=who: self.place(env, "acme", f"{who}{EMAIL}")
                for who in range(4)
            ]
        )
        refused = [one for one in results if isinstance(one, OrderRefused)]
        self.assertEqual(len(refused), 3)
        self.assertEqual({one.field for one in refused}, {"name"})
        self.assertEqual(self.states(), ["new"])

    def test_a_link_pressed_often_at_once_confirms_once(self):
        self.inside(lambda env: self.place(env, "acme", token="token"))
        before = self.bases()
        results = self.at_once(
            [lambda env: env["clouder.order"]._confirm("token")[1]] * 8
        )
        self.assertEqual(sorted(results), ["open"] + ["used"] * 7)
        self.assertEqual(self.bases(), before + 1)

    def test_a_form_sent_often_at_once_orders_once(self):
        def send(env):
            known = env["clouder.order"]._sent_already("form")
            return known.id or self.place(env, "acme", form_digest="form")

        [order] = set(self.at_once([send] * 4))
        self.assertIsInstance(order, int)
        self.assertEqual(self.states(), ["new"])

    def test_a_click_on_an_order_that_is_replaced_at_the_same_moment(self):
        first = self.inside(lambda env: self.place(env, "acme", token="token"))

        def again(env):
            return self.place(env, "acme", own=env["clouder.order"]._waiting([first]))

        said, placed = self.at_once(
            [lambda env: env["clouder.order"]._confirm("token")[1], again]
        )
        if said == "open":
            self.assertIsInstance(placed, OrderRefused)
            self.assertEqual(self.states(), ["deploying"])
        else:
            self.assertEqual(said, "replaced")
            self.assertEqual(self.states(), ["cancelled", "new"])

    def test_the_last_place_of_a_customer_is_given_once(self):
        for name in ("one", "two"):
            self.inside(lambda env, name=name: self.place(env, name, token=name))
        before = self.bases()
        self.at_once(
            [
                lambda env, name=name: env["clouder.order"]._confirm(name)[1]
                for name in ("one", "two")
            ]
        )
        self.assertEqual(self.states(), ["cancelled", "deploying"])
        self.assertEqual(self.bases(), before + 1)
        users = self.inside(
            lambda env: env["res.users"].search_count([("login", "=", EMAIL)])
        )
        self.assertEqual(users, 1)

    def test_attempts_at_once_are_counted(self):
        results = self.at_once(
            [lambda env: env["clouder.order.attempt"].allow("race", "me", 3)] * 8
        )
        self.assertLessEqual(results.count(True), 3)
        again = self.inside(
            lambda env: env["clouder.order.attempt"].allow("race", "me", 3)
        )
        self.assertFalse(again)

    def remove(self):
        """Remove what the test committed."""
        self.inside(self._remove_all)

    def _remove_all(self, env):
        self.kinds = as_module(env["clouder.application.type"]).search(
            [("name", "in", ("test-store", "test-shop"))]
        )
        own = [("type_id", "in", self.kinds.ids)]
        self._remove_orders(env, own)
        self._remove_services(env, own)
        self._remove_catalogue(env, own)

    def _remove_orders(self, env, own):
        env["clouder.order"].search([("email", "=like", f"%{EMAIL}")]).unlink()
        env["clouder.order.attempt"].search([("kind", "=", "race")]).unlink()
        env["clouder.order.gate"].search([]).unlink()
        env["clouder.base"].search(own).unlink()
        users = env["res.users"].search([("login", "=like", f"%{EMAIL}")])
        partners = users.partner_id
        env["clouder.environment"].search([("partner_id", "in", partners.ids)]).unlink()
        users.unlink()
        partners.unlink()

    def _remove_services(self, env, own):
        env["clouder.application"].search(own).write(
            {"web_published": False, "next_service_id": False}
        )
        services = env["clouder.service"].search(own)
        services.link_ids.unlink()
        while services := services.exists():
            (services - services.parent_id).unlink()

    def _remove_catalogue(self, env, own):
        applications = env["clouder.application"].search(own)
        images = applications.default_image_id
        applications.link_ids.unlink()
        applications.child_ids = False
        applications.unlink()
        images.unlink()
        self.kinds.unlink()
        environments = env["clouder.environment"].search([("prefix", "=", "test")])
        partners = environments.partner_id
        environments.unlink()
        partners.unlink()
        env["clouder.node"].search([("name", "=", "here")]).unlink()
        env["clouder.domain"].search([("name", "=", "example.test")]).unlink()
