from odoo import api, models
from odoo.exceptions import AccessError, UserError

FIELDS = ("name", "title", "lang", "contact_name", "email", "options")


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
        :raise UserError: a value is missing or wrong, or the name is taken
        """
        if not self.env.user.has_group("clouder.group_deployer"):
            raise AccessError(self.env._("Only deployers can order for customers."))
        application = self._ordered_application(values.get("application"))
        environment = self._ordered_environment(values.get("environment"))
        typed = {name: values.get(name) for name in FIELDS}
        typed["lang"] = typed["lang"] or self.env.lang or "en_US"
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
            "service": order.service_id.id or 0,
            "job": order.job_id.id or 0,
        }

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
