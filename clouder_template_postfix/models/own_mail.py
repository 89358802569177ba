from odoo import api, fields, models

from odoo.addons.clouder.lib.secrets import generate_password

from ..lib.hosts import ValueRefused, check_domain
from ..lib.identity import generate_key
from ..lib.records import dns_records
from ..lib.tables import MailDomain
from .clouder_base_link import PASSWORD_LENGTH

PORT = "submission"


class ClouderService(models.Model):
    """What Clouder itself sends through a mail server, such as the mails of orders.

    The option ``own_domain`` says from which domain. It has a login, a limit and a key
    like the domain of a base; mail to it is taken elsewhere.
    """

    _inherit = "clouder.service"

    own_mail_server_id = fields.Many2one(
        "ir.mail_server",
        string="Clouder's own mail",
        readonly=True,
        copy=False,
        groups="clouder.group_administrator",
        help="The outgoing mail server through which Clouder sends from the domain of "
        "the option own_domain.",
    )
    own_mail_records = fields.Text(
        string="DNS of Clouder's own mail",
        compute="_compute_own_mail_records",
        groups="clouder.group_administrator",
        help="What the DNS of that domain has to say, so that its mail is believed.",
    )
    # Only the mail server reads these: they have no field that shows them.
    own_mail_key_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    own_mail_password_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )

    @api.depends("own_mail_server_id")
    def _compute_own_mail_records(self):
        for service in self:
            # sudo: the server is for administrators, as this field is
            domain = service.sudo().own_mail_server_id.from_filter
            service.own_mail_records = domain and service._own_records(domain)

    def _own_records(self, domain):
        """Return the records that are to be put into the DNS of ``domain``, as text.

        Who takes its mail (MX) is for the owner of the domain to say.
        """
        key = self._own_secret("own_mail_key")
        try:
            records = dns_records(domain, domain, self._mail_senders(), key)
        except ValueRefused as error:
            return str(error)
        return "\n".join(
            f"{f'{name}.' if name else ''}{domain}. {kind} {value}"
            for name, kind, value in records
            if kind != "MX"
        )

    def _own_mail(self):
        """Return what this server has to know of Clouder's own domain, None without one.

        Login and key are generated when they are first asked for.

        :raise UserError: the domain is none, or is the one of a base, or the server is
            not for everybody
        """
        self.ensure_one()
        domain = self._option("own_domain")
        if not domain:
            return None
        self._check_own_domain(domain)
        for name, make in (
            ("own_mail_key", generate_key),
            ("own_mail_password", lambda: generate_password(PASSWORD_LENGTH)),
        ):
            if not self._own_secret(name):
                token = self.env["clouder.secret.mixin"]._encrypt(make())
                # sudo: a job keeps what it made; the fields are Clouder's own
                self.sudo()[f"{name}_encrypted"] = token
        return MailDomain(
            domain=domain,
            password=self._own_secret("own_mail_password"),
            key=self._own_secret("own_mail_key"),
            gateway_key="",
            host="",
            port=0,
            incoming=False,
        )

    def _own_secret(self, name):
        """Return the clear value of a secret of Clouder's own mail, False for none."""
        # sudo: only the mail server reads these, in jobs of who may deploy it
        token = self.sudo()[f"{name}_encrypted"]
        return self.env["clouder.secret.mixin"]._decrypt(token)

    def _check_own_domain(self, domain):
        """Refuse a domain from which Clouder cannot send its own mail here."""
        try:
            check_domain(domain)
        except ValueRefused as error:
            raise self._mail_refused(error) from error
        if not self.public:
            # Whoever may change the options of a customer's server must not read, by
            # way of it, what Clouder writes to everybody.
            raise self._mail_refused(
                self.env._("Clouder sends its own mail through a public service only.")
            )
        if domain in self._mail_links().mapped("mail_domain"):
            raise self._mail_refused(
                self.env._("%s is the domain of one of its bases.", domain)
            )

    def _use_own_mail(self, own):
        """Have Odoo send from Clouder's own domain through this server, or no longer.

        :param own: what :meth:`_own_mail` returned
        """
        # sudo: the settings of Clouder's own mail follow the option
        service = self.sudo()
        if not own:
            service.own_mail_server_id.unlink()
            return
        host, port = service._runner().port_address(service, PORT)
        values = {
            "name": service.name,
            "from_filter": own.domain,
            "smtp_host": host,
            "smtp_port": port,
            "smtp_encryption": "starttls",
            "smtp_authentication": "login",
            "smtp_user": own.login,
            "smtp_pass": own.password,
        }
        if service.own_mail_server_id:
            service.own_mail_server_id.write(values)
        else:
            service.own_mail_server_id = service.env["ir.mail_server"].create(values)
        service._have_sender(own.domain)

    def _have_sender(self, domain):
        """Let what has no other sender come from Clouder's own domain."""
        company = self.env.company
        if not company.alias_domain_id:
            known = self.env["mail.alias.domain"].search([("name", "=", domain)])
            company.alias_domain_id = known or known.create({"name": domain})
