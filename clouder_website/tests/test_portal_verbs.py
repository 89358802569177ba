import re
from unittest import mock

from lxml import html

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clouder.lib.errors import EngineUnreachable

from .portal_case import URL, PortalCase

VERBS = "odoo.addons.clouder_website.controllers.portal_verbs"
WAY_IN = "http://mine.example.test/clouder/in#s3cret"


@tagged("post_install", "-at_install")
class TestPortalVerbs(PortalCase):
    """What a customer asks for is done to his instances, and to no others."""

    def setUp(self):
        super().setUp()
        self.mine.reset_id = self._base("origin", self.mine.environment_id)
        self.asked = []
        asked = self.asked

        def base_login_once(_driver, base, login):
            asked.append((base.id, login))
            return WAY_IN

        def base_set_password(_driver, base, account):
            asked.append((base.id, account))

        for hook in (base_login_once, base_set_password):
            self.patch(type(self.env["clouder.driver"]), hook.__name__, hook)

    def _error(self, response):
        [box] = html.fromstring(response.text).cssselect(".o_clouder_error")
        return " ".join(box.text_content().split())

    def _buttons(self, base=None):
        page = html.fromstring(self.page(f"{URL}/{(base or self.mine).id}").text)
        forms = page.cssselect(f'form[action^="{URL}/"]')
        return {form.get("action").rsplit("/", 1)[1] for form in forms}

    def test_open_leads_in_as_the_power_user(self):
        response = self.ask(self.mine, "open")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(response.headers["Location"], WAY_IN)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(self.asked, [(self.mine.id, "mine@example.test")])

    def test_what_others_use_runs_on(self):
        response = self.ask(self.mine, "restart")
        self.assertTrue(response.headers["Location"].endswith("?done=relink"))
        self.assertIn("runs on", self.url_open(response.headers["Location"]).text)

    def test_restart(self):
        (self.shop.base_ids - self.mine).state = "purged"
        self.shop.own_base_id = self.mine
        response = self.ask(self.mine, "restart")
        self.assertEqual(response.status_code, 303)
        self.assertTrue(
            response.headers["Location"].endswith(f"{self.mine.id}?done=restart")
        )
        self.assertEqual(self.jobs(self.mine), ["restart"])
        job = self.mine._portal_jobs()
        self.assertEqual(job.user_id, self.anna)
        self.assertTrue(job._queued(), "nobody would run it")
        page = html.fromstring(self.url_open(response.headers["Location"]).text)
        self.assertTrue(page.cssselect(".o_clouder_done"))
        self.assertEqual(page.cssselect(".o_clouder_job")[0].get("data-live"), "1")

    def test_what_failed_can_be_restarted(self):
        self.mine.write({"state": "failed", "wanted": "running"})
        self.assertEqual(self._buttons(), {"restart", "delete"})
        self.assertEqual(self.ask(self.mine, "restart").status_code, 303)
        self.assertEqual(self.jobs(self.mine), ["restart"])

    def test_a_stop_that_failed_cannot_be_undone(self):
        self.mine.write({"state": "failed", "wanted": "stopped"})
        self.assertNotIn("restart", self._buttons())
        self.ask(self.mine, "restart")
        self.assertEqual(self.jobs(self.mine), [])

    def test_no_reset_from_what_is_gone(self):
        self.assertIn("reset", self._buttons())
        self.mine.reset_id.write({"state": "purged", "deployed_at": False})
        self.assertNotIn("reset", self._buttons())
        self.ask(self.mine, "reset", confirm=self.mine.fulldomain)
        self.assertEqual(self.jobs(self.mine), [])

    def test_reset_needs_the_address(self):
        for word in ("", "yes", self.his.fulldomain):
            response = self.ask(self.mine, "reset", confirm=word)
            self.assertEqual(response.status_code, 422)
            self.assertIn(self.mine.fulldomain, self._error(response))
        self.assertEqual(self.jobs(self.mine), [])
        response = self.ask(
            self.mine, "reset", confirm=f" {self.mine.fulldomain.upper()} "
        )
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.jobs(self.mine), ["reset"])

    def test_title(self):
        response = self.ask(self.mine, "title", title="Crêpes & Co")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.jobs(self.mine), ["deploy"])
        self.assertEqual(self.mine.title, "Crêpes & Co")

    def test_no_title_breaks_it(self):
        for title in (
            "",
            " ",
            "a\nb",
            "a\x00b",
            "\u202e",
            "\ud800".encode("utf-8", "surrogatepass"),
        ):
            with self.subTest(title=title):
                response = self.ask(self.mine, "title", title=title)
                self.assertIn(response.status_code, (303, 422))
                self._end_jobs()
                self.assertNotIn("\n", self.mine.title)
                self.assertNotIn("\x00", self.mine.title)
                self.assertTrue(self.mine.title.strip())

    def test_password_is_shown_this_once(self):
        response = self.ask(self.mine, "password")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        [shown] = html.fromstring(response.text).cssselect(".o_clouder_password")
        password = shown.text
        self.env.invalidate_all()
        self.assertEqual(self.mine._secret("poweruser_password"), password)
        self.assertEqual(self.asked, [(self.mine.id, "poweruser")])
        for path in (URL, f"{URL}/{self.mine.id}", "/my"):
            self.assertNotIn(password, self.page(path).text)
        self.assertNotIn(password, str(dict(self.session)))
        said = self.mine.message_ids.mapped("body")
        self.assertNotIn(password, str(said))

    def test_the_form_does_not_choose_the_account(self):
        self.ask(self.mine, "password", account="admin")
        self.ask(self.mine, "open", login="admin")
        self.assertEqual(
            self.asked,
            [(self.mine.id, "poweruser"), (self.mine.id, "mine@example.test")],
        )

    def test_deletion_and_its_taking_back(self):
        response = self.ask(self.mine, "delete", confirm="no")
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.mine.delete_on)
        response = self.ask(self.mine, "delete", confirm=self.mine.fulldomain)
        self.assertEqual(response.status_code, 303)
        self.env.invalidate_all()
        self.assertGreater(self.mine.delete_on, fields.Date.today())
        self.assertEqual(self.jobs(self.mine), ["suspend"])
        self._end_jobs("suspended")
        self.assertEqual(self._buttons(), {"keep"})
        self.assertEqual(self.ask(self.mine, "restart").status_code, 409)
        self.assertEqual(self.ask(self.mine, "keep").status_code, 303)
        self.env.invalidate_all()
        self.assertFalse(self.mine.delete_on)
        self.assertEqual(self.jobs(self.mine), ["resume", "suspend"])
        self.assertFalse(self.mine.activity_ids)

    def _end_jobs(self, state="running"):
        self.env.invalidate_all()
        for job in self.mine.active_job_id:
            job._end("done")
        self.mine.state = state
        self.env.flush_all()

    def test_a_deletion_is_told(self):
        self.anna.partner_id.lang = "en_US"
        mails = self.env["mail.mail"]
        before = mails.search([])
        self.ask(self.mine, "delete", confirm=self.mine.fulldomain)
        mail = (mails.search([]) - before).filtered(
            lambda one: one.subject == f"{self.mine.fulldomain} will be deleted"
        )
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.acme | self.anna.partner_id)
        self.assertIn(f"/my/instances/{self.mine.id}", mail.body_html)
        activity = self.mine.activity_ids
        self.assertEqual(activity.date_deadline, self.mine.delete_on)
        self.assertFalse(activity.user_id.share, "a customer sees no backend")

    def test_what_is_offered_is_what_is_done(self):
        """In no state a button is shown whose verb is refused, or the other way round."""
        self.env["clouder.base.alias"].create(
            {"base_id": self.mine.id, "name": "acme.test"}
        )
        self._end_jobs()
        every = {"open", "password", "restart", "reset", "title", "delete", "keep"}
        every |= {"domain", "domain-check", "domain-remove"}
        self.assertEqual(self._buttons() | {"keep"}, every, "the test knows all verbs")
        for state, _label in self.mine._fields["state"].selection:
            self.mine.write({"state": state, "wanted": "draft"})
            offered = self._buttons()
            with self.subTest(state=state):
                self.assertEqual(offered, self.mine._portal_verbs())
                for verb in every - offered:
                    self.assertEqual(self.ask(self.mine, verb).status_code, 409)
        self.assertFalse(self.asked)

    def test_nothing_is_begun_on_what_is_busy(self):
        self._job(self.mine, state="running")
        self.assertEqual(self._buttons(), {"open"})
        response = self.ask(self.mine, "restart")
        self.assertEqual(response.status_code, 409)
        self.assertIn("at the moment", self._error(response))

    def test_without_an_account_of_his_own_nobody_gets_the_administrators(self):
        self.mine.poweruser_name = False
        self.assertLessEqual({"open", "password"} & self._buttons(), set())
        self.assertEqual(self.ask(self.mine, "open").status_code, 409)
        self.assertFalse(self.asked)

    def test_the_machinery_is_not_explained(self):
        """And what was written before the failure is taken back."""
        errors = (
            EngineUnreachable("Node here (10.0.0.7) does not answer."),
            UserError("Service test-shop-exec is stopped: start it first."),
        )
        for error in errors:
            with (
                mock.patch.object(
                    self.env.registry["clouder.base"], "deploy", side_effect=error
                ),
                mute_logger(VERBS),
            ):
                response = self.ask(self.mine, "title", title="New")
            self.assertEqual(response.status_code, 422)
            self.assertNotIn("10.0.0.7", response.text)
            self.assertNotIn("test-shop", response.text)
            self.assertIn("could not be done", self._error(response))
            self.env.invalidate_all()
            self.assertEqual(self.mine.title, "Shop of mine")

    def test_every_form_is_sent_once(self):
        """But for the one that opens a new tab: its page stays, and can be used again."""
        self.env["clouder.base.alias"].create(
            {"base_id": self.mine.id, "name": "acme.test"}
        )
        self._end_jobs()
        running = self._once()
        self.assertEqual({verb for verb, once in running.items() if not once}, {"open"})
        self.assertLess({"password", "domain", "domain-check"}, set(running))
        self.mine.delete_on = fields.Date.today()
        self._end_jobs("suspended")
        self.assertEqual(self._once(), {"keep": True})

    def _once(self):
        """Return for each verb of the page whether its form is sent once."""
        page = html.fromstring(self.page(f"{URL}/{self.mine.id}").text)
        return {
            form.get("action").rsplit("/", 1)[1]: "o_clouder_once" in form.classes
            for form in page.cssselect(f'form[action^="{URL}/"]')
        }

    def test_done_says_only_what_it_knows(self):
        page = self.page(f"{URL}/{self.mine.id}", done="<b>Send money</b>")
        self.assertNotIn("Send money", page.text)


