from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .order_values import OrderRefused

HOST_UNIQUE = "clouder_base_fulldomain_uniq"


class ClouderOrder(models.Model):
    """From the confirmed order to the base whose job deploys the instance."""

    _inherit = "clouder.order"

    def _carry_out(self, promised=False):
        """Make the instance of a confirmed order.

        What cannot be had (the application, the name, one more instance) cancels the
        order; anything else fails it, for somebody to look at.

        :param bool promised: see :meth:`_check_orderable`
        """
        self.ensure_one()
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._check_orderable(promised)
                self._hold_customer()
                self._check_trial()
                self._assign_customer()
                self._check_limit()
                self._make_base()
        except OrderRefused as error:
            self._cancel(str(error))
        except psycopg2.errors.UniqueViolation as error:
            if error.diag.constraint_name != HOST_UNIQUE:
                raise
            self._cancel(self.env._("Somebody else took this name meanwhile."))
        except UserError as error:
            self._fail(str(error))

    def _check_orderable(self, promised=False):
        """Refuse to make what was taken off the website since it was ordered.

        Whoever runs the application may still keep a promise: he took it off for those
        who come later. But what is archived, or is made by no order any more, nobody has
        made: there is nothing that says where it would go.

        :param bool promised: the order was accepted, and who runs the application goes on
            with it
        :raise OrderRefused: says so to who ordered
        :raise UserError: says so to who runs the application
        """
        application = self.application_id
        if application._is_orderable():
            return
        if not promised:
            raise OrderRefused(
                self.env._(
                    "%s cannot be ordered any more: look at what else there is, or write "
                    "to us.",
                    application._web_name(),
                )
            )
        if not application._is_made_by_orders():
            raise UserError(
                self.env._(
                    "Order %(order)s cannot go on: %(application)s is archived, or its "
                    "orders create nothing. Change that on its tab Website and try again, "
                    "or cancel the order.",
                    order=self.name,
                    application=application.name,
                )
            )

    def _cancel(self, reason):
        self.write({"state": "cancelled", "error": reason})

    def _make_base(self):
        """Create the base that was ordered; that queues its job."""
        # sudo: what a visitor ordered is made by Clouder: his account has no rights to make it
        environment = self.env(user=SUPERUSER_ID, context=self._base_context())
        bases = self.base_id.with_env(environment)
        self.base_id = bases.create(self._base_values()).id
        self.state = "deploying"
        # A full queue leaves the record failed at once.
        self._follow()

    def _base_context(self):
        """Return the context in which the instance is made: the steps' names are shown."""
        lang = self.visitor_lang or self.env.lang
        return {**self.env.context, "lang": lang} if lang else self.env.context

    def _base_values(self):
        values = {
            "name": self.base_name,
            "domain_id": self.domain_id.id,
            "environment_id": self.environment_id.id,
            "application_id": self.application_id.id,
            "title": self.title,
            "lang": self.lang,
            "poweruser_name": self.email,
            "poweruser_email": self.email,
            "option_ids": self._option_commands(),
        }
        if self.application_id.web_create_type == "service":
            values["service_id"] = False
        elif self.application_id.web_reset_id._has_data():
            values["reset_id"] = self.application_id.web_reset_id.id
        days = self.application_id.web_trial_days
        if days:
            values["trial_end"] = fields.Date.today() + timedelta(days=days)
        return values

    def _option_commands(self):
        """Return the commands for the options that the visitor chose."""
        chosen = self.options or {}
        return [
            Command.create({"name": option.id, "value": chosen[option.name]})
            for option in self.application_id.web_option_ids
            if option.name in chosen
        ]
