from odoo import models
from odoo.exceptions import UserError

from ..lib.records import from_lines, is_within


class ClouderBaseLink(models.Model):
    _inherit = "clouder.base.link"

    def _check_names(self, names):
        """Refuse to publish a name that belongs to somebody else.

        A name belongs to the base whose host name it is, or is next above it.

        :param names: set of whole names, all within the host name of the base
        :raise UserError: names the other base, or what the name is used for
        """
        self.ensure_one()
        own = self.base_id.fulldomain
        inner = {
            part
            for name in names
            for part in _with_parents(name)
            if part != own and is_within(part, own)
        }
        self._refuse_other_bases(inner)
        self._refuse_taken(names)
        self._refuse_zones(inner | {own})

    def _refuse_other_bases(self, inner):
        """Refuse names that are, or lie below, the host name of another base."""
        other = self.env["clouder.base"].search(
            [
                ("fulldomain", "in", sorted(inner)),
                ("state", "!=", "purged"),
                ("id", "!=", self.base_id.id),
            ],
            limit=1,
        )
        if other:
            self._refuse(other.fulldomain, other)

    def _refuse_taken(self, names):
        """Refuse names that another base published, or that the zone itself needs."""
        own = self.base_id.fulldomain
        above = set(_with_parents(own)) - {own}
        links = self.search(
            [
                ("base_id.fulldomain", "in", sorted(above)),
                ("base_id.state", "!=", "purged"),
                ("target", "=", self.target.id),
            ]
        )
        for link in links:
            taken = {
                name for name, _kind in from_lines(link._facts().get("records", []))
            }
            for name in sorted(taken & names):
                self._refuse(name, link.base_id)
        # sudo: what the DNS of a public domain has may be another customer's
        domain = self.base_id.domain_id.sudo()
        for name, kind, _value in domain.zone_records or []:
            if name in names and (name, kind) != (domain.name, "NS"):
                raise UserError(
                    self.env._(
                        "%(base)s cannot publish %(name)s: that is a name server of "
                        "the zone %(zone)s.",
                        base=own,
                        name=name,
                        zone=domain.name,
                    )
                )

    def _only_own(self, records):
        """Return those of ``records`` that no link in use has published as well.

        The host name of a base that is gone may be another one's by now.
        """
        hosts = {part for name, _kind in records for part in _with_parents(name)}
        others = self.search(
            [
                ("base_id.fulldomain", "in", sorted(hosts)),
                ("base_id.state", "!=", "purged"),
                ("id", "!=", self.id),
                ("target", "=", self.target.id),
                ("state", "in", ("deploying", "working", "broken")),
            ]
        )
        taken = {
            (key, value)
            for link in others
            for key, values in from_lines(link._facts().get("records", [])).items()
            for value in values
        }
        left = {
            key: tuple(value for value in values if (key, value) not in taken)
            for key, values in records.items()
        }
        return {key: values for key, values in left.items() if values}

    def _refuse_zones(self, inner):
        """Refuse names that another domain's zone answers for."""
        zone = self.env["clouder.domain"].search(
            [
                ("name", "in", sorted(inner)),
                ("id", "!=", self.base_id.domain_id.id),
                ("zone_service_id", "!=", False),
                ("name", "=like", f"%.{self.base_id.domain_id.name}"),
            ],
            limit=1,
        )
        if zone:
            raise UserError(
                self.env._(
                    "%(base)s cannot publish names in %(zone)s: that is a zone of its "
                    "own.",
                    base=self.base_id.fulldomain,
                    zone=zone.name,
                )
            )

    def _refuse(self, name, other):
        raise UserError(
            self.env._(
                "%(base)s cannot publish %(name)s: that name belongs to the base "
                "%(other)s.",
                base=self.base_id.fulldomain,
                name=name,
                other=other.fulldomain,
            )
        )


def _with_parents(name):
    """Return ``name`` and the names above it, without the last one."""
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(len(parts) - 1)]
