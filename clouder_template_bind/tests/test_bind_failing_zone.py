from unittest import mock

from odoo.tests import new_test_user, tagged

from odoo.addons.clouder.lib.errors import (
    EngineMissing,
    EngineUnreachable,
    JobCancelled,
)

from .common import BindCase

HOST = ("", "A", "192.0.2.7")


@tagged("post_install", "-at_install")
class TestBindFailingZone(BindCase):
    """One zone that cannot be had leaves the server and all other zones alone."""

    def setUp(self):
        super().setUp()
        self.log = []
        self.patch(
            self.env.registry["clouder.job"],
            "_log",
            lambda _self, text, level="info": self.log.append((level, text)),
        )

    def _given_away(self, domain):
        """Let ``domain`` be somebody else's, as one from before may be."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clouder_domain SET partner_id = %s WHERE id = %s",
            [stranger.id, domain.id],
        )
        self.env.invalidate_all()

    def _wildcard_to_nowhere(self, domain):
        """Point the wildcard of ``domain`` to a proxy that nobody can reach."""
        tag = self.env.ref("clouder.tag_proxy")
        application = self.mailer.copy({"code": "bindtest-proxy", "name": "Proxy"})
        application.tag_ids = tag
        proxy = self._service(application, "proxy")
        proxy.node_id = self.env["clouder.node"].create({"name": "bindtest-hidden"})
        domain.wildcard_target = proxy

    def test_a_zone_within_somebody_else_s_stops_nobody(self):
        inner, later = self._domain("evil.bind.example"), self._domain("zzz.example")
        self._given_away(inner)
        with self._server() as server:
            self.driver.domain_deploy(self.domain)
            self.driver.service_configure(self.bind)
        self.assertEqual(inner.zone_state, "failed")
        self.assertIn("belongs to somebody else", inner.zone_error)
        self.assertEqual(later.zone_state, "served")
        self.assertIn("zzz.example", server.zones)
        self.assertNotIn("evil.bind.example", server.zones)
        [warning] = [text for level, text in self.log if level == "warning"]
        self.assertIn("The zone evil.bind.example is not as it should be", warning)

    def test_lost_zones_come_back_around_a_bad_one(self):
        bad, later = self._domain("bad.example"), self._domain("later.example")
        link = self._base("one", HOST, domain=later)
        with self._server() as server:
            link._deploy()
            self._wildcard_to_nowhere(bad)
            server.zones &= {"catalog.clouder.invalid"}
            server.records.clear()
            self.driver.service_configure(self.bind)
            self.assertEqual(server.records["one.later.example", "A"], ("192.0.2.7",))
            self.assertIn("bind.example", server.zones)
            self.assertEqual(bad.zone_state, "failed")
            self.assertIn("bindtest-hidden has no public IP", bad.zone_error)
            bad.wildcard_target = False
            self.driver.service_configure(self.bind)
        self.assertEqual((bad.zone_state, bad.zone_error), ("served", False))

    def test_a_follower_leaves_for_all_that(self):
        bad = self._domain("bad.example")
        self._wildcard_to_nowhere(bad)
        with self._server():
            self.driver._withdraw_secondary(
                self.env["clouder.service.link"].new(
                    {"service_id": self.bind.id, "target": self.bind.id}
                )
            )
        self.assertEqual(bad.zone_state, "failed")
        self.assertEqual(self.domain.zone_state, "served")

    def test_a_server_that_is_away_is_no_fault_of_a_zone(self):
        driver = self.env.registry["clouder.driver.bind"]
        for error in (
            EngineUnreachable("away"),
            EngineMissing("no container"),
            JobCancelled("stop"),
        ):
            with (
                self.subTest(error=error),
                self._server(),
                mock.patch.object(driver, "_have_zone", side_effect=error),
                self.assertRaises(type(error)),
            ):
                self.driver._refresh_zones(self.bind)
        self.assertEqual(self.domain.zone_state, "none")

    def test_colleagues_have_zones_within_each_other_s(self):
        one, two = (
            new_test_user(self.env, name, groups="clouder.group_administrator")
            for name in ("bindtest-one", "bindtest-two")
        )
        outer = self._domain("team.example", partner_id=one.partner_id.id)
        inner = self._domain("dev.team.example", partner_id=two.partner_id.id)
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        people = firm.create(
            [{"name": name, "parent_id": firm.id} for name in ("A", "B")]
        )
        self.env.flush_all()
        theirs = self._domain("firm.example", partner_id=people[0].id)
        below = self._domain("dev.firm.example", partner_id=people[1].id)
        with self._server():
            for domain in outer | inner | theirs | below:
                self.driver.domain_deploy(domain)
                self.assertEqual(domain.zone_state, "served")
