import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.clouder.models.job import ACTIVE_STATES


class ClouderOrder(models.Model):
    """What becomes of an order when the job of its instance ends.

    An instance that runs is the customer's only when he reaches it: until then its order
    is under way, and somebody is asked to look.
    """

    _inherit = "clouder.order"

    def _follow(self):
        """Bring these orders to what their instances are now."""
        for order in self:
            if order.state in ("deploying", "failed") and order._is_given_up():
                order._give_up()
            elif order.base_id.state == "running" and order.state != "running":
                order._note_made()
            elif order.base_id.state == "failed" and order.state == "deploying":
                order._fail(order.base_id.error or "")

    def _note_made(self):
        """Note that the instance runs; it is ready when nothing keeps visitors out."""
        closed = self.base_id._closed_ways()
        if not closed:
            self._note_running()
        elif self.state == "deploying" and not self.error:
            self._note_unreachable(closed[0])

    def _note_unreachable(self, link):
        """Note that nobody reaches the instance, which runs; ask somebody to look.

        The order goes on by itself when ``link``, to the proxy, works.
        """
        state = link._fields["state"].convert_to_export(link.state, link)
        self.error = self.env._(
            "%(host)s runs, but nobody reaches it: its link to %(proxy)s does not work "
            "(%(reason)s). It is set up again by itself; when that does not help, look at "
            "the proxy.",
            host=self.host,
            proxy=link.target.name,
            reason=link.reason or state,
        )
        self._ask_somebody(
            self.env._("Order %s cannot be reached", self.display_name), self.error
        )
        self._send_mail("clouder_website.mail_template_failed")

    def _note_running(self):
        """Note that the instance answers, and tell who ordered it."""
        self.write(
            {
                "state": "running",
                "running_at": fields.Datetime.now(),
                "error": False,
                "failed_step": False,
            }
        )
        self._activities().unlink()
        self._send_mail("clouder_website.mail_template_running")

    def _fail(self, reason):
        """Note that it did not work; ask somebody to look, and tell who ordered."""
        steps = self.base_id.last_job_id.step_ids
        failed = steps.filtered(lambda step: step.state == "failed")[:1]
        known = self.state == "failed"
        self.write(
            {"state": "failed", "error": reason, "failed_step": failed.name or False}
        )
        self._ask_somebody(self.env._("Order %s failed", self.display_name), reason)
        if not known:
            self._send_mail("clouder_website.mail_template_failed")

    def _ask_somebody(self, summary, reason):
        """Have somebody look at this order, once for all that is wrong with it."""
        if self._activities():
            return
        self.activity_schedule(
            "clouder_website.mail_activity_type_order",
            summary=summary,
            note=reason,
            user_id=self._responsible().id,
        )

    def _is_given_up(self):
        """Tell whether somebody purged the base of this order, or began to."""
        return "purged" in (self.base_id.state, self.base_id.wanted)

    def _give_up(self):
        """Cancel this order: what was purged on purpose does not come back."""
        told = self._for_customer()
        self._cancel(
            told.env._("The instance was removed: order again, or write to us.")
        )
        self._tell_cancelled()

    def _for_customer(self):
        """Return this order with its customer's language: he reads what is said of it."""
        installed = dict(self.env["res.lang"].get_installed())
        lang = self.visitor_lang
        return self.with_context(lang=lang) if lang in installed else self

    def _tell_cancelled(self):
        """Tell who waits for this order that it is cancelled; nobody has to look at it."""
        self._activities().unlink()
        self._send_mail("clouder_website.mail_template_cancelled")

    def _activities(self):
        """Return what somebody was asked to do about this order."""
        kind = self.env.ref("clouder_website.mail_activity_type_order")
        return self.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def _responsible(self):
        """Return who looks after this order: the application's manager, else an admin.

        A manager without the role of one does not see the order.
        """
        managers = self.application_id.partner_id.user_ids.filtered(
            lambda user: user.has_group("clouder.group_application_manager")
        )
        return managers[:1] or self.env.ref("base.user_admin")

    def retry(self):
        """Go on with failed orders where they stopped.

        What was purged on purpose does not come back: its order is cancelled.

        :return: the id of the job (int), 0 when none could be queued; a list of ids for
            several orders
        :raise UserError: an order did not fail, or its application cannot be ordered; then
            none goes on
        """
        self.check_access("write")
        user = self.env.user
        # sudo: checked above; the order's fields and its base's jobs are Clouder's own
        orders = self.sudo()
        jobs = [order._retry(promised=order._is_run_by(user)) for order in orders]
        return jobs[0] if len(jobs) == 1 else jobs

    def _is_run_by(self, user):
        """Tell whether ``user`` runs what was ordered: its manager, or an administrator."""
        manager = self.application_id.partner_id
        return user.partner_id == manager or user.has_group(
            "clouder.group_administrator"
        )

    def _retry(self, promised=False):
        """Go on with this failed order: its record if there is one, else from the start.

        An application that is off the website cancels nothing here: it may come back, and
        somebody was asked to look at the order.

        :param bool promised: see :meth:`_check_orderable`
        """
        if self.state != "failed":
            raise UserError(
                self.env._(
                    "Order %s did not fail: there is nothing to retry.", self.name
                )
            )
        if self._is_given_up():
            self._give_up()
            return 0
        base = self.base_id
        if base.state == "running" and not base._closed_ways():
            self._note_running()
            return base.last_job_id.id or 0
        self._check_orderable(promised)
        self._hold_again()
        if not base:
            self._for_customer()._carry_out(promised)
            if self.state == "cancelled":
                self._tell_cancelled()
            return self.base_id.last_job_id.id or 0
        self.state = "deploying"
        if base.last_job_id.state not in ACTIVE_STATES:
            base.deploy()
        return base.last_job_id.id or 0

    def _hold_again(self):
        """Reserve the name of this failed order again.

        :raise UserError: it was given to somebody else since
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.write({"state": "confirmed", "error": False, "failed_step": False})
        except psycopg2.errors.UniqueViolation as error:
            raise UserError(
                self.env._(
                    "The name %s was ordered by somebody else meanwhile.", self.host
                )
            ) from error
