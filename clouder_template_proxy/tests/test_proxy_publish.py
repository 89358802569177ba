import datetime
from unittest import mock

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import ClouderError, EngineUnreachable

from ..drivers import proxy, publisher
from ..drivers.publisher import ConfigurationRefused
from ..lib import certificate, publication
from .common import ProxyCase

MARK = "-----BEGIN CERTIFICATE-----"


@tagged("post_install", "-at_install")
class TestProxyPublish(ProxyCase):
    def pair(self, name="own.example.com"):
        """Return the values of a record's own certificate."""
        now = datetime.datetime.now(datetime.UTC)
        key, chain = certificate.self_signed(name, now).split(MARK)
        return {"cert_cert": f"{MARK}{chain}", "cert_key": key}

    def test_a_base_is_routed(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            self.deploy(base)
        maps = nginx.part("maps")
        self.assertIn("one.example.com demo-web-exec:8069;", maps)
        self.assertIn("demo-web-exec:8069 demo-web-exec:8072;", maps)
        self.assertEqual(nginx.signals, ["HUP"])
        self.assertEqual(self.proxy.generation_served, nginx.served["generation"])
        self.assertEqual(self.proxy.reload_count, 1)
        self.assertEqual(self.proxy.route_count, 1)
        self.assertEqual(base.link_ids.route_generation, self.proxy.generation_served)
        self.assertFalse(base.link_ids.route_pending)

    def test_facts(self):
        base = self.make_base("one")
        with self.nginx():
            self.deploy(base)
        facts = base.link_ids._facts()
        self.assertEqual(facts["host"], "one.example.com")
        self.assertEqual(facts["url"], base.url)

    def test_publishing_again_writes_nothing(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            self.deploy(base)
            written = len(nginx.puts)
            self.deploy(base)
            self.driver.service_configure(self.proxy)
        self.assertEqual(len(nginx.puts), written)
        self.assertEqual(self.proxy.reload_count, 1)

    def test_waiting_jobs_share_one_reload(self):
        bases = [self.make_base(f"base{number}") for number in range(5)]
        with self.nginx() as nginx:
            for base in bases:
                base._run_hook("base_links")
            for base in bases:
                base._run_hook("base_publish")
        self.assertEqual(nginx.signals, ["HUP"])
        self.assertEqual(self.proxy.reload_count, 1)
        self.assertEqual(len({base.link_ids.route_generation for base in bases}), 1)

    def test_the_pointer_comes_last(self):
        with self.nginx() as nginx:
            self.deploy(self.make_base("one"))
            self.deploy(self.make_base("two"))
        for put in nginx.puts:
            if publication.POINTER in put:
                self.assertEqual(put[-1], publication.POINTER)
        self.assertEqual(nginx.puts[-1][0], "/srv/proxy/maps-b/maps.conf")

    def test_server_blocks_are_tried_only_when_they_changed(self):
        with self.nginx() as nginx:
            self.deploy(self.make_base("one"))
            self.assertEqual(nginx.removed, ["/srv/proxy/sites-a"])
            self.deploy(self.make_base("two"))
            self.assertEqual(nginx.removed, ["/srv/proxy/sites-a"])

    def test_www_is_an_alias_in_the_dns(self):
        self.node.public_ip = "192.0.2.1"
        with self.nginx():
            for name, records in (
                (
                    "www",
                    [
                        ["", "A", "192.0.2.1"],
                        ["www.example.com.", "CNAME", "example.com."],
                    ],
                ),
                ("shop", [["", "A", "192.0.2.1"]]),
            ):
                base = self.make_base(name)
                self.deploy(base)
                self.assertEqual(base.link_ids._facts()["dns_records"], records)
            self.node.public_ip = False
            self.assertFalse(self.driver._dns_records(base, self.proxy))

    def test_secure_www_and_suspended(self):
        www = self.make_base("www", ssl_only=True)
        with self.nginx() as nginx:
            self.deploy(www)
            self.assertIn("www.example.com example.com;", nginx.part("maps"))
            self.assertIn("example.com 1;", nginx.part("maps"))
            self.rest(www, "stopped")
            self.assertIn("example.com suspended;", nginx.part("maps"))
            www.wanted = "running"
            self.deploy(www)
            self.assertIn("example.com demo-web-exec:8069;", nginx.part("maps"))

    def test_a_base_that_rests_keeps_its_host_and_stays_closed(self):
        base = self.make_base("one", ssl_only=True)
        with self.nginx() as nginx:
            for wanted in ("suspended", "stopped"):
                self.deploy(base)
                self.assertIn("one.example.com demo-web-exec:8069;", nginx.part("maps"))
                self.rest(base, wanted)
                self.assertIn("one.example.com suspended;", nginx.part("maps"))
                self.assertIn(base.link_ids.state, ("deploying", "working"))
                self.assertEqual(base._proxy_links(), base.link_ids)
                # Setting the link up alone opens nothing.
                self.deploy(base)
                self.assertIn("one.example.com suspended;", nginx.part("maps"))
                nginx.answer = (503, {"x-clouder-proxy": "suspended"}, b"")
                base.link_ids._probe_all()
                base.wanted = "running"
            self.rest(base, "stopped")
            self.withdraw(base)
            self.assertNotIn("one.example.com", nginx.hosts())

    def test_a_base_that_should_be_closed_and_answers_is_seen(self):
        base = self.make_base("one")
        self.patch(proxy, "PROBE_SECONDS", 0)
        with self.nginx() as nginx:
            self.deploy(base)
            for wanted in ("suspended", "stopped"):
                base.wanted = wanted
                nginx.answer = (200, {}, b"")
                with self.assertRaisesRegex(ClouderError, "answers through"):
                    base.link_ids._probe_all()

    def alias(self, base, name, **values):
        alias = self.env["clouder.base.alias"].create(
            {"base_id": base.id, "name": name, **values}
        )
        alias.state = "working"
        return alias

    def test_own_domains_follow_their_base(self):
        base = self.make_base("one", ssl_only=True)
        self.alias(base, "shop.example.org", www=True)
        self.alias(base, "www.other.example", www=True)
        waiting = self.alias(base, "waits.example.org")
        waiting.state = "waiting"
        with self.nginx() as nginx:
            self.deploy(base)
            lines = nginx.part("maps")
            for line in (
                "shop.example.org demo-web-exec:8069;",
                "shop.example.org one.example.com;",
                "www.shop.example.org shop.example.org;",
                "other.example www.other.example;",
                "one.example.com 1;",
            ):
                self.assertIn(line, lines)
            self.assertNotIn("waits.example.org", nginx.hosts())
            self.assertNotIn("shop.example.org 1;", lines, "no certificate for it")
            self.rest(base, "suspended")
            self.assertIn("shop.example.org suspended;", nginx.part("maps"))
            self.withdraw(base)
            self.assertNotIn("shop.example.org", nginx.hosts())

    def test_an_own_domain_takes_no_host_of_a_base(self):
        one, two = self.make_base("one"), self.make_base("two")
        thief = self.alias(two, "shop.example.org")
        self.env.cr.execute(
            "UPDATE clouder_base_alias SET name = 'one.example.com' WHERE id = %s",
            [thief.id],
        )
        thief.invalidate_recordset()
        with self.nginx() as nginx:
            self.deploy(two)
            self.deploy(one)
            self.assertNotIn("one.example.com two.example.com;", nginx.part("maps"))

    def test_a_purged_base_is_left_out(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            self.deploy(base)
            self.withdraw(base)
            self.assertNotIn("one.example.com", nginx.hosts())
        self.assertFalse(base.link_ids._is_published())

    def test_purging_works_while_the_proxy_is_down(self):
        one, two = self.make_base("one"), self.make_base("two")
        with self.nginx() as nginx:
            self.deploy(one)
            nginx.running = False
            self.withdraw(one)
            self.assertEqual(one.link_ids.state, "withdrawing")
            self.assertTrue(one.link_ids.reason)
            nginx.running = True
            self.deploy(two)
            self.assertNotIn("one.example.com", nginx.hosts())
            self.assertIn("two.example.com", nginx.hosts())

    def test_purging_works_after_the_proxy(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            self.deploy(base)
            nginx.running, self.proxy.state = False, "purged"
            self.withdraw(base)
        self.assertFalse(base.link_ids._is_published())

    def test_a_required_link_fails_with_the_proxy(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            nginx.running = False
            with self.assertRaisesRegex(ClouderError, "not running"):
                self.deploy(base)

    def test_an_optional_link_is_shown_as_broken(self):
        base = self.make_base("one")
        base.link_ids.required = False
        with self.nginx() as nginx:
            nginx.running = False
            self.deploy(base)
        self.assertEqual(base.link_ids.state, "broken")
        self.assertIn("not running", base.link_ids.reason)

    def test_an_unreachable_engine_is_tried_again(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            nginx.runner.files_put = mock.Mock(side_effect=EngineUnreachable("Gone."))
            nginx.runner.exec = nginx.runner.files_put
            base.link_ids.required = True
            with self.assertRaises(EngineUnreachable):
                self.deploy(base)
            base.link_ids.required = False
            self.deploy(base)
        self.assertEqual(
            (base.link_ids.state, base.link_ids.reason), ("broken", "Gone.")
        )
        self.assertTrue(base.link_ids.next_try)

    def test_own_certificate(self):
        base = self.make_base("own", **self.pair())
        with self.nginx() as nginx:
            self.deploy(base)
            self.assertIn("server_name own.example.com;", nginx.names())
            pems = [file for path, file in nginx.files.items() if path.endswith(".pem")]
            self.assertEqual({file.mode for file in pems}, {0o400})
            self.assertTrue(all(file.secret for file in pems))
            self.assertEqual(len(pems), 2)
            base.write({"cert_cert": False, "cert_key": False})
            self.deploy(base)
            self.assertNotIn("server_name own.example.com;", nginx.names())

    def test_certificate_of_the_domain(self):
        self.domain.write(self.pair("example.com"))
        own = self.make_base("own", **self.pair())
        with self.nginx() as nginx:
            self.deploy(own)
        self.assertIn("server_name example.com *.example.com;", nginx.names())
        self.assertIn("server_name own.example.com;", nginx.names())

    def test_bad_certificates_are_refused_at_the_door(self):
        values = {**self.pair(), "cert_key": self.pair()["cert_key"]}
        with self.assertRaisesRegex(ValidationError, "do not belong together"):
            self.make_base("own", **values)

    def test_refused_server_blocks_do_not_stop_the_others(self):
        self.patch(publisher, "SERVED_SECONDS", 0)
        one, own, two = (
            self.make_base("one"),
            self.make_base("own", **self.pair()),
            self.make_base("two"),
        )
        with self.nginx() as nginx:
            self.deploy(one)
            nginx.refusal = "nginx: [emerg] ee key too small"
            nginx.refuses_reload = False
            with self.assertRaisesRegex(ConfigurationRefused, "server blocks"):
                self.deploy(own)
            self.assertEqual(self.proxy.proxy_refusal, nginx.refusal)
            self.deploy(two)
            self.assertIn("two.example.com", nginx.hosts())
            self.assertNotIn("server_name own.example.com;", nginx.names())

    def test_a_refused_reload_goes_back(self):
        self.patch(publisher, "SERVED_SECONDS", 0)
        with self.nginx() as nginx:
            self.deploy(self.make_base("one"))
            before = nginx.pointer()
            nginx.refusal = "nginx: [emerg] no"
            with self.assertRaises(ConfigurationRefused) as caught:
                self.deploy(self.make_base("two"))
            self.assertEqual(caught.exception.detail, nginx.refusal)
            self.assertEqual(nginx.pointer(), before)
        self.assertEqual(self.proxy.generation_served, before["generation"])

    def test_a_fresh_container_is_given_everything(self):
        base = self.make_base("one")
        with self.nginx() as nginx:
            self.deploy(base)
            generation = self.proxy.generation_served
            nginx.files, nginx.served = {}, None
            self.driver.service_configure(self.proxy)
            self.assertIn("one.example.com", nginx.hosts())
        self.assertGreater(self.proxy.generation_served, generation)

    def test_a_new_container_joins_the_networks(self):
        other = self.environment.create({"name": "Other", "prefix": "proxy-other"})
        guests = self.environment.create({"name": "Guests", "prefix": "proxy-guest"})
        web = self.make_service(self.application, "web", other)
        base = self.make_base("one", environment_id=guests.id, service_id=web.id)
        with self.nginx() as nginx:
            self.deploy(base)
            self.assertEqual(self.joined(nginx), [other])
            nginx.runner.calls.clear()
            self.driver.service_configure(self.proxy)
        self.assertEqual(self.joined(nginx), [other])

    def joined(self, nginx):
        """Return the environments whose networks the proxy was brought into."""
        return [call[2][0] for call in nginx.runner.calls if call[0] == "network_join"]

    def test_a_base_without_a_direct_link_is_reached_all_the_same(self):
        other = self.environment.create({"name": "Other", "prefix": "proxy-other"})
        web = self.make_service(self.application, "web", other)
        base = self.make_base("one", service_id=web.id)
        base.link_ids.make_link = False
        with self.nginx() as nginx:
            self.deploy(base)
        self.assertEqual(self.joined(nginx), [other])

    def test_a_guest_of_a_service_beside_the_proxy_takes_no_network(self):
        guests = self.environment.create({"name": "Guests", "prefix": "proxy-guest"})
        base = self.make_base("one", environment_id=guests.id)
        with self.nginx() as nginx:
            self.deploy(base)
            self.driver.service_configure(self.proxy)
            self.withdraw(base)
        moves = [name for name in nginx.runner.names() if name.startswith("network_")]
        self.assertEqual(moves, [])

    def test_routes_come_by_one_query(self):
        with self.nginx():
            for number in range(5):
                self.make_base(f"base{number}")._run_hook("base_links")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(len(self.proxy._routes()), 5)
