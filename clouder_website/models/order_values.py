from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

from odoo.addons.clouder.lib import names
from odoo.addons.clouder.lib.errors import NameRefused

from ..lib.visitor import links

TEXT_LIMIT = 200


class OrderRefused(UserError):
    """What was typed cannot be ordered; ``field`` tells which input is meant."""

    def __init__(self, message, field=""):
        super().__init__(message)
        self.field = field


class ClouderOrder(models.Model):
    """What a visitor typed, brought to the values of an order."""

    _inherit = "clouder.order"

    @api.model
    def _clean_values(self, application, typed, own=None):
        """Return the values of an order made of what somebody typed.

        :param application: ``clouder.application``, sudo
        :param dict typed: name, domain, title, lang, contact_name, email, terms,
            options (dict): text each, nothing of it checked so far
        :param own: orders whose names the visitor may order anew
        :raise OrderRefused: the first thing that is not as it must be
        """
        domain = self._clean_domain(application, typed.get("domain"))
        name = (typed.get("name") or "").strip().lower()
        self._check_name_free(application, name, domain, own)
        return {
            "application_id": application.id,
            "domain_id": domain.id,
            "base_name": name,
            "title": self._clean_title(typed.get("title") or name),
            "lang": self._clean_lang(application, typed.get("lang")),
            "contact_name": self._clean_contact(typed.get("contact_name")),
            "email": self._clean_email(typed.get("email")),
            "options": self._clean_options(application, typed.get("options") or {}),
            "terms_accepted_at": self._clean_terms(application, typed.get("terms")),
        }

    @api.model
    def _clean_domain(self, application, typed):
        """Return the domain with the id ``typed``; the only one when there is one."""
        domains = application._web_domains()
        chosen = domains.filtered(lambda domain: str(domain.id) == str(typed or ""))
        if not chosen and len(domains) == 1 and not typed:
            chosen = domains
        if not chosen:
            raise OrderRefused(self.env._("Choose one of the domains."), "domain")
        return chosen

    @api.model
    def _clean_title(self, typed):
        try:
            return names.check_title(str(typed).strip())
        except NameRefused as error:
            raise OrderRefused(
                self.env._("The title is one line of 200 characters at most."), "title"
            ) from error

    @api.model
    def _clean_lang(self, application, typed):
        languages = dict(application._web_languages())
        if typed not in languages:
            raise OrderRefused(
                self.env._(
                    "Choose one of the languages: %s.", ", ".join(languages.values())
                ),
                "lang",
            )
        return typed

    @api.model
    def _clean_contact(self, typed):
        text = " ".join(str(typed or "").split())
        try:
            if len(text) > 120:
                raise NameRefused("too long")
            names.check_title(text)
        except NameRefused as error:
            raise OrderRefused(
                self.env._("Write your name, 120 characters at most."), "contact_name"
            ) from error
        # It stands in mails that leave from our domain.
        if links(text):
            raise OrderRefused(
                self.env._("Write your name without an address in it."), "contact_name"
            )
        return text

    @api.model
    def _clean_email(self, typed):
        text = str(typed or "").strip().lower()
        try:
            names.check_login(text)
            return names.check_email(text)
        except NameRefused as error:
            raise OrderRefused(
                self.env._("Write an e-mail address such as jane@example.com."), "email"
            ) from error

    @api.model
    def _clean_terms(self, application, typed):
        if is_html_empty(application.web_terms):
            return False
        if not typed:
            raise OrderRefused(self.env._("Accept the terms, please."), "terms")
        return fields.Datetime.now()

    @api.model
    def _clean_options(self, application, typed):
        """Return the chosen options as text by name; what is not offered is left out."""
        chosen = {}
        for option in application.web_option_ids:
            text = str(typed.get(option.name) or "").strip()
            if len(text) > TEXT_LIMIT or not text.isprintable():
                raise OrderRefused(
                    self.env._("%s: one short line of text, please.", option.name),
                    f"option_{option.name}",
                )
            try:
                text = option._clean(text)
            except ValidationError as error:
                raise OrderRefused(str(error), f"option_{option.name}") from error
            if text:
                chosen[option.name] = text
        return chosen
