"""Whose name is whose: what keeps one customer's names out of another's."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib import suffixes
from .customer import ADMINISTRATOR, is_house, is_same_customer


class ClouderDomain(models.Model):
    """A domain neither lies in what belongs to somebody else, nor around it."""

    _inherit = "clouder.domain"

    _name_without_www = models.Constraint(
        r"CHECK (name !~ '^www\.')",
        "A domain does not begin with www: the base called www has the bare domain, and "
        "answers under both.",
    )

    @api.constrains("name", "partner_id")
    def _check_claim(self):
        # What is no name at all is told first, and in its own words.
        self._check_name()
        # sudo: the names of all customers count, whoever writes one
        for domain in self.sudo().sorted("name"):
            if suffixes.is_public_suffix(domain.name):
                raise ValidationError(
                    self.env._(
                        "Everybody may register names in %s: give the whole name of "
                        "your domain.",
                        domain.name,
                    )
                )
            domain._refuse_overlap()

    def _refuse_overlap(self):
        """Refuse a name within, or around, a domain or a live base of somebody else.

        What others did since this transaction began is seen, too: who claims a name of
        the same registered domain waits here until the other one has ended.
        """
        self._lock_claims()
        with self.env.registry.cursor() as cr:
            # sudo: the names of all customers count, whoever writes one
            for env in (self.env, api.Environment(cr, SUPERUSER_ID, {})):
                other = self._overlapping(env) or self._bases_around(env)
                if other:
                    # Its name is no secret: it is in the DNS.
                    raise self._overlap(other[0].display_name)

    def _lock_claims(self):
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                f"names of {suffixes.registered_domain(self.name)}",
            )
        )

    def _overlapping(self, env):
        """Return the domains of others in ``env`` that lie above this one or below it."""
        above = suffixes.parents(self.name)
        found = env["clouder.domain"].search(
            Domain("id", "!=", self.id)
            & (Domain("name", "in", above) | Domain("name", "=like", f"%.{self.name}"))
        )
        return found.filtered(
            lambda one: not is_same_customer(one.partner_id, self.partner_id)
        )

    def _bases_around(self, env):
        """Return the live bases of others whose host, or its alias, this is or lies in.

        What lies below a bare domain, but for www, is the business of who has the domain.
        """
        names = {self.name, *suffixes.parents(self.name)}
        bases = env["clouder.base"].search(
            Domain("fulldomain", "in", sorted(names)) & Domain("state", "!=", "purged")
        )
        return bases.filtered(
            lambda base: (
                names & (set(base._host_names()) - {base.domain_id.name})
                and not is_same_customer(
                    base.environment_id.partner_id, self.partner_id
                )
            )
        )

    def _overlap(self, other):
        return ValidationError(
            self.env._(
                "%(domain)s cannot be your domain: %(other)s belongs to somebody else.",
                domain=self.name,
                other=other,
            )
        )


class ClouderBase(models.Model):
    """A base answers under its host name, and one for the bare domain under www, too."""

    _inherit = "clouder.base"

    # So no host name is ever the alias of another: hosts are unique, hence aliases.
    _host_without_www = models.Constraint(
        r"CHECK (fulldomain !~ '^www\.')",
        "A host name does not begin with www: that is the other name of the base that "
        "has the bare domain.",
    )

    def _host_names(self):
        """Return the names that the base answers under (tuple), its host name first."""
        self.ensure_one()
        host = self.fulldomain
        return (host, f"www.{host}") if self.name == "www" else (host,)

    @api.constrains("name", "domain_id", "environment_id")
    def _check_host_claim(self):
        """Refuse a host name that is another domain, when that is somebody else's."""
        # sudo: the domains of all customers count, whoever writes a base
        domains = self.env["clouder.domain"].sudo()
        # sudo: whose base it is decides, whoever writes it
        for base in self.sudo():
            partner = base.environment_id.partner_id
            other = domains.search(
                [("name", "=", base.fulldomain), ("id", "!=", base.domain_id.id)]
            )
            if other and not is_same_customer(other.partner_id, partner):
                raise ValidationError(
                    self.env._(
                        "%s is a domain of its own, which belongs to somebody else: "
                        "give the base another name.",
                        base.fulldomain,
                    )
                )

    @api.model
    def _operator_hosts(self):
        """Return the host names that Clouder itself goes by (set of str).

        An addon that gives it one adds it. They are not for sale, see
        :meth:`_is_operator_host`.
        """
        return set()

    @api.model
    def _is_operator_host(self, host):
        """Tell whether Clouder itself goes by the name ``host``, or by one below it."""
        return any(
            one == host or one.endswith(f".{host}") for one in self._operator_hosts()
        )

    @api.constrains("name", "domain_id", "environment_id")
    def _check_operator_host(self):
        """Refuse the host names of Clouder itself to all but those who run it."""
        # sudo: Odoo itself works for customers, too; then it counts whose the base is
        itself = self.env.uid == SUPERUSER_ID
        if not itself and self.env.user.has_group(ADMINISTRATOR):
            return
        # sudo: whose base it is decides, whoever writes it
        for base in self.sudo():
            ours = itself and is_house(base.environment_id.partner_id)
            if not ours and self._is_operator_host(base.fulldomain):
                raise ValidationError(
                    self.env._(
                        "%s is the host name of Clouder itself, or lies above it: give "
                        "the base another name.",
                        base.fulldomain,
                    )
                )
