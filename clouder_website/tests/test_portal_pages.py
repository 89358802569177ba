from unittest import mock

from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from ..controllers.portal import PortalInstances
from .portal_case import URL, PortalCase


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCase):
    """What the pages of the portal show, to whom they belong."""

    def _titles(self, response):
        tree = html.fromstring(response.text)
        return [one.text_content().strip() for one in tree.cssselect("tbody tr a")]

    def test_card_counts_what_is_there(self):
        self._base("gone", self.mine.environment_id, state="purged")
        self.authenticate("anna", "anna")
        card = html.fromstring(self.url_open("/my").text)
        self.assertTrue(card.cssselect(f'a[href="{URL}"]'))
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["instance_count"]}
        )
        self.assertEqual(counters, {"instance_count": 1})

    def test_list_shows_own_instances_only(self):
        response = self.page(URL)
        self.assertEqual(self._titles(response), ["Shop of mine"])
        self.assertNotIn("his", self._titles(response))
        self.assertNotIn(self.his.fulldomain, response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_colleagues_share_what_is_the_companys(self):
        self._customer("carl", self.acme)
        self.assertEqual(self._titles(self.page(URL, "carl")), ["Shop of mine"])

    def test_staff_sees_no_customers_instances_here(self):
        self.env.ref("base.user_admin").password = "admin-of-test"
        self.authenticate("admin", "admin-of-test")
        self.assertEqual(self._titles(self.url_open(URL)), [])
        self.assertEqual(self.url_open(f"{URL}/{self.mine.id}").status_code, 404)

    def test_empty_list_has_a_helpful_word(self):
        self._customer("dora")
        page = html.fromstring(self.page(URL, "dora").text)
        [word] = page.cssselect(".o_clouder_empty")
        self.assertIn("no instance yet", word.text_content())
        self.assertTrue(word.cssselect("a.btn"))

    def test_search_filter_sort(self):
        environment = self.mine.environment_id
        self._base("zebra", environment, title="Apples", state="failed")
        self._base("gone", environment, title="Gone", state="purged")
        for query, titles in (
            ({}, ["Shop of mine", "Apples"]),
            ({"sortby": "title"}, ["Apples", "Shop of mine"]),
            ({"sortby": "newest"}, ["Apples", "Shop of mine"]),
            ({"sortby": "id; DROP TABLE"}, ["Shop of mine", "Apples"]),
            ({"filterby": "running"}, ["Shop of mine"]),
            ({"filterby": "attention"}, ["Apples"]),
            ({"filterby": "deleted"}, ["Gone"]),
            ({"filterby": "x"}, ["Shop of mine", "Apples"]),
            ({"search": "APPLE"}, ["Apples"]),
            ({"search": "zebra", "search_in": "title"}, []),
            ({"search": "zebra", "search_in": "address"}, ["Apples"]),
            ({"search": "his"}, []),
            ({"search": "%' OR 1=1 --"}, []),
            ({"search": "a\x00b"}, []),
            ({"search": "x" * 5000}, []),
        ):
            with self.subTest(query=str(query)[:60]):
                response = self.page(URL, **query)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(self._titles(response), titles)

    def test_what_is_searched_is_shown_as_text(self):
        response = self.page(URL, search='"><script>alert(1)</script>')
        self.assertNotIn("<script>alert(1)", response.text)

    def test_pager(self):
        for number in range(4):
            self._base(f"more{number}", self.mine.environment_id)
        with mock.patch.object(PortalInstances, "_instances_per_page", 2):
            seen = []
            for path in (URL, f"{URL}/page/2", f"{URL}/page/3"):
                titles = self._titles(self.page(path))
                self.assertLessEqual(len(titles), 2)
                seen += titles
            self.assertEqual(len(set(seen)), 5)
            self.assertEqual(self.page(f"{URL}/page/{10**30}").status_code, 200)
            links = html.fromstring(self.page(URL, search="more").text)
            [second, *_] = links.cssselect(f'.pagination a[href*="{URL}/page/2"]')
            self.assertIn("search=more", second.get("href"))

    def test_page_of_one(self):
        tag = self.env["clouder.application.tag"].search([("code", "=", "database")])
        target = self.env["clouder.service"].search([("suffix", "=", "db")], limit=1)
        self.mine.link_ids = [
            Command.create({"tag_id": tag.id, "target": target.id, "state": "broken"})
        ]
        self.mine.write({"size_database": 3_000_000_000, "size_files": 5_000_000})
        response = self.page(f"{URL}/{self.mine.id}")
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        text = " ".join(page.text_content().split())
        for word in ("Running", self.mine.url, "2.8 GB", "Does not work", tag.name):
            self.assertIn(word, text.replace("\N{NO-BREAK SPACE}", " "))
        for inner in (target.name, self.shop.name, self.node.name):
            self.assertNotIn(inner, text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertIn("frame-ancestors", response.headers["Content-Security-Policy"])

    def test_a_title_is_text_everywhere(self):
        self.mine.title = "<script>alert('x')</script>{{7*7}}"
        for path in (URL, f"{URL}/{self.mine.id}"):
            response = self.page(path)
            self.assertNotIn("<script>alert(", response.text)
            self.assertIn("{{7*7}}", response.text)

    def test_every_state_has_words_and_a_page(self):
        for state, _label in self.mine._fields["state"].selection:
            self.mine.state = state
            with self.subTest(state=state):
                self.assertIn(state, self.mine._portal_states())
                self.assertEqual(self.page(f"{URL}/{self.mine.id}").status_code, 200)

    def test_every_action_of_a_base_has_words(self):
        driver = self.env["clouder.driver"]
        actions = {key[1] for key in driver._phases() if key[0] == self.mine._name}
        self.assertLessEqual(actions, set(self.env["clouder.job"]._portal_actions()))
