from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..lib.visitor import is_text

FIELDS = ("name", "title", "lang", "contact_name", "email", "options")
TEXTS = (
    "application",
    "name",
    "domain",
    "email",
    "contact_name",
    "title",
    "lang",
    "environment",
)


def _is_text_or_nothing(value):
    return value is None or value is False or is_text(value)


class ClouderOrder(models.Model):
    """Orders by scripts."""

    _inherit = "clouder.order"

    @api.model
    def order(self, values):
        """Order an instance for a customer; it is confirmed and deployed at once.

        A deployer orders into an environment of his own; only an administrator may leave
        the environment out: then the customer is found by e-mail, or made.

        :param dict values: ``application`` (code), ``name``, ``domain`` (its name; may be
            left out when there is one only), ``email``, ``contact_name``, and if wanted
            ``title``, ``lang``, ``environment`` (prefix), ``options`` (name to value)
        :return: ``{"order", "base", "service", "job"}``: ids, 0 for none
        :raise AccessError: the user is no deployer, or the environment is not his
        :raise UserError: a value is missing or wrong, the name is taken, the account
            with that e-mail is not the customer's, or he had the trial
        """
        if not self.env.user.has_group("clouder.group_deployer"):
            raise AccessError(self.env._("Only deployers can order for customers."))
        self._check_kinds(values)
        application = self._ordered_application(values.get("application"))
        environment = self._ordered_environment(values.get("environment"))
        typed = {name: values.get(name) for name in FIELDS}
        typed["lang"] = typed["lang"] or self._usual_lang(application)
        typed["terms"] = True
        typed["domain"] = self._ordered_domain(application, values.get("domain"))
        # sudo: checked above: a deployer, a published application, his environment
        order = self.sudo()._place(
            application,
            typed,
            environment_id=environment.id,
            partner_id=environment.partner_id.id,
            user_id=environment.partner_id.user_ids[:1].id,
            visitor_lang=self.env.lang,
        )
        order._accept()
        if order.state == "cancelled":
            raise UserError(order.error)
        return {
            "order": order.id,
            "base": order.base_id.id or 0,
            "service": order.base_id.service_id.id or 0,
            "job": order.job_id.id or 0,
        }

    @api.model
    def _usual_lang(self, application):
        """Return the caller's language when it is offered, else the first that is."""
        codes = [code for code, _name in application._web_languages()]
        return self.env.lang if self.env.lang in codes else codes[0]

    @api.model
    def _check_kinds(self, values):
        """Refuse what is no dict of texts, with a dict of options in it.

        :raise UserError: names what is of the wrong kind
        """
        if not isinstance(values, dict):
            raise UserError(self.env._("Give a dict of values: name to text."))
        wrong = [name for name in TEXTS if not _is_text_or_nothing(values.get(name))]
        options = values.get("options") or {}
        if not isinstance(options, dict) or not all(
            isinstance(one, int | float) or _is_text_or_nothing(one)
            for one in options.values()
        ):
            wrong.append("options")
        if wrong:
            raise UserError(
                self.env._("These values must be text: %s.", ", ".join(wrong))
            )

    @api.model
    def _ordered_application(self, code):
        """Return the application (sudo) with ``code`` that an order can be made of."""
        application = self._web_application(code)
        if not application:
            raise UserError(
                self.env._("There is no application “%s” to order.", code or "")
            )
        return application

    @api.model
    def _web_application(self, code):
        """Return the application (sudo) in the catalogue with ``code``; may be empty."""
        return self.env["clouder.application"]._web_catalogue(str(code or ""))

    @api.model
    def _ordered_environment(self, prefix):
        """Return the environment (sudo) with ``prefix``, one that the user may write."""
        environments = self.env["clouder.environment"]
        if not prefix:
            if not self.env.user.has_group("clouder.group_administrator"):
                raise AccessError(
                    self.env._("Name the environment that the order goes to.")
                )
            return environments
        environment = environments.search([("prefix", "=", str(prefix))], limit=1)
        if not environment:
            raise UserError(
                self.env._("You have no environment with the prefix “%s”.", prefix)
            )
        environment.check_access("write")
        # sudo: checked above; the order is for its customer, whose account is looked up
        return environment.sudo()

    @api.model
    def _ordered_domain(self, application, name):
        """Return the id (text) of the domain called ``name`` among those to choose."""
        if not name:
            return ""
        chosen = application._web_domains().filtered(lambda one: one.name == name)
        return str(chosen.id or name)
