import secrets

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.models import job_context
from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.instance import LOGIN_PATH, outcome, token_digest
from .odoo import ADDON

LOGIN_MINUTES = 10
DONE = "done"


class ClouderDriverOdoo(models.AbstractModel):
    """The accounts of a base: a one-time way in, and new passwords."""

    _inherit = "clouder.driver.odoo"

    @api.private
    def base_login_once(self, base, login):
        """Leave the digest of a token in the base's database; its page takes the token.

        An earlier token of the same account opens nothing any more.
        """
        service, database = base.service_id._exec_service(), base._database()
        token = secrets.token_urlsafe(32)
        job_context.know_secret(token)
        own = login == base.poweruser_name
        values = {
            "account": "poweruser" if own else "administrator",
            "digest": token_digest(database, token),
            "minutes": LOGIN_MINUTES,
        }
        script = (
            sql.connect(database, self._database_facts(service)["user"])
            + sql.parameters(values)
            + (ADDON / "sql/login.sql").read_text()
        )
        if outcome(self._sql(service, script)) != DONE:
            raise UserError(
                self.env._(
                    "%(base)s has no active account %(login)s any more.",
                    base=base.fulldomain,
                    login=login,
                )
            )
        return f"{base.url}{LOGIN_PATH}#{token}"

    @api.private
    def base_set_password(self, base, account):
        """Write it as its hash; the sessions of the account end with that."""
        self.base_configure(base)
