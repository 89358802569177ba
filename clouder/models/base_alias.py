import secrets

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import str2bool

from ..lib import lookup, names
from ..lib.errors import ClouderError
from .customer import is_same_customer
from .job import ACTIVE_STATES
from .job_queue import QueueFull

WWW = "www."
PROOF_LABEL = "_clouder"
PROOF_PARAMETER = "clouder.alias_without_proof"
RESOLVER_PARAMETER = "clouder.resolver"
ANSWERING = ("running", "suspended")
MOST = 20
LOOK_HOURS = {"waiting": 1, "broken": 6, "working": 24}
BATCH = 100
NO_CERTIFICATE = {"cert_cert": False, "cert_key": False, "cert_renewal_date": False}


class ClouderBaseAlias(models.Model):
    """A host name of the customer's own under which a base answers, too."""

    _name = "clouder.base.alias"
    _inherit = [
        "clouder.derived.mixin",
        "clouder.reference.mixin",
        "clouder.secret.mixin",
    ]
    _description = "Own Domain"
    _order = "base_id, name"

    base_id = fields.Many2one(
        "clouder.base", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(
        string="Host name", required=True, help="Such as www.example.com."
    )
    www = fields.Boolean(
        string="Both forms",
        help="The same name with www. in front, or without it, is redirected to this one.",
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("working", "Working"), ("broken", "Broken")],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
    )
    reason = fields.Char(
        readonly=True, copy=False, help="Why it does not work, or what it waits for."
    )
    token = fields.Char(
        string="Proof",
        readonly=True,
        copy=False,
        help="What the owner of the domain writes into its DNS.",
    )
    checked_at = fields.Datetime(string="DNS looked at", readonly=True, copy=False)
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

    _name_uniq = models.Constraint(
        "UNIQUE (base_id, name)", "The base has this host name already."
    )
    _working_uniq = models.UniqueIndex(
        "(name) WHERE state = 'working'", "Another base answers under this host name."
    )
    _look_idx = models.Index("(state, checked_at)")

    @api.constrains("name", "www")
    def _check_name(self):
        for alias in self:
            for name in alias._names():
                alias._check_host(name)
                alias._check_foreign(name)

    def _check_host(self, name):
        try:
            names.check_host(name)
        except names.NameRefused as error:
            raise ValidationError(str(error)) from error

    def _check_foreign(self, name):
        """Refuse names that Clouder gives away itself."""
        above = name.split(".")
        tails = [".".join(above[start:]) for start in range(len(above) - 1)]
        # sudo: domains of others count; only the name of the one above is told
        domain = self.env["clouder.domain"].sudo().search([("name", "in", tails)])
        if domain:
            raise ValidationError(
                self.env._(
                    "%(name)s lies in the domain %(domain)s, in which bases have their "
                    "names: it cannot be an own domain.",
                    name=name,
                    domain=domain[:1].name,
                )
            )

    @api.constrains("base_id")
    def _check_number(self):
        # sudo: a check must see all that it is about
        for base in self.base_id.sudo():
            if len(base.alias_ids) > MOST:
                raise ValidationError(
                    self.env._("A base has at most %s own domains.", MOST)
                )

    def _names(self):
        """Return the host names of this line, the one that answers first."""
        self.ensure_one()
        bare = (self.name or "").removeprefix(WWW)
        other = bare if bare != self.name else f"{WWW}{bare}"
        return [self.name, other] if self.www else [self.name]

    def _proven_name(self):
        """Return the name whose owner must show that he wants this."""
        return min(self._names(), key=len)

    def dns_records(self):
        """Return what the owner of the domain has to write into its DNS.

        :return: list of ``{"name", "type", "value"}``
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: checked above; the proxies and their nodes may be another customer's
        known = self.sudo()
        records = [
            {"name": name, "type": "AAAA" if ":" in address else "A", "value": address}
            for name in known._names()
            for address in known.base_id._visible_addresses()
        ]
        if self._wants_proof():
            name = f"{PROOF_LABEL}.{known._proven_name()}"
            records.append({"name": name, "type": "TXT", "value": known.token})
        return records

    @api.model
    def _wants_proof(self):
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        return not str2bool(parameters.get_param(PROOF_PARAMETER) or "False")

    @api.model
    def _resolver(self):
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        return lookup.parse_server(parameters.get_param(RESOLVER_PARAMETER) or "")

    @api.model_create_multi
    def create(self, vals_list):
        aliases = super().create(vals_list)
        # sudo: a line just created by the user; the proof is Clouder's own
        for alias in aliases.sudo():
            alias.token = f"clouder-{secrets.token_hex(16)}"
        # sudo: the writer changed the line; jobs are written by Clouder alone
        aliases.base_id.sudo()._look_at_aliases()
        return aliases

    def write(self, vals):
        renamed = {"name", "www", "base_id"} & set(vals)
        if "base_id" in vals and any(one.base_id.id != vals["base_id"] for one in self):
            raise UserError(self.env._("An own domain stays with its base."))
        result = super().write(vals)
        if renamed:
            # sudo: the writer changed the name; state and certificate are Clouder's own
            self.sudo().write({"state": "waiting", "reason": False, **NO_CERTIFICATE})
            # sudo: the writer changed the line; jobs are written by Clouder alone
            self.base_id.sudo()._look_at_aliases()
        return result

    def unlink(self):
        # sudo: the writer removes the line; jobs are written by Clouder alone
        bases = self.base_id.sudo()
        result = super().unlink()
        bases._look_at_aliases()
        return result

    def check(self):
        """Look now whether these names lead here, and serve those that do.

        :return: the id of the job (int), a list of ids for the aliases of several bases
        :raise UserError: a base does not run, or is busy with something else
        """
        self.base_id.check_access("write")
        # sudo: checked above; jobs are written by Clouder alone
        jobs = [base._check_aliases_now() for base in self.base_id.sudo()]
        return jobs[0] if len(jobs) == 1 else jobs

    def action_check(self):
        self.check()
        return True

    def _look(self):
        """See whether these names lead here, and note it; called in a job of the base."""
        for alias in self:
            try:
                with self.env.cr.savepoint():
                    alias._check_leads_here()
                    alias._note("working")
            except psycopg2.errors.UniqueViolation:
                alias._note("waiting", alias._taken())
            except lookup.LookupFailed as error:
                if error.certain or alias.state != "working":
                    alias._note_not(str(error))
            except ClouderError as error:
                alias._note_not(str(error))

    def _note_not(self, reason):
        self._note("waiting" if self.state == "waiting" else "broken", reason)

    def _note(self, state, reason=False):
        self.write(
            {"state": state, "reason": reason, "checked_at": fields.Datetime.now()}
        )
        if reason:
            self.env["clouder.job"]._log(f"{self.name}: {reason}", "warning")

    def _taken(self):
        return self.env._("Another base answers under %s.", self.name)

    def _check_leads_here(self):
        """See that DNS leads to the proxy, and that the owner wants this base there.

        :raise LookupFailed: it does not
        """
        server, base = self._resolver(), self.base_id
        wanted = base._visible_addresses()
        for name in self._names():
            lookup.check_leads_to(name, wanted, server)
        other = self.search(
            [("name", "=", self.name), ("state", "=", "working"), ("id", "!=", self.id)]
        )
        if other:
            raise lookup.LookupFailed(self._taken())
        if self._wants_proof():
            self._check_proof(server)

    def _check_proof(self, server):
        name, host = self._proven_name(), self.base_id.fulldomain
        known = self.state != "waiting" or not self._had_another()
        if known and host in lookup.other_names(name, server):
            return
        if self.token in lookup.texts(f"{PROOF_LABEL}.{name}", server):
            return
        raise lookup.LookupFailed(
            self.env._(
                "%(name)s leads here, but nothing shows that its owner wants that: "
                "%(label)s.%(name)s has no TXT record %(token)s.",
                name=name,
                label=PROOF_LABEL,
                token=self.token,
            )
        )

    def _had_another(self):
        """Tell whether the host name of the base, or this one, was another customer's.

        A CNAME that he left to it says nothing about whom he trusts now.
        """
        # sudo: whether others had it is all that is told
        base = self.base_id.sudo()
        former = base.search(
            [("fulldomain", "=", base.fulldomain), ("state", "=", "purged")]
        )
        bare = self.name.removeprefix(WWW)
        # sudo: whose they are decides; nothing of them is told
        lines = self.sudo().search([("name", "in", [bare, f"{WWW}{bare}"])])
        customer = base.environment_id.partner_id
        return any(
            not is_same_customer(customer, one.environment_id.partner_id)
            for one in former | lines.base_id
        )

    @api.model
    def _cron_look(self):
        """Look again at the names that were not looked at for long."""
        now = fields.Datetime.now()
        due = Domain.OR(
            Domain("state", "=", state)
            & (
                Domain("checked_at", "=", False)
                | Domain("checked_at", "<", fields.Datetime.subtract(now, hours=hours))
            )
            for state, hours in LOOK_HOURS.items()
        )
        # A busy base would keep its place at the front, and with it others from theirs.
        busy = Domain("job_ids", "any", Domain("state", "in", ACTIVE_STATES))
        aliases = self.search(
            due
            & Domain("base_id.state", "in", ANSWERING)
            & Domain("base_id", "not any", busy),
            order="checked_at nulls first, id",
            limit=BATCH,
        )
        for base in aliases.base_id:
            if not base._for_upkeep()._look_at_aliases():
                break
            if not self.env["ir.cron"]._commit_progress(1):
                break


class ClouderBase(models.Model):
    """The own domains of a base, looked at by a job that changes nothing else of it."""

    _inherit = "clouder.base"

    alias_ids = fields.One2many("clouder.base.alias", "base_id", string="Own domains")

    def _visible_addresses(self):
        """Return the addresses at which visitors find the proxies of this base."""
        proxies = self.link_ids.target.filtered(lambda one: "proxy" in one._tags())
        return [
            address for node in proxies.node_id for address in node._public_addresses()
        ]

    def _check_aliases_now(self):
        """Queue the look at the own domains; return the id of the job."""
        if self.state not in ANSWERING:
            raise UserError(self.env._("%s does not run.", self.fulldomain))
        return self._enqueue("aliases").id

    def _look_at_aliases(self):
        """Queue the look at the own domains of those bases that can be reached now.

        One that is busy is looked at by the next cron.

        :return: whether the queue takes more
        """
        for base in self.filtered(lambda one: one.state in ANSWERING):
            try:
                base._enqueue("aliases")
            except QueueFull:
                return False
            except UserError as error:
                self.env["clouder.job"]._log(str(error))
        return True

    def _job_started(self, job):
        return None if job.action == "aliases" else super()._job_started(job)

    def _job_retrying(self, job):
        return None if job.action == "aliases" else super()._job_retrying(job)

    def _job_ended(self, job):
        """Leave the base alone, whatever became of its own domains."""
        return None if job.action == "aliases" else super()._job_ended(job)

    def _forget_deployment(self, action):
        """Leave the own domains to whoever their owners want to have them next."""
        result = super()._forget_deployment(action)
        self.alias_ids.write({"state": "waiting", "reason": False})
        return result

    @api.constrains("name", "domain_id")
    def _check_no_alias(self):
        for base in self:
            # sudo: bases of others have own domains, too; only whether the name is one is told
            taken = self.env["clouder.base.alias"].sudo()
            if taken.search_count([("name", "=", base.fulldomain)], limit=1):
                raise ValidationError(
                    self.env._("%s is the own domain of a base.", base.fulldomain)
                )
