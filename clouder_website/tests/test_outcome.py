from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.clouder.lib.errors import CommandFailed

from ..models.order_values import OrderRefused
from .common import VISITOR, WebsiteCase

REASON = "Base needs a link to: a proxy at 10.0.0.1."


@tagged("post_install", "-at_install")
class TestOutcome(WebsiteCase):
    """What who ordered, and the administrator, are told when it ends."""

    def failed_order(self):
        order, progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id, broken="base_create_database")
        return self.last_order(), progress

    def state(self, progress):
        return self.url_open(f"{progress}/state").json()

    def test_a_failure_is_told_without_the_inside(self):
        order, progress = self.failed_order()
        self.assertEqual(order.state, "failed")
        page = self.page(progress).text_content()
        self.assertIn("It did not work.", page)
        self.assertIn("It stopped at: Create the database.", page)
        state = self.state(progress)
        self.assertEqual(state["state"], "failed")
        self.assertNotIn("secret", page + str(state))
        self.assertIn("is delayed", self.mails()[:1].subject)
        self.assertNotIn("secret", self.mails()[:1].body_html)

    def test_the_administrator_gets_an_activity(self):
        order, _progress = self.failed_order()
        activity = order.activity_ids
        self.assertEqual(activity.user_id, self.env.ref("base.user_admin"))
        self.assertIn(order.name, activity.summary)

    def test_the_manager_of_the_application_gets_it_and_sees_the_order(self):
        manager, other = (
            new_test_user(self.env, login, groups="clouder.group_application_manager")
            for login in ("manager", "other")
        )
        self.app_shop.partner_id = manager.partner_id
        order, _progress = self.failed_order()
        self.assertEqual(order.activity_ids.user_id, manager)
        known = order.with_user(manager)
        self.assertEqual(known.email, VISITOR["email"])
        self.assertTrue(known.read(["job_id", "base_id", "error"]))
        with self.assertRaises(AccessError):
            order.with_user(other).read(["email"])
        with self.assertRaises(AccessError):
            order.with_user(other).retry()
        self.assertTrue(known.with_context(clouder_no_deploy=False).retry())
        self.assertEqual(order.state, "deploying")

    def test_a_manager_without_the_role_does_not_see_it(self):
        user = new_test_user(self.env, "plain", groups="clouder.group_deployer")
        self.app_shop.partner_id = user.partner_id
        order, _progress = self.failed_order()
        self.assertEqual(order.activity_ids.user_id, self.env.ref("base.user_admin"))

    def test_what_was_purged_does_not_come_back(self):
        order, progress = self.failed_order()
        order.base_id.write({"state": "purged", "wanted": "purged"})
        self.click_verb(progress, "retry")
        order = self.last_order()
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(order.base_id.state, "purged")
        self.assertFalse(order.base_id.active_job_id)
        self.assertFalse(order.activity_ids)
        self.assertIn("was removed", self.page(progress).text_content())
        self.assert_told_cancelled("The instance was removed")

    def assert_told_cancelled(self, reason=""):
        """See that the newest mail tells who ordered that the order is cancelled."""
        mail = self.mails()[:1]
        host = self.last_order().host
        self.assertEqual(mail.subject, f"Your order of {host} is cancelled")
        self.assertIn(reason, mail.body_html)
        self.assertNotIn("secret", mail.body_html)

    def test_a_purge_ends_the_order(self):
        order, _progress = self.failed_order()
        base = order.base_id.with_context(clouder_no_deploy=False)
        base.purge()
        self.run_job(base.active_job_id)
        self.assertEqual(self.last_order().state, "cancelled")
        self.assert_told_cancelled("The instance was removed")

    def test_the_reason_is_in_the_language_of_who_ordered(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["clouder_website"], ["fr_FR"])
        order, _progress = self.failed_order()
        order.visitor_lang = "fr_FR"
        order.with_context(lang="en_US")._give_up()
        mail = self.mails()[:1]
        self.assertIn("est annulée", mail.subject)
        self.assertIn("a été supprimée", mail.body_html)

    def test_a_retry_that_cannot_be_tells_who_ordered(self):
        self.send()
        bases = self.env.registry["clouder.base"]
        orders = self.env.registry["clouder.order"]

        def refuse(_self):
            raise ValidationError(REASON)

        def refuse_customer(_self):
            raise OrderRefused("You have enough of them.")

        self.patch(bases, "_check_links", refuse)
        self.click(self.confirm_path())
        order = self.last_order()
        self.assertEqual(order.state, "failed")
        self.patch(orders, "_check_limit", refuse_customer)
        order.retry()
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.activity_ids)
        self.assert_told_cancelled("You have enough of them.")

    def test_an_order_nobody_confirmed_is_cancelled_in_silence(self):
        self.send()
        count = len(self.mails())
        self.last_order().action_cancel()
        self.assertEqual(self.last_order().state, "cancelled")
        self.assertEqual(len(self.mails()), count, "the address may be anybody's")

    def test_a_failed_order_is_taken_back(self):
        order, progress = self.failed_order()
        order.with_user(self.env.ref("base.user_admin")).action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.activity_ids)
        self.assertEqual(order.base_id.state, "failed")
        self.assert_told_cancelled()
        self.assertFalse(self.state(progress)["can_retry"])

    def test_the_page_is_there_for_some_days(self):
        order, progress = self.order_and_confirm()
        order.confirmed_at = fields.Datetime.subtract(fields.Datetime.now(), days=31)
        self.page(progress, status=404)
        self.page(f"{progress}/state", status=404)
        parameters = self.env["ir.config_parameter"]
        for days, status in ((40, 200), (20, 404), (0, 200)):
            parameters.set_param("clouder.order_progress_days", days)
            self.page(progress, status=status)

    def test_retry_brings_the_same_order_to_its_end(self):
        order, progress = self.failed_order()
        base = order.base_id
        response = self.click_verb(progress, "retry")
        self.assertEqual(response.headers["Location"], progress)
        order = self.last_order()
        self.assertEqual(order.state, "deploying")
        self.assertEqual(order.base_id, base)
        self.run_job(base.active_job_id)
        order = self.last_order()
        self.assertEqual(order.state, "running")
        self.assertFalse(order.error)
        self.assertFalse(order.activity_ids)
        self.assertEqual(self.state(progress)["url"], base.url)

    def click_verb(self, progress, verb):
        token = self.token(self.page(progress))
        return self.url_open(
            f"{progress}/{verb}", data={"csrf_token": token}, allow_redirects=False
        )

    def test_a_base_mended_in_the_backend_ends_the_order(self):
        order, _progress = self.failed_order()
        order.base_id.with_context(clouder_no_deploy=False).deploy()
        self.run_job(order.base_id.active_job_id)
        self.assertEqual(self.last_order().state, "running")

    def test_an_order_that_could_not_begin_is_tried_from_the_start(self):
        self.send()
        bases = self.env.registry["clouder.base"]

        def refuse(_self):
            raise ValidationError(REASON)

        with self.subTest("fails"):
            self.patch(bases, "_check_links", refuse)
            progress = self.click(self.confirm_path()).headers["Location"]
            order = self.last_order()
            self.assertEqual(order.state, "failed")
            self.assertFalse(order.base_id)
            self.assertFalse(order.user_id)
            self.assertIn("10.0.0.1", order.error)
            page = self.page(progress).text_content()
            self.assertIn("It could not be started.", page)
            self.assertNotIn("10.0.0.1", page)
        self.patch(bases, "_check_links", lambda _self: None)
        order.retry()
        self.assertEqual(order.state, "deploying")
        self.assertTrue(order.base_id)

    def test_what_did_not_fail_is_not_retried(self):
        order, progress = self.order_and_confirm()
        with self.assertRaisesRegex(UserError, "did not fail"):
            order.retry()
        response = self.click_verb(progress, "retry")
        self.assertTrue(response.headers["Location"].endswith("?told=retry"))

    def test_a_name_given_away_meanwhile_is_not_taken_back(self):
        self.send()
        bases = self.env.registry["clouder.base"]

        def refuse(_self):
            raise ValidationError(REASON)

        original = bases._check_links
        self.patch(bases, "_check_links", refuse)
        self.click(self.confirm_path())
        order = self.last_order()
        self.patch(bases, "_check_links", original)
        self.send(email="other@customer.test")
        with self.assertRaisesRegex(UserError, "somebody else"):
            order.retry()

    def test_the_way_in_works_once(self):
        order, progress = self.order_and_confirm()
        calls = []

        def base_login_once(_driver, base, login):
            calls.append((base.id, login))
            return "http://acme.example.test/once"

        driver = type(self.env["clouder.driver"])
        self.patch(driver, "base_login_once", base_login_once)
        self.assertFalse(self.state(progress)["can_enter"])
        self.run_job(order.base_id.active_job_id)
        self.assertTrue(self.state(progress)["can_enter"])
        response = self.click_verb(progress, "enter")
        self.assertEqual(response.headers["Location"], "http://acme.example.test/once")
        response = self.click_verb(progress, "enter")
        self.assertTrue(response.headers["Location"].endswith("?told=enter"))
        self.assertEqual(calls, [(order.base_id.id, VISITOR["email"])])

    def test_an_instance_that_does_not_answer_is_told_without_the_inside(self):
        order, progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id)

        def base_login_once(*_args):
            raise CommandFailed(["secret-argv"], 1, "secret-tail")

        driver = type(self.env["clouder.driver"])
        self.patch(driver, "base_login_once", base_login_once)
        response = self.click_verb(progress, "enter")
        told = response.headers["Location"]
        self.assertTrue(told.endswith("?told=unreachable"), told)
        page = self.page(told).text_content()
        self.assertIn("does not answer at the moment", page)
        self.assertNotIn("secret", page)
        self.assertTrue(self.state(progress)["can_enter"], "it was not used up")

    def test_the_mail_leads_a_new_customer_to_a_password(self):
        order, _progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id)
        body = self.mails()[:1].body_html
        self.assertIn("/web/signup?", body)
        self.assertIn(order.base_id.url, body)

    def test_a_trial_has_an_end(self):
        self.app_shop.web_trial_days = 15
        order, _progress = self.order_and_confirm()
        days = (order.base_id.trial_end - order.confirmed_at.date()).days
        self.assertEqual(days, 15)
