from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.secrets import generate_password

from ..lib.identity import generate_key
from ..lib.tables import MailDomain

PASSWORD_LENGTH = 32


class ClouderBaseLink(models.Model):
    """The mail of a base: its domain, and the secrets that only the mail server needs."""

    _inherit = "clouder.base.link"

    mail_state = fields.Selection(
        [("served", "Served"), ("suspended", "Suspended")],
        string="Mail",
        readonly=True,
        copy=False,
        help="Suspended: mail for the domain waits at its senders until the base is "
        "started again.",
    )
    mail_domain = fields.Char(readonly=True, copy=False)
    mail_host = fields.Char(
        readonly=True, copy=False, help="Container that takes the mail of the base."
    )
    mail_port = fields.Integer(readonly=True, copy=False, aggregator=None)
    mail_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The mail was registered or withdrawn, and this was not yet published.",
    )
    # Only the mail server reads these: they have no field that shows them.
    mail_key_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    mail_password_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    mail_gateway_key_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )

    _mail_idx = models.Index("(target, id) WHERE mail_state IS NOT NULL")

    def _register_mail(self, backend):
        """Note the mail domain of this link's base, if it differs from what is noted.

        :param dict backend: what the base's driver said in ``base_backend``
        :return: :class:`~..lib.tables.MailDomain`
        :raise ValueRefused: a value that the mail server's tables must not hold
        """
        self.ensure_one()
        self._have_mail_secrets()
        values = {
            "mail_state": self._mail_state_wanted(),
            "mail_domain": self.base_id.fulldomain,
            "mail_host": backend["host"],
            "mail_port": backend["port"],
        }
        domain = self._mail_domain_of(values).check()
        self._write_mail(values)
        return domain

    def _refuse_own_domain(self, service):
        """Refuse the mail of a base under the domain that Clouder itself sends from.

        A base that has its mail there already keeps it.

        :param service: the mail server
        :raise UserError: the host name of the base is that domain
        """
        self.ensure_one()
        host = self.base_id.fulldomain
        if host != service._option("own_domain"):
            return
        if not self.mail_state or self.mail_domain != host:
            raise UserError(
                self.env._(
                    "%(service)s takes no mail for %(host)s: Clouder itself sends from "
                    "this domain (option own_domain). Give the base another name, or "
                    "the option another domain.",
                    service=service.name,
                    host=host,
                )
            )

    def _have_mail_secrets(self):
        """Generate what is not there yet: the keys stay the same from then on."""
        makers = {
            "mail_key": generate_key,
            "mail_password": lambda: generate_password(PASSWORD_LENGTH),
            "mail_gateway_key": lambda: generate_password(PASSWORD_LENGTH),
        }
        values = {
            f"{name}_encrypted": self._encrypt(make())
            for name, make in makers.items()
            if not self._secret(name)
        }
        if values:
            # sudo: a job keeps what it made; the fields are Clouder's own
            self.sudo().write({**values, "mail_pending": True})

    def _withdraw_mail(self):
        """Take the domain back. The secrets of a base that is gone go with it."""
        self.ensure_one()
        self._write_mail({"mail_state": False})
        if self.base_id.wanted == "purged":
            # sudo: a job forgets what it made; the fields are Clouder's own
            self.sudo().write(
                {
                    "mail_key_encrypted": False,
                    "mail_password_encrypted": False,
                    "mail_gateway_key_encrypted": False,
                }
            )

    def _suspend_mail(self):
        """Have mail for a stopped base wait at its senders, so that none is lost.

        One that is suspended goes on, and takes its mail.
        """
        if self.mail_state:
            self._write_mail({"mail_state": self._mail_state_wanted()})

    def _mail_state_wanted(self):
        return "suspended" if self.base_id.wanted == "stopped" else "served"

    def _write_mail(self, values):
        changed = {
            name: new
            for name, new in values.items()
            if (self[name] or False) != (new or False)
        }
        if changed:
            self.write({**changed, "mail_pending": True})

    def _mail_domain(self):
        """Return what the mail server has to know of this link's base."""
        self.ensure_one()
        return self._mail_domain_of(self)

    def _mail_domain_of(self, values):
        return MailDomain(
            domain=values["mail_domain"],
            password=self._secret("mail_password") or "",
            key=self._secret("mail_key") or "",
            gateway_key=self._secret("mail_gateway_key") or "",
            host=values["mail_host"] if values["mail_state"] == "served" else "",
            port=values["mail_port"],
        )

    def _is_published(self):
        """Tell whether this link has mail, or had some that may still be served."""
        mailed = bool(self.target and (self.mail_state or self.mail_pending))
        return super()._is_published() or mailed
