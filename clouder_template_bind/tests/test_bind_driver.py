import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import EngineUnreachable
from odoo.addons.clouder.lib.spec import ContainerSpec

from .common import BindCase

HOST = ("", "A", "192.0.2.7")


@tagged("post_install", "-at_install")
class TestBindDriver(BindCase):
    def test_keys_are_generated_and_secret(self):
        for name in ("update_key", "transfer_key"):
            line = self.bind.option_ids.filtered(lambda one, n=name: one.name.name == n)
            self.assertEqual(len(base64.b64decode(line._clear_value())), 32)
            self.assertFalse(line.value_plain)

    def test_keys_lie_in_a_secret_file_only(self):
        files = {file.path: file for file in self.driver.service_files(self.bind)}
        key = self.bind._option("update_key").encode()
        self.assertIn(key, files["/etc/clouder/keys.conf"].content)
        self.assertTrue(files["/etc/clouder/keys.conf"].secret)
        self.assertNotIn(key, files["/etc/clouder/named.conf"].content)

    def test_configuration_is_closed(self):
        files = {file.path: file for file in self.driver.service_files(self.bind)}
        text = files["/etc/clouder/named.conf"].content.decode()
        for line in (
            "recursion no;",
            "version none;",
            "allow-update { none; };",
            "allow-transfer { key clouder-transfer; };",
            "responses-per-second 20;",
        ):
            self.assertIn(line, text)

    def test_container_is_not_root(self):
        spec = self.driver.service_spec(self.bind, ContainerSpec("b", "debian:x"))
        self.assertEqual(spec.user, "bind")
        self.assertTrue(spec.read_only)
        self.assertFalse(spec.cap_add)

    def test_one_number_for_udp_and_tcp(self):
        ports = {port.name: port for port in self.bind.port_ids}
        self.assertTrue(ports["dns"].udp)
        self.assertFalse(ports["dns-tcp"].udp)
        self.assertEqual(ports["dns"].hostport, ports["dns-tcp"].hostport)

    def test_a_zone_is_made_once(self):
        with self._server() as server:
            self.driver.domain_deploy(self.domain)
            self.driver.domain_deploy(self.domain)
        self.assertIn("bind.example", server.zones)
        self.assertEqual(server.records["ns1.bind.example", "A"], ("192.0.2.1",))
        self.assertEqual(self.domain.zone_service_id, self.bind)
        self.assertEqual(self.domain.zone_state, "served")
        self.assertEqual(server.fake.names().count("files_put"), 1)

    def test_a_node_without_address_is_named(self):
        self.node.public_ip = False
        with (
            self._server(),
            self.assertRaisesRegex(UserError, "bindtest has no public IP"),
        ):
            self.driver.domain_deploy(self.domain)

    def test_a_zone_goes(self):
        with self._server() as server:
            self.driver.domain_deploy(self.domain)
            self.driver.domain_purge(self.domain)
            self.driver.domain_purge(self.domain)
        self.assertNotIn("bind.example", server.zones)

    def test_a_zone_with_bases_stays(self):
        with self._server() as server:
            link = self._base("shop", HOST)
            link._deploy()
            with self.assertRaisesRegex(UserError, "shop.bind.example"):
                self.driver.domain_purge(self.domain)
            with self.assertRaisesRegex(UserError, "shop.bind.example"):
                self.domain.remove_zone()
        self.assertIn("bind.example", server.zones)

    def test_a_base_publishes_what_its_links_ask_for(self):
        link = self._base("shop", HOST, ("_dmarc", "TXT", "v=DMARC1; p=none"))
        with self._server() as server:
            link._deploy()
            sent = server.updates
            link._deploy()
            self.assertEqual(server.updates, sent, "nothing is sent for nothing")
            self.driver.link_probe(link)
            self._ask_for(link, ("", "AAAA", "2001:db8::1"))
            with self.assertRaisesRegex(Exception, "shop.bind.example AAAA"):
                self.driver.link_probe(link)
            link._deploy()
            self.driver.link_probe(link)
        own = {key for key in server.records if key[0].endswith("shop.bind.example")}
        self.assertEqual(own, {("shop.bind.example", "AAAA")})

    def test_withdrawing_removes_its_own_records_only(self):
        link, other = self._base("one", HOST), self._base("two", HOST)
        with self._server() as server:
            link._deploy()
            other._deploy()
            for _time in range(2):
                self.driver.link_withdraw(link)
                self.assertNotIn(("one.bind.example", "A"), server.records)
            self.assertIn(("two.bind.example", "A"), server.records)

    def test_a_base_that_rests_keeps_its_names_until_it_is_purged(self):
        link = self._base("one", HOST, ("", "MX", "10 mx.example.net."))
        base = link.base_id
        with self._server() as server:
            link._deploy()
            for action in ("stop", "suspend", "purge"):
                for hook in self.driver._phases()["clouder.base", action]:
                    if hook in ("base_suspend", "base_withdraw"):
                        base._run_hook(hook)
                kept = {key for key in server.records if key[0] == base.fulldomain}
                there = {(base.fulldomain, "A"), (base.fulldomain, "MX")}
                self.assertEqual(kept, set() if action == "purge" else there, action)
        self.assertNotIn(
            "base_withdraw", self.driver._phases()["clouder.base", "restart"]
        )

    def test_a_late_withdrawal_spares_the_next_base_of_that_name(self):
        mine = ("", "TXT", "only the first one says so")
        link = self._base("one", HOST, mine)
        with self._server() as server:
            link._deploy()
            link.base_id.write({"state": "purged", "wanted": "purged"})
            link.state = "withdrawing"
            self.env.flush_all()
            self._base("one", HOST)._deploy()
            for _time in range(2):
                self.driver.link_withdraw(link)
                self.assertEqual(
                    server.records["one.bind.example", "A"], ("192.0.2.7",)
                )
            self.assertNotIn(("one.bind.example", "TXT"), server.records)
        self.assertFalse(link._facts()["records"])

    def test_withdrawing_from_a_dead_server_says_so(self):
        link = self._base("one", HOST)
        with self._server() as server:
            link._deploy()
            server.away = True
            with self.assertRaisesRegex(
                EngineUnreachable, "bindtest-bind does not answer"
            ):
                self.driver.link_withdraw(link)
            self.assertTrue(link._facts()["records"], "still remembered")
            server.away = False
            self.driver.link_withdraw(link)
            self.assertNotIn(("one.bind.example", "A"), server.records)

    def test_withdrawing_from_a_purged_server_does_nothing(self):
        link = self._base("one", HOST)
        with self._server() as server:
            link._deploy()
            server.away = True
            self.bind.state = "purged"
            self.driver.link_withdraw(link)
        self.assertFalse(link._facts()["records"])

    def test_a_lost_zone_comes_back_with_its_bases(self):
        link = self._base("one", HOST)
        with self._server() as server:
            link._deploy()
            server.zones.clear()
            server.records.clear()
            server.zones.add("catalog.clouder.invalid")
            self.driver.service_configure(self.bind)
        self.assertEqual(server.records["one.bind.example", "A"], ("192.0.2.7",))
        self.assertIn(("ns1.bind.example", "A"), server.records)

    def test_services_cannot_link_to_it(self):
        application = self.application.copy({"code": "bindtest-odd", "name": "Odd"})
        application.link_ids = [
            (0, 0, {"target_application_id": self.application.id, "service": True})
        ]
        odd = self._service(application, "odd")
        with self._server(), self.assertRaisesRegex(UserError, "answers for bases"):
            odd.link_ids._deploy()

    def test_a_failed_zone_is_a_problem(self):
        self.domain.write({"zone_state": "failed", "zone_error": "It is so."})
        self.env.flush_all()
        problem = self.env["clouder.problem"].search([("kind", "=", "zone")])
        self.assertIn(
            ("bind.example", "It is so."), [(one.name, one.error) for one in problem]
        )

    def test_a_purged_server_serves_nothing(self):
        with self._server():
            self.driver.domain_deploy(self.domain)
            self.driver.service_purge(self.bind)
            self.assertEqual(self.domain.zone_state, "none")
            self.driver.service_configure(self.bind)
        self.assertEqual(self.domain.zone_state, "served")

    def test_dns_comes_last(self):
        link = self._base("one", HOST)
        self.assertEqual(self.driver.link_after(link), link.base_id.link_ids - link)


