from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import names
from ..lib.errors import NameRefused
from ..lib.secrets import generate_password

# What the databases of a base, and what was set up around them, depend on.
PLACE = {"name", "domain_id", "service_id", "environment_id", "application_id"}


class ClouderBase(models.Model):
    """One tenant: a URL and its databases inside a service."""

    _name = "clouder.base"
    _inherit = ["clouder.hosted.mixin", "clouder.backup.mixin", "clouder.secret.mixin"]
    _description = "Base"
    _order = "fulldomain"
    _rec_name = "fulldomain"
    _rec_names_search = ["fulldomain", "title"]

    name = fields.Char(
        required=True,
        help="First part of the host name; www stands for the bare domain.",
    )
    domain_id = fields.Many2one(
        "clouder.domain", required=True, ondelete="restrict", index=True
    )
    fulldomain = fields.Char(
        string="Host name",
        compute="_compute_fulldomain",
        store=True,
        precompute=True,
        index="trigram",
    )
    url = fields.Char(string="URL", compute="_compute_url")
    environment_id = fields.Many2one(
        "clouder.environment", required=True, ondelete="restrict", index=True
    )
    application_id = fields.Many2one(
        "clouder.application", required=True, ondelete="restrict", index=True
    )
    type_id = fields.Many2one(related="application_id.type_id", store=True, index=True)
    service_id = fields.Many2one(
        "clouder.service",
        ondelete="restrict",
        index=True,
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
        help="Empty: a service is deployed for this base on the application's next node.",
    )
    node_id = fields.Many2one(related="service_id.node_id")
    title = fields.Char(required=True, default="My instance")
    admin_name = fields.Char(
        string="Administrator login",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    admin_email = fields.Char(
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    admin_password = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_deployer",
        copy=False,
        help="Empty: one is generated.",
    )
    admin_password_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    poweruser_name = fields.Char(
        string="Power user login", help="A second account, for who asked for the base."
    )
    poweruser_email = fields.Char()
    poweruser_password = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_deployer",
        copy=False,
        help="Empty: one is generated.",
    )
    poweruser_password_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    build = fields.Selection(
        [("none", "Nothing"), ("build", "Build"), ("restore", "Restore")],
        default="build",
        required=True,
    )
    ssl_only = fields.Boolean(
        string="HTTPS only", help="Plain HTTP is redirected to HTTPS."
    )
    test = fields.Boolean(string="Demonstration data")
    lang = fields.Selection(
        "_selection_lang",
        string="Language",
        default="en_US",
        required=True,
    )
    option_ids = fields.One2many("clouder.base.option", "base_id", copy=True)
    link_ids = fields.One2many("clouder.base.link", "base_id", copy=True)
    reset_id = fields.Many2one(
        "clouder.base",
        string="Reset from",
        ondelete="set null",
        index="btree_not_null",
        help="The base whose neutralised copy replaces this one's data.",
    )
    reset_each_day = fields.Boolean()
    backup_ids = fields.Many2many(
        "clouder.service",
        "clouder_base_backup_rel",
        "base_id",
        "backup_id",
        string="Backup services",
        compute="_compute_backup_ids",
        store=True,
        readonly=False,
    )
    code_digest = fields.Char(
        readonly=True, copy=False, export_string_translation=False
    )
    remains = fields.Boolean(
        readonly=True,
        copy=False,
        help="What a first deployment made before it failed could not be taken away.",
    )
    driver_state = fields.Json(
        readonly=True,
        copy=False,
        groups="clouder.group_administrator",
        help="What the driver notes about the base; no secrets.",
    )
    cert_key = fields.Text(
        string="Certificate key",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_deployer",
        copy=False,
    )
    cert_key_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    cert_cert = fields.Text(string="Certificate", copy=False)
    cert_renewal_date = fields.Date(copy=False)

    _fulldomain_uniq = models.UniqueIndex(
        "(fulldomain) WHERE state != 'purged'", "This host name is already taken."
    )
    _state_idx = models.Index("(environment_id, state)")
    _name_valid = models.Constraint(
        "CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')",
        "The name of a base has lowercase letters, digits and inner hyphens only.",
    )

    @api.model
    def _selection_lang(self):
        """Return all languages: a base may speak one that Clouder itself does not."""
        languages = self.env["res.lang"].with_context(active_test=False)
        # sudo: names of languages are no secret, and not all are active
        return [(lang.code, lang.name) for lang in languages.sudo().search([])]

    @api.depends("name", "domain_id.name")
    def _compute_fulldomain(self):
        for base in self:
            domain = base.domain_id.name or ""
            parts = [domain] if base.name == "www" else [base.name, domain]
            base.fulldomain = ".".join(filter(None, parts))

    @api.depends("fulldomain", "ssl_only", "link_ids.target")
    def _compute_url(self):
        for base in self:
            base.url = base._public_url()

    @api.depends("application_id")
    def _compute_from_application(self):
        for base in self:
            application = base.application_id
            base.service_id = application.next_service_id
            base.admin_name = application.admin_name or "admin"
            base.admin_email = application.admin_email
            base.update(base._backup_values("base"))

    @api.depends("application_id")
    def _compute_backup_ids(self):
        for base in self:
            base.backup_ids = base.application_id.base_backup_ids

    @api.constrains("name", "domain_id")
    def _check_name(self):
        for base in self:
            try:
                names.check_base_name(base.name)
                names.base_fulldomain(base.name, base.domain_id.name)
                base._databases()
            except NameRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("admin_name", "poweruser_name", "admin_email", "poweruser_email")
    def _check_accounts(self):
        for base in self:
            try:
                for login in (base.admin_name, base.poweruser_name):
                    if login:
                        names.check_login(login)
                for email in (base.admin_email, base.poweruser_email):
                    if email:
                        names.check_email(email)
            except NameRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("title")
    def _check_title(self):
        for base in self:
            try:
                names.check_title(base.title)
            except NameRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("application_id", "service_id")
    def _check_service(self):
        for base in self:
            application = base.application_id
            if not application.base:
                raise ValidationError(
                    self.env._("Application %s cannot have bases.", application.name)
                )
            service = base.service_id
            if service and service.type_id != application.type_id:
                raise ValidationError(
                    self.env._(
                        "Service %(service)s runs %(type)s: it cannot host a base of "
                        "%(application)s.",
                        service=service.name,
                        type=service.type_id.name,
                        application=application.name,
                    )
                )

    @api.model
    def _apply_fields(self):
        return {
            "title",
            "ssl_only",
            "admin_name",
            "admin_email",
            "poweruser_name",
            "poweruser_email",
            "cert_cert",
            "cert_key_encrypted",
        }

    @api.model_create_multi
    def create(self, vals_list):
        bases = super().create(vals_list)
        # sudo: who may create a base may have it filled in from the application
        bases.sudo()._autofill()
        bases._deploy_new()
        return bases

    def write(self, vals):
        for base in self if PLACE & set(vals) else ():
            base._refuse_move(vals)
        return super().write(vals)

    def _refuse_move(self, vals):
        there = self.state not in ("draft", "purged") and self.deployed_at
        if not (there or self.remains or self._busy_jobs()):
            return
        for name in sorted(PLACE & set(vals)):
            old = self[name]
            if (old.id if isinstance(old, models.BaseModel) else old) != vals[name]:
                raise UserError(
                    self.env._(
                        "The %(field)s of base %(base)s cannot be changed while it is "
                        "deployed, or a job works on it: its databases depend on it. "
                        "Purge it first.",
                        field=self._fields[name].string.lower(),
                        base=self.fulldomain,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_deployed(self):
        for base in self:
            if base.state not in ("draft", "purged"):
                raise UserError(
                    self.env._(
                        "Base %s is still deployed: purge it first.", base.fulldomain
                    )
                )

    def _generate_passwords(self):
        """Give the accounts without a password a generated one."""
        for base in self:
            if not base._secret("admin_password"):
                # sudo: the field is for deployers; here the value is our own
                base.sudo().admin_password = generate_password()
            if base.poweruser_name and not base._secret("poweruser_password"):
                # sudo: the field is for deployers; here the value is our own
                base.sudo().poweruser_password = generate_password()

    def purge(self):
        """Remove these bases: databases, files, links; after that, with its data, the
        service that was made for one and serves nobody else.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a base is busy with another action, or its name is another's
        """
        self._check_host_free()
        return self._request("purge", "purged")

    def deploy(self):
        self._check_host_free()
        return super().deploy()

    def _successor(self):
        """Return the base that has the host name of this purged one by now, or none."""
        if self.state != "purged":
            return self.browse()
        # sudo: the host name may be that of another customer's base
        return self.sudo().search(
            [
                ("fulldomain", "=", self.fulldomain),
                ("state", "!=", "purged"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )

    def _check_host_free(self):
        """Refuse to work on a purged base whose host name is another one's by now."""
        for base in self:
            if base._successor():
                raise UserError(
                    self.env._(
                        "The host name %s was given to another base after this one was "
                        "purged: nothing of it is touched. Give this base another name, "
                        "or delete it.",
                        base.fulldomain,
                    )
                )

    def _job_started(self, job):
        self._check_host_free()
        return super()._job_started(job)

    def action_open_url(self):
        """Open the base in a new browser tab."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}
