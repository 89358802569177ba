from lxml import html

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..controllers.portal_domains import host_of
from .portal_case import URL, PortalCase


@tagged("post_install", "-at_install")
class TestHost(BaseCase):
    def test_what_people_paste(self):
        for text, host in (
            (" Shop.Example.COM. ", "shop.example.com"),
            ("https://www.example.com/shop?x=1", "www.example.com"),
            ("café.example", "xn--caf-dma.example"),
            ("a..b", "a..b"),
            ("x" * 300, "x" * 300),
        ):
            with self.subTest(text=text[:20]):
                self.assertEqual(host_of(text), host)


@tagged("post_install", "-at_install")
class TestPortalDomains(PortalCase):
    """A customer's own domains, and nobody else's."""

    def setUp(self):
        super().setUp()
        self.aliases = self.env["clouder.base.alias"]

    def _alias(self, base, name, **values):
        alias = self.aliases.create({"base_id": base.id, "name": name})
        self.env.invalidate_all()
        for job in base.active_job_id:
            job._end("done")
        alias.write(values)
        self.env.flush_all()
        return alias

    def _error(self, response):
        [box] = html.fromstring(response.text).cssselect(".o_clouder_error")
        return box.text_content()

    def test_a_domain_is_added_and_looked_at(self):
        response = self.ask(
            self.mine, "domain", domain="https://www.Acme.test/", www="1"
        )
        self.assertEqual(response.status_code, 303)
        self.env.invalidate_all()
        alias = self.mine.alias_ids
        self.assertEqual((alias.name, alias.www), ("www.acme.test", True))
        self.assertEqual(alias.state, "waiting")
        self.assertEqual(self.jobs(self.mine), ["aliases"])
        page = self.page(f"{URL}/{self.mine.id}").text
        for record in alias.dns_records():
            self.assertIn(record["value"], page)

    def test_why_it_waits_is_told_and_looked_at_again(self):
        alias = self._alias(
            self.mine, "acme.test", state="broken", reason="It leads <b>away</b>."
        )
        page = html.fromstring(self.page(f"{URL}/{self.mine.id}").text)
        [box] = page.cssselect(".o_clouder_domain")
        text = " ".join(box.text_content().split())
        self.assertIn("It leads <b>away</b>.", text)
        self.assertIn("Does not work", text)
        response = self.ask(self.mine, "domain-check", alias=alias.id)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.jobs(self.mine), ["aliases", "aliases"])

    def test_a_working_one_says_so(self):
        self._alias(self.mine, "acme.test", state="working")
        page = html.fromstring(self.page(f"{URL}/{self.mine.id}").text)
        [box] = page.cssselect(".o_clouder_domain")
        self.assertIn("Works", box.text_content())
        self.assertFalse(box.cssselect("dl"), "nothing is left to be done in the DNS")

    def test_it_is_taken_away(self):
        alias = self._alias(self.mine, "acme.test")
        response = self.ask(self.mine, "domain-remove", alias=alias.id)
        self.assertEqual(response.status_code, 303)
        self.env.invalidate_all()
        self.assertFalse(alias.exists())

    def test_refused_names(self):
        self._alias(self.mine, "there.test")
        for name in (
            "",
            "localhost",
            "192.0.2.1",
            "a b.test",
            "-x.test",
            "$(id).test",
            "a;id.test",
            "a\nb.test",
            "a\x00b.test",
            "x" * 300,
            "*.acme.test",
            "../etc.test",
            "new.example.test",
            self.his.fulldomain,
            "there.test",
        ):
            with self.subTest(name=name[:30]):
                response = self.ask(self.mine, "domain", domain=name)
                self.assertEqual(response.status_code, 422)
                self.assertTrue(self._error(response).strip())
        self.env.invalidate_all()
        self.assertEqual(self.mine.alias_ids.mapped("name"), ["there.test"])

    def test_the_lines_of_others_do_not_exist(self):
        theirs = self._alias(self.his, "bob.test")
        other = self._base("other", self.mine.environment_id)
        sibling = self._alias(other, "sibling.test")
        for verb in ("domain-check", "domain-remove"):
            nothing = self.essence(self.ask(self.mine, verb, alias=2**31 - 1))
            self.assertEqual(nothing[0], 404)
            for alias in (theirs.id, sibling.id, "", "x", "-1", 10**40):
                with self.subTest(verb=verb, alias=alias):
                    answer = self.essence(self.ask(self.mine, verb, alias=alias))
                    self.assertEqual(answer, nothing)
        self.env.invalidate_all()
        self.assertTrue((theirs | sibling).exists())
        self.assertNotIn("bob.test", self.page(f"{URL}/{self.mine.id}").text)

    @mute_logger("odoo.sql_db")
    def test_the_number_is_limited(self):
        for number in range(20):
            self._alias(self.mine, f"a{number}.test")
        response = self.ask(self.mine, "domain", domain="more.test")
        self.assertEqual(response.status_code, 422)
        self.env.invalidate_all()
        self.assertEqual(len(self.mine.alias_ids), 20)