@tagged("post_install", "-at_install")
class TestBindSecondary(BindCase):
    driver_code = "bind_secondary"

    def test_it_gets_the_key_of_transfers_only(self):
        application = self.env.ref("clouder_template_bind.application_bind_secondary")
        other = self._service(application, "bind2")
        with self._server() as server:
            other.link_ids._deploy()
            self.env["clouder.driver"]._get("bind").domain_deploy(self.domain)
        files = {file.path: file for file in self.driver.service_files(other)}
        keys = files["/etc/clouder/keys.conf"].content
        self.assertIn(self.bind._option("transfer_key").encode(), keys)
        self.assertNotIn(self.bind._option("update_key").encode(), keys)
        self.assertEqual(files["/etc/clouder/peers"].content, b"bindtest-bind 5353\n")
        self.assertIn(b"catalog-zones", files["/etc/clouder/named.conf"].content)
        self.assertEqual(len(server.records["bind.example", "NS"]), 2)

    def test_the_list_of_followers_is_written_by_one_at_a_time(self):
        application = self.env.ref("clouder_template_bind.application_bind_secondary")
        other = self._service(application, "bind2")
        lock = self.bind._publish_lock()
        for hook in ("links", "configure", "withdraw", "abort"):
            self.assertIn(lock, other._hook_locks(f"service_{hook}"), hook)
        for hook in ("link_setup", "link_undo"):
            self.assertIn(lock, other.link_ids._hook_locks(hook), hook)
        self.assertIn(lock, self.bind._hook_locks("service_configure"))
        self.assertNotIn(lock, self.bind._hook_locks("service_container"))
        base_link = self._base("one", HOST)
        self.assertNotIn(lock, base_link._hook_locks("link_setup"), "bases do not wait")

    def test_without_a_primary_it_says_so(self):
        application = self.env.ref("clouder_template_bind.application_bind_secondary")
        other = self._service(application, "bind2")
        with self.assertRaisesRegex(Exception, "follows no name server"):
            self.driver.service_files(other)
