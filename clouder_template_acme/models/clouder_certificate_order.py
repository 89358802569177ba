import datetime

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clouder.models.customer import customer_of

from ..lib import budget

WEEK = datetime.timedelta(days=7)
HOURS = datetime.timedelta(hours=3)
# After the end of a certificate the authority may forget its names in time: one for them
# that is asked for later than this is a new one.
RENEWABLE = datetime.timedelta(days=30)
KEEP_DAYS = 400


class ClouderCertificateOrder(models.Model):
    """One time that an authority was asked for a certificate; the budget counts them."""

    _name = "clouder.certificate.order"
    _description = "Certificate Order"
    _order = "id desc"
    _rec_name = "names"

    names = fields.Char(required=True, readonly=True, help="The host names, sorted.")
    registered = fields.Char(
        string="Registered domain",
        required=True,
        readonly=True,
        help="What the authority's limits count by.",
    )
    authority_id = fields.Many2one(
        "clouder.service", readonly=True, ondelete="set null", index="btree_not_null"
    )
    base_id = fields.Many2one(
        "clouder.base", readonly=True, ondelete="set null", index="btree_not_null"
    )
    domain_id = fields.Many2one(
        "clouder.domain", readonly=True, ondelete="set null", index="btree_not_null"
    )
    alias_id = fields.Many2one(
        "clouder.base.alias",
        string="Own domain",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    environment_id = fields.Many2one(
        "clouder.environment",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Whose share of the budget it counts against.",
    )
    renewal = fields.Boolean(
        readonly=True,
        help="This authority issued a certificate for the very same names before: "
        "budget_domain does not count this one.",
    )
    state = fields.Selection(
        [("asked", "Asked"), ("issued", "Issued"), ("failed", "Failed")],
        default="asked",
        required=True,
        readonly=True,
    )
    asked_at = fields.Datetime(
        default=fields.Datetime.now, required=True, readonly=True
    )
    ended_at = fields.Datetime(readonly=True)
    expires_at = fields.Datetime(string="Valid until", readonly=True)
    fingerprint = fields.Char(string="Fingerprint (SHA-256)", readonly=True)
    error = fields.Char(string="Why it failed", readonly=True)

    _registered_idx = models.Index("(registered, asked_at)")
    _authority_idx = models.Index("(authority_id, asked_at)")

    @api.model
    def _budget_lock(self, authority):
        """Return the name of the lock under which the budget is looked at.

        All that is counted was asked of one authority, for whatever domain.
        """
        return f"certificate budget of {authority._name},{authority.id}"

    @api.model
    def _ask(self, record, authority, names):
        """Note that ``authority`` is going to be asked for a certificate of ``record``.

        The caller holds :meth:`_budget_lock`.

        :param record: base or domain
        :return: the order
        :raise BudgetSpent: it was asked often enough
        """
        values = record._order_values() | {
            "names": " ".join(sorted(names)),
            "registered": budget.registered_domain(names[0]),
            "authority_id": authority.id,
            "partner_id": customer_of(record._certificate_customer()).id,
        }
        order = self.new(values)
        order.renewal = order._renews()
        for use in order._uses():
            budget.check(use)
        return self.create(values | {"renewal": order.renewal})

    def _renews(self):
        """Tell whether the authority issued a certificate for the very same names lately."""
        since = fields.Datetime.now() - RENEWABLE
        issued = Domain("authority_id", "=", self.authority_id.id) & Domain(
            "state", "=", "issued"
        )
        same = Domain("registered", "=", self.registered) & Domain(
            "names", "=", self.names
        )
        ends = Domain("expires_at", ">", since)
        return bool(self.search_count(issued & same & ends, limit=1))

    def _uses(self):
        """Yield the limits that this order counts against, the narrowest first.

        Authorities let renewals pass the limit of a domain: else the certificates of a
        large one would run out, however few new ones are asked for.
        """

        def limit(name):
            return max(int(self.authority_id._option(name) or 0), 0)

        now = fields.Datetime.now()
        counted = Domain("authority_id", "=", self.authority_id.id)
        week = (
            counted
            & Domain("asked_at", ">", now - WEEK)
            & Domain("state", "!=", "failed")
            & Domain("registered", "=", self.registered)
        )
        same = self.search_count(week & Domain("names", "=", self.names))
        yield budget.Use(
            limit("budget_names"),
            0,
            same,
            self.env._("certificates for the very same names within a week"),
        )
        if not self.renewal:
            yield budget.Use(
                limit("budget_domain"),
                *self._shares(week & Domain("renewal", "=", False)),
                self.env._("new certificates for %s within a week", self.registered),
            )
        yield budget.Use(
            limit("budget_account"),
            *self._shares(counted & Domain("asked_at", ">", now - HOURS)),
            self.env._("requests within three hours"),
        )

    def _shares(self, counted):
        """Return how many of the ``counted`` orders are this customer's, and the others'."""
        everybody = self.search_count(counted)
        own = self.search_count(counted & Domain("partner_id", "=", self.partner_id.id))
        return own, everybody - own

    def _close(self, state, **values):
        self.write({"state": state, "ended_at": fields.Datetime.now(), **values})

    @api.autovacuum
    def _gc_orders(self):
        """Drop orders that no budget counts any more."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        # sudo: the vacuum of Odoo works for all users
        old = self.sudo().search([("asked_at", "<", limit)], limit=1000)
        old.unlink()
        return len(old), len(old) == 1000
