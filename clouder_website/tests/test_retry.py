from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestRetry(WebsiteCase):
    """After an outage all that failed is tried again at once."""

    def setUp(self):
        super().setUp()
        self.failed = self.orders
        for number in range(2):
            order = self.ordered(number)
            self.run_job(order.base_id.active_job_id, broken="base_create_database")
            self.failed += order
        self.under_way = self.ordered(2)

    def ordered(self, number):
        name = f"acme{number}"
        order, _progress = self.order_and_confirm(
            name=name, email=f"{name}@customer.test"
        )
        return order

    def admin(self, orders):
        return orders.with_user(self.env.ref("base.user_admin"))

    def told(self, orders):
        """Press Retry for ``orders``; return the parameters of the message."""
        action = self.admin(orders).action_retry()
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]

    def test_several_give_a_list_of_jobs(self):
        jobs = self.admin(self.failed).retry()
        self.assertEqual(jobs, self.failed.base_id.mapped("last_job_id").ids)
        self.assertEqual(set(self.failed.mapped("state")), {"deploying"})

    def test_one_gives_its_job(self):
        job = self.admin(self.failed[0]).retry()
        self.assertEqual(job, self.failed[0].base_id.last_job_id.id)

    def test_a_script_has_all_of_them_or_none(self):
        words = f"{self.under_way.name} did not fail"
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            self.admin(self.failed + self.under_way).retry()
        self.assertEqual(set(self.failed.mapped("state")), {"failed"})

    def test_the_button_says_that_all_go_on(self):
        params = self.told(self.failed)
        self.assertEqual((params["type"], params["sticky"]), ("success", False))
        self.assertEqual(params["message"], "2 of 2 go on.")
        self.assertEqual(set(self.failed.mapped("state")), {"deploying"})

    def test_what_cannot_go_on_stops_no_other_and_is_told(self):
        purged = self.failed[0]
        purged.base_id.write({"state": "purged", "wanted": "purged"})
        params = self.told(self.under_way + self.failed)
        self.assertEqual(self.failed.mapped("state"), ["cancelled", "deploying"])
        self.assertEqual((params["type"], params["sticky"]), ("warning", True))
        first, *others = params["message"].split("\n")
        self.assertEqual(first, "1 of 3 go on.")
        self.assertEqual(len(others), 2)
        self.assertIn(f"{self.under_way.display_name}: Order", others[0])
        self.assertIn("did not fail", others[0])
        self.assertIn(f"{purged.display_name}: The instance was removed", others[1])

    def test_one_that_is_refused_leaves_nothing_half_done(self):
        bases = self.env.registry["clouder.base"]
        original, bad = bases.deploy, self.failed[0].base_id

        full = UserError("The queue is full.")

        def deploy(base):
            if base == bad:
                raise full
            return original(base)

        self.patch(bases, "deploy", deploy)
        params = self.told(self.failed)
        self.assertEqual(self.failed.mapped("state"), ["failed", "deploying"])
        self.assertTrue(self.failed[0].activity_ids)
        self.assertIn("The queue is full.", params["message"])

    def test_the_reason_of_one_alone_is_an_error(self):
        with self.assertRaisesRegex(UserError, "did not fail"):
            self.admin(self.under_way).action_retry()

    def test_the_list_has_the_button(self):
        arch = self.admin(self.orders).get_view(view_type="list")["arch"]
        names = etree.fromstring(arch).xpath("//header/button/@name")
        self.assertEqual(names, ["action_retry"])
