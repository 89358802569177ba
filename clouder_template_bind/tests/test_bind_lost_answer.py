import contextlib
from unittest import mock

from odoo.tests import tagged

from .common import BindCase

HOST = ("", "A", "192.0.2.7")
MX = ("", "MX", "10 mx.example.net.")
KEY = ("one.bind.example", "A")


@tagged("post_install", "-at_install")
class TestBindLostAnswer(BindCase):
    """A server did what it was told, and Clouder never heard of it."""

    @contextlib.contextmanager
    def _server(self):
        """Have a server whose zone is there already, and whose answers can be lost."""
        with super()._server() as server:
            self.driver.domain_deploy(self.domain)
            yield server

    def _sent(self, link):
        return self.env["clouder.dns.sent"].search([("link_id", "=", link.id)])

    def _withdraw(self, link):
        link.base_id.wanted = "purged"
        link.base_id._run_hook("base_withdraw")

    def test_what_an_optional_link_published_is_withdrawn(self):
        link = self._base("one", HOST)
        with self._server() as server:
            server.loses_answers = True
            link._deploy_all()
            self.assertEqual(link.state, "broken")
            self.assertIn(KEY, server.records)
            server.loses_answers = False
            self._withdraw(link)
            self.assertNotIn(KEY, server.records)
        self.assertEqual(link.state, "withdrawn")
        self.assertFalse(self._sent(link))

    def test_what_a_step_published_that_is_rolled_back_is_withdrawn(self):
        """All that is left of such a step is what it noted in its own transaction."""
        link = self._base("one", HOST)
        with self._server() as server:
            link._note_sending("bind.example", {KEY: ("192.0.2.7",)})
            server.records[KEY] = ("192.0.2.7",)
            self.assertEqual((link.state, link._facts()), ("waiting", {}))
            self._withdraw(link)
            self.assertNotIn(KEY, server.records)
        self.assertEqual(link.state, "withdrawn")

    def test_it_is_noted_before_the_server_hears_of_it(self):
        link = self._base("one", HOST)
        seen, cursors = [], []
        model, publish = self.env.registry["clouder.dns.sent"], None

        def create(sent, vals_list):
            cursors.append(sent.env.cr)
            return original(sent, vals_list)

        def told(zone, before, wanted, ttl):
            if wanted and zone == "bind.example":
                seen.append(self._sent(link).records)
            return publish(zone, before, wanted, ttl)

        original = model.create
        with self._server() as server, mock.patch.object(model, "create", create):
            publish, server.publish = server.publish, told
            link._deploy()
        self.assertEqual(seen, [[["one.bind.example", "A", "192.0.2.7"]]])
        self.assertIsNot(cursors[0], self.env.cr, "it survives the step")

    def test_what_the_links_no_longer_ask_for_goes_with_the_next_update(self):
        link = self._base("one", HOST, MX)
        with self._server() as server:
            server.loses_answers = True
            link._deploy_all()
            server.loses_answers = False
            self._ask_for(link, HOST)
            link._deploy()
            self.assertNotIn(("one.bind.example", "MX"), server.records)
            self.assertIn(KEY, server.records)
        self.assertFalse(self._sent(link), "all is in the facts by now")

    def test_nothing_new_is_not_noted_again(self):
        link = self._base("one", HOST)
        with self._server():
            link._deploy()
            link._deploy()
            self.assertFalse(self._sent(link))
            link._deploy()
            self.assertFalse(self._sent(link))

    def test_a_removal_without_an_answer_is_done_again(self):
        link = self._base("one", HOST)
        with self._server() as server:
            link._deploy()
            server.loses_answers = True
            self._withdraw(link)
            self.assertEqual(link.state, "withdrawing")
            server.loses_answers = False
            link._withdraw_all()
        self.assertEqual(link.state, "withdrawn")
        self.assertFalse(link._known_records())

    def test_a_target_that_may_hold_something_is_not_changed(self):
        link = self._base("one", HOST)
        self.assertFalse(link._is_live())
        link._note_sending("bind.example", {KEY: ("192.0.2.7",)})
        self.assertTrue(link._is_live())
