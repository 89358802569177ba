from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clouder.models.customer import is_same_customer

ZONE_OUTCOMES = {"deploy": "served", "purge": "none"}
USED = ("deploying", "working", "broken", "withdrawing")


class ClouderDomain(models.Model):
    """The zone of a domain: where it is, and how it came there."""

    _name = "clouder.domain"
    _inherit = ["clouder.domain", "clouder.job.mixin"]

    zone_state = fields.Selection(
        [
            ("none", "No zone"),
            ("deploying", "Deploying"),
            ("served", "Served"),
            ("failed", "Failed"),
        ],
        string="Zone",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        help="Whether the DNS service answers for the names of this domain.",
    )
    zone_error = fields.Char(
        string="What is wrong", readonly=True, copy=False, help="In one sentence."
    )
    zone_service_id = fields.Many2one(
        "clouder.service",
        string="Served by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The DNS service that has the zone now.",
    )
    zone_deployed_at = fields.Datetime(string="Served since", readonly=True, copy=False)
    zone_records = fields.Json(
        readonly=True,
        copy=False,
        groups="clouder.group_administrator",
        help="The records of the zone itself, without those of its bases.",
    )
    zone_summary = fields.Text(
        string="Own records",
        compute="_compute_zone_summary",
        help="What the registrar of the domain has to know: its name servers, and the "
        "addresses of those that bear its name.",
    )
    wildcard_target = fields.Many2one(
        "clouder.service",
        string="Wildcard to",
        ondelete="restrict",
        index="btree_not_null",
        help="Names without records of their own point to this proxy. Empty: they do "
        "not exist.",
    )

    @api.depends("zone_records")
    def _compute_zone_summary(self):
        for domain in self:
            # sudo: counted for who may read the domain
            lines = domain.sudo().zone_records or []
            domain.zone_summary = "\n".join(" ".join(line) for line in lines)

    @api.constrains("wildcard_target")
    def _check_wildcard_target(self):
        # sudo: a check must see all that it is about
        for domain in self.sudo().filtered("wildcard_target"):
            if "proxy" not in domain.wildcard_target._tags():
                raise ValidationError(
                    self.env._(
                        "Service %s is no proxy: a wildcard cannot point to it.",
                        domain.wildcard_target.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        domains = super().create(vals_list)
        domains._deploy_new_zones()
        return domains

    def write(self, vals):
        if "dns_id" in vals:
            self._refuse_move(vals["dns_id"])
        result = super().write(vals)
        if vals.get("dns_id"):
            self._deploy_new_zones()
        return result

    def _refuse_move(self, service_id):
        # sudo: bases of others have names in a public domain
        for domain in self.sudo():
            held = domain.zone_service_id
            if held and held.id != service_id:
                raise UserError(
                    self.env._(
                        "The zone %(domain)s is on %(server)s: remove it there first, "
                        "then choose another DNS service.",
                        domain=domain.name,
                        server=held.name,
                    )
                )

    def _deploy_new_zones(self):
        """Queue the zones of domains whose DNS service runs already."""
        if self.env.context.get("clouder_no_deploy"):
            return
        # sudo: the writer changed the domain; jobs are written by Clouder alone
        for domain in self.sudo():
            if domain.dns_id.state == "running" and not domain.zone_service_id:
                domain._enqueue("deploy")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_served(self):
        # sudo: bases of others have names in a public domain
        for domain in self.sudo().filtered("zone_service_id"):
            raise UserError(
                self.env._(
                    "Domain %(domain)s still has a zone on %(server)s: remove the zone "
                    "first.",
                    domain=domain.name,
                    server=domain.zone_service_id.name,
                )
            )

    def deploy_zone(self):
        """Have the zones of these domains on their DNS services.

        :return: the id of the job, a list of ids for several domains
        :raise UserError: a domain has no DNS service, or is busy
        """
        for domain in self:
            if not domain.dns_id:
                raise UserError(
                    self.env._("Choose the DNS service of %s first.", domain.name)
                )
        return self._request_zone("deploy")

    def remove_zone(self):
        """Remove the zones of these domains from their DNS services.

        :return: the id of the job, a list of ids for several domains
        :raise UserError: bases use a zone, or a domain is busy
        """
        self.check_access("write")
        # sudo: checked above; bases of others have names in a public domain
        for domain in self.sudo():
            domain._refuse_used_zone()
            if not domain.zone_service_id and not domain.dns_id:
                raise UserError(self.env._("Domain %s has no zone.", domain.name))
        return self._request_zone("purge")

    def _request_zone(self, action):
        self.check_access("write")
        # sudo: checked above; jobs are written by Clouder alone
        jobs = [domain.sudo()._enqueue(action).id for domain in self]
        return jobs[0] if len(jobs) == 1 else jobs

    def action_deploy_zone(self):
        self.deploy_zone()
        return True

    def action_remove_zone(self):
        self.remove_zone()
        return True

    def _driver(self):
        service = self.zone_service_id or self.dns_id
        return self.env["clouder.driver"]._get(service.type_id.driver or "generic")

    def _job_node(self):
        return (self.zone_service_id or self.dns_id).node_id

    def _job_environment(self):
        return (self.zone_service_id or self.dns_id).environment_id

    def _job_started(self, job):
        if job.action not in ZONE_OUTCOMES:
            return super()._job_started(job)
        values = {"zone_error": False}
        if job.action == "deploy" and self.zone_state != "served":
            values["zone_state"] = "deploying"
        return self.write(values)

    def _job_retrying(self, job):
        if job.action not in ZONE_OUTCOMES:
            return super()._job_retrying(job)
        return self.write({"zone_error": job.error})

    def _job_ended(self, job):
        if job.action not in ZONE_OUTCOMES:
            return super()._job_ended(job)
        if job.state == "done":
            values = {"zone_error": False, "zone_state": ZONE_OUTCOMES[job.action]}
            if job.action == "purge":
                values |= {
                    "zone_service_id": False,
                    "zone_records": False,
                    "zone_deployed_at": False,
                }
        else:
            values = {"zone_error": job.error, "zone_state": "failed"}
        return self.write(values)

    def _note_zone(self, service, records):
        """Note that ``service`` serves the zone, where that is new.

        :param list records: what is in it besides the records of its bases
        """
        values = {"zone_service_id": service.id, "zone_state": "served"}
        values |= {"zone_error": False, "zone_records": records}
        now = {
            "zone_service_id": self.zone_service_id.id,
            "zone_state": self.zone_state,
            "zone_error": self.zone_error,
            "zone_records": self.zone_records,
        }
        changed = {name: new for name, new in values.items() if now[name] != new}
        if not self.zone_deployed_at:
            changed["zone_deployed_at"] = fields.Datetime.now()
        if changed:
            self.write(changed)

    def _note_zone_failed(self, reason):
        """Note why the zone is not as it should be, where that is new.

        :param str reason: one sentence
        """
        if (self.zone_state, self.zone_error) != ("failed", reason):
            self.write({"zone_state": "failed", "zone_error": reason})

    def _is_zone_wanted(self, service):
        """Tell whether ``service``, which was deployed, should have this zone now."""
        if self.zone_service_id:
            return self.zone_service_id == service
        return not self.last_job_id or self.last_job_id.action != "purge"

    def _zone_links(self):
        """Return the links of bases that may have records in the zone."""
        return self.env["clouder.base.link"].search(
            [
                ("base_id.domain_id", "in", self.ids),
                ("target", "in", self.zone_service_id.ids or self.dns_id.ids),
                ("state", "in", USED),
            ]
        )

    def _refuse_used_zone(self):
        links = self._zone_links()
        if links:
            raise UserError(
                self.env._(
                    "The zone %(domain)s cannot be removed: %(bases)s have their names "
                    "in it. Purge them first.",
                    domain=self.name,
                    bases=", ".join(links.base_id[:5].mapped("fulldomain")),
                )
            )

    def _settle_dns(self, service):
        """Take ``service`` for the DNS service of this domain, if it may be.

        :raise UserError: the domain has another one, or its manager has to choose one
        """
        if self.dns_id == service:
            return
        if self.dns_id:
            raise UserError(
                self.env._(
                    "The names of %(domain)s are on the DNS service %(right)s, not on "
                    "%(wrong)s: link the base to %(right)s.",
                    domain=self.name,
                    right=self.dns_id.name,
                    wrong=service.name,
                )
            )
        if self.public and not service.public:
            raise UserError(
                self.env._(
                    "The domain %(domain)s is for everybody, the DNS service %(server)s "
                    "is not: the domain's manager has to choose its DNS service.",
                    domain=self.name,
                    server=service.name,
                )
            )
        self.with_context(clouder_no_deploy=True).dns_id = service

    def _check_zone(self, service):
        """Refuse a zone within somebody else's one, or around it, on one server."""
        parts = self.name.split(".")
        parents = [".".join(parts[start:]) for start in range(1, len(parts))]
        around = self.search(
            [
                ("zone_service_id", "=", service.id),
                ("id", "!=", self.id),
                "|",
                ("name", "in", parents),
                ("name", "=like", f"%.{self.name}"),
            ]
        )
        other = around.filtered(
            lambda one: not is_same_customer(one.partner_id, self.partner_id)
        )[:1]
        if other:
            raise UserError(
                self.env._(
                    "%(server)s serves %(other)s, which belongs to somebody else: it "
                    "cannot serve %(domain)s too. Use another DNS service.",
                    server=service.name,
                    other=other.name,
                    domain=self.name,
                )
            )
