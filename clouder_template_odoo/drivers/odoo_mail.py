from odoo import api, models

from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.mail import mail_parameters, outcome
from ..lib.recipe import shell_command
from .odoo import ADDON

BASE_LINK = "clouder.base.link"
MISSING = "account"


class ClouderDriverOdoo(models.AbstractModel):
    """The mail of a base: its server for the way out, its gateway for the way in."""

    _inherit = "clouder.driver.odoo"

    @api.private
    def link_consume(self, link, facts):
        """Have the base use its mail server. Other links need nothing inside of it."""
        super().link_consume(link, facts)
        if self._is_mail(link):
            for database in link.base_id._databases().values():
                self._use_mail(link.base_id, database, facts)

    @api.private
    def link_forget(self, link):
        """Have the base without mail again; one whose data is gone has none."""
        super().link_forget(link)
        if not self._is_mail(link):
            return
        base = link.base_id
        service = base.service_id._exec_service()
        target = self._database_link(service).target
        if not target or target.state == "purged":
            return
        present = target._driver().database_list(target._exec_service())
        for database in base._databases().values():
            if database in present:
                self._forget_mail(service, database)

    @api.model
    def _is_mail(self, link):
        return link._name == BASE_LINK and "mail" in link.target._tags()

    @api.model
    def _use_mail(self, base, database, facts):
        """Write mail server, domain and key into a database, as its owner.

        The account that takes the mail comes with the template. A database that has the
        module ``mail`` since later gets it now.
        """
        service = base.service_id._exec_service()
        script = self._mail_script(service, database, facts)
        if outcome(self._sql(service, script)) != MISSING:
            return
        self._odoo(
            service,
            shell_command(database),
            self.env._("Preparing %s for mail failed", database),
            stdin=self._script(("mail_account", "mail_only"), self._mail_action()),
        )
        self._sql(service, script)

    @api.model
    def _mail_script(self, service, database, facts):
        return (
            sql.connect(database, self._database_facts(service)["user"])
            + sql.parameters(mail_parameters(facts))
            + (ADDON / "sql/mail.sql").read_text()
            + sql.connect("postgres", "postgres")
        )

    @api.model
    def _forget_mail(self, service, database):
        """Take mail server and keys out of a database, whoever they belonged to."""
        self._sql(
            service,
            sql.connect(database, self._database_facts(service)["user"])
            + (ADDON / "sql/mail_forget.sql").read_text()
            + sql.connect("postgres", "postgres"),
        )

    @api.model
    def _mail_action(self):
        """Return what the scripts about the account find in ``PARAMETERS``."""
        return {"action": (ADDON / "scripts/mail_action.py").read_text()}

    @api.model
    def _neutralise(self, service, database):
        """A copy keeps no login and no key of the base that it was copied from."""
        result = super()._neutralise(service, database)
        self._forget_mail(service, database)
        return result
