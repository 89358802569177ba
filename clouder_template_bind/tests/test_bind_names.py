from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import BindCase

HOST = ("", "A", "192.0.2.7")
HOSTILE = [
    ("*", "A", "192.0.2.7"),
    ("other.bind.example.", "A", "192.0.2.7"),
    ("", "NS", "ns.evil.example"),
    ("", "A", "192.0.2.7\nevil A 6.6.6.6"),
    ("a\n$INCLUDE /etc/passwd", "A", "192.0.2.7"),
    ("", "TXT", "a\nb"),
    ("", "CNAME", "$ORIGIN ."),
]


@tagged("post_install", "-at_install")
class TestBindNames(BindCase):
    """Whose name is whose; the contract of drivers is tested elsewhere."""

    def _deploy(self, *links):
        with self._server() as server:
            for link in links:
                link._deploy()
        return server

    def test_a_name_below_another_base_is_that_one_s(self):
        self._base("shop", HOST)
        bare = self._base("www", HOST, ("shop", "A", "192.0.2.9"))
        with self.assertRaisesRegex(UserError, "belongs to the base shop.bind.example"):
            self._deploy(bare)
        self._ask_for(bare, HOST, ("x.shop", "TXT", "y"))
        with self.assertRaisesRegex(UserError, "belongs to the base shop.bind.example"):
            self._deploy(bare)

    def test_a_name_that_another_base_published_is_taken(self):
        bare = self._base("www", HOST, ("shop", "A", "192.0.2.9"))
        with self._server():
            bare._deploy()
            shop = self._base("shop", HOST)
            with self.assertRaisesRegex(UserError, "belongs to the base bind.example"):
                shop._deploy()

    def test_neighbours_do_not_disturb_each_other(self):
        links = [self._base(name, HOST) for name in ("www", "a", "aa", "b-a")]
        server = self._deploy(*links)
        self.assertIn(("bind.example", "A"), server.records)
        self.assertIn(("aa.bind.example", "A"), server.records)

    def test_www_becomes_an_alias(self):
        """It had an address of its own before; a server keeps no alias beside one."""
        bare = self._base("www", HOST, ("www", "A", "192.0.2.7"))
        with self._server() as server:
            bare._deploy()
            alias = ("www.bind.example.", "CNAME", "bind.example.")
            self._ask_for(bare, HOST, alias)
            bare._deploy()
            self.driver.link_probe(bare)
        www = {key[1]: one for key, one in server.records.items() if "www" in key[0]}
        self.assertEqual(www, {"CNAME": ("bind.example.",)})

    def test_a_name_server_keeps_its_name(self):
        with self.assertRaisesRegex(
            UserError, "ns1.bind.example: that is a name server"
        ):
            self._deploy(self._base("a", HOST), self._base("ns1", HOST))

    def test_a_zone_of_its_own_is_left_alone(self):
        inner = self._domain("in.bind.example")
        with self._server():
            self.driver.domain_deploy(inner)
            bare = self._base("www", HOST, ("x.in", "TXT", "y"))
            with self.assertRaisesRegex(UserError, "a zone of its own"):
                bare._deploy()

    def test_what_is_hostile_is_refused(self):
        for number, record in enumerate(HOSTILE):
            with self.subTest(record=record), self._server() as server:
                link = self._base(f"evil{number}", record)
                with self.assertRaisesRegex(Exception, "cannot be published"):
                    link._deploy()
                self.assertFalse(server.updates)

    def test_the_domain_s_server_wins(self):
        other = self.set_running(self._service(self.application, "bind9"))
        link = self._base("a", HOST)
        link.target = other
        with self.assertRaisesRegex(UserError, "link the base to bindtest-bind"):
            self._deploy(link)

    def test_a_domain_without_server_takes_the_first(self):
        free = self._domain("free.example", dns_id=False)
        server = self._deploy(self._base("a", HOST, domain=free))
        self.assertEqual(free.dns_id, self.bind)
        self.assertIn("free.example", server.zones)

    def test_a_public_domain_is_not_taken(self):
        free = self._domain("all.example", dns_id=False, public=True)
        with self.assertRaisesRegex(UserError, "is for everybody"):
            self._deploy(self._base("a", HOST, domain=free))

    def test_a_zone_does_not_move_by_itself(self):
        with self._server():
            self.driver.domain_deploy(self.domain)
        other = self._service(self.application, "bind9")
        with self.assertRaisesRegex(UserError, "remove it there first"):
            self.domain.dns_id = other
        with self.assertRaisesRegex(UserError, "remove the zone"):
            self.domain.unlink()

    def test_a_zone_within_somebody_else_s_is_refused(self):
        """No such domain can be made any more; there may be one from before."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        inner = self._domain("evil.bind.example")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clouder_domain SET partner_id = %s WHERE id = %s",
            [stranger.id, inner.id],
        )
        self.env.invalidate_all()
        with self._server():
            self.driver.domain_deploy(self.domain)
            with self.assertRaisesRegex(UserError, "belongs to somebody else"):
                self.driver.domain_deploy(inner)

    def test_a_wildcard_leads_to_a_proxy_only(self):
        with self.assertRaisesRegex(ValidationError, "is no proxy"):
            self.domain.wildcard_target = self.mail