@tagged("post_install", "-at_install")
class TestPortalOwnership(PortalCase):
    """A second customer's ids, on every route: as if they did not exist."""

    def _answers(self, call):
        """Yield the answers for somebody else's base and for no base at all.

        A page repeats the address that was asked for: the number in it is the asker's own.
        """
        for base_id in (self.his.id, 2**31 - 1):
            status, headers, text = self.essence(call(base_id))
            address = rf"(instances(?:/|%2F)){base_id}\b"
            yield status, headers, re.sub(address, r"\1N", text)

    def _same(self, call):
        theirs, nobodys = self._answers(call)
        self.assertEqual(theirs, nobodys)
        return theirs[0]

    def _verbs(self):
        return (
            *("open", "password", "restart", "reset", "title", "delete", "keep"),
            *("domain", "domain-check", "domain-remove", "purge", "write", "__class__"),
        )

    def test_the_page(self):
        self.assertEqual(self._same(lambda one: self.page(f"{URL}/{one}")), 404)

    def test_the_jobs(self):
        job = self._job(self.his, state="done")
        status = self._same(lambda one: self.page(f"{URL}/{one}/jobs/{job.id}"))
        self.assertEqual(status, 404)

    def test_every_verb(self):
        before = self.his.read()[0]
        form = {"confirm": self.his.fulldomain, "title": "Mine now", "domain": "x.test"}
        for verb in self._verbs():
            with self.subTest(verb=verb):
                status = self._same(lambda one, verb=verb: self.ask(one, verb, **form))
                self.assertEqual(status, 404)
        self.env.invalidate_all()
        self.assertEqual(self.his.read()[0], before)
        self.assertEqual(self.jobs(self.his), [])

    def test_unknown_verbs_of_own_instances(self):
        for verb in ("purge", "write", "__class__", "unlink", "_open"):
            with self.subTest(verb=verb):
                self.assertEqual(self.ask(self.mine, verb).status_code, 404)

    def test_numbers_that_cannot_be_ids(self):
        for number in ("0", str(2**31), str(10**40), "-1", "1.5", "x"):
            with self.subTest(number=number):
                self.assertEqual(self.page(f"{URL}/{number}").status_code, 404)
                self.assertEqual(self.ask(number, "restart").status_code, 404)

    def test_the_public_is_asked_to_log_in_whatever_the_id(self):
        for base_id in (self.mine.id, 2**31 - 1):
            answers = [
                self.page(f"{URL}/{base_id}", None),
                self.page(f"{URL}/{base_id}/jobs/1", None),
                *(self.ask(base_id, verb, None) for verb in self._verbs()),
            ]
            for answer in answers:
                self.assertEqual(answer.status_code, 303)
                self.assertIn("/web/login", answer.headers["Location"])
        self.assertEqual(self.jobs(self.mine), [])

    @mute_logger("odoo.http")
    def test_every_verb_needs_the_token_of_the_session(self):
        for verb in self._verbs():
            for token in ("", "0" * 40 + "o9999999999"):
                with self.subTest(verb=verb, token=token):
                    answer = self.ask(self.mine, verb, csrf_token=token)
                    self.assertEqual(answer.status_code, 400)
        self.log_in("bob")
        foreign = http.Request.csrf_token(self)
        answer = self.ask(self.mine, "restart", csrf_token=foreign)
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.jobs(self.mine), [])

    def test_no_verb_is_carried_out_by_a_link(self):
        for verb in self._verbs():
            answer = self.page(f"{URL}/{self.mine.id}/{verb}")
            self.assertIn(answer.status_code, (404, 405))
        self.assertEqual(self.jobs(self.mine), [])
