"""What depends on what: services, bases and the links between them, to be drawn."""

from odoo import api, models

BASES_SHOWN = 30


class ClouderDependencyGraph(models.AbstractModel):
    """Collects a graph with the rights of the user who looks at it."""

    _name = "clouder.dependency.graph"
    _description = "Dependency Graph"

    @api.model
    def _collect(self, services, bases, hidden=0):
        """Return the graph around some records.

        :param services: ``clouder.service`` records that the user may read
        :param bases: ``clouder.base`` records that the user may read
        :param int hidden: how many further bases there are
        :return: dict of ``nodes`` (id, model, res_id, name, kind, state, column),
            ``edges`` (source, target, code, kind, state, reason) and ``hidden``
        """
        edges = [*self._link_edges(services), *self._link_edges(bases)]
        edges += [
            self._edge(service.parent_id, service, "part", "", service.state, "")
            for service in services
            if service.parent_id in services
        ]
        edges += [
            self._edge(base, base.service_id, "home", "", base.state, "")
            for base in bases
            if base.service_id
        ]
        ends = {end for edge in edges for end in (edge["source"], edge["target"])}
        nodes = {
            self._key(record): self._node(record) for record in (*services, *bases)
        }
        for key in ends - set(nodes):
            nodes[key] = self._node(self._record(key))
        self._set_columns(nodes, edges)
        return {"nodes": list(nodes.values()), "edges": edges, "hidden": hidden}

    @api.model
    def _link_edges(self, owners):
        return [
            self._edge(
                owner, link.target, "link", link.code, link.state, link.reason or ""
            )
            for owner in owners
            for link in owner.link_ids
            if link.target and not self._passes_on(owner)
        ]

    @api.model
    def _passes_on(self, owner):
        """Tell whether the links of ``owner`` are those of its sub-services."""
        # sudo: tells whether there are sub-services, and nothing of them
        return (
            owner._name == "clouder.service" and owner.application_id.sudo().child_ids
        )

    @api.model
    def _edge(self, source, target, kind, code, state, reason):
        return {
            "source": self._key(source),
            "target": self._key(target),
            "kind": kind,
            "code": code or "",
            "state": state,
            "reason": reason,
        }

    @api.model
    def _key(self, record):
        return f"{record._name},{record.id}"

    @api.model
    def _record(self, key):
        model, _comma, res_id = key.partition(",")
        return self.env[model].browse(int(res_id))

    @api.model
    def _node(self, record):
        """Return what is shown of a record; one that may not be read has no name."""
        readable = bool(record._filtered_access("read"))
        # sudo: the name of the application of a record that may be read
        return {
            "id": self._key(record),
            "model": record._name,
            "res_id": record.id if readable else False,
            "name": record.display_name if readable else self.env._("Elsewhere"),
            "kind": ((record.application_id.sudo().name or "") if readable else ""),
            "state": record.state if readable else "unknown",
            "column": 0,
        }

    @api.model
    def _set_columns(self, nodes, edges):
        """Place each node to the right of all that need it."""
        needed_by = {key: set() for key in nodes}
        for edge in edges:
            needed_by[edge["target"]].add(edge["source"])
        columns = {}

        def column(key, path):
            if key not in columns:
                users = needed_by[key] - path
                columns[key] = max(
                    (column(user, path | {key}) + 1 for user in users), default=0
                )
            return columns[key]

        for key, node in nodes.items():
            node["column"] = column(key, frozenset())


class ClouderEnvironment(models.Model):
    _inherit = "clouder.environment"

    def dependency_graph(self):
        """Return what the services and bases of this environment depend on.

        :return: as ``clouder.dependency.graph`` says; the bases that need a look first
        """
        self.ensure_one()
        self.check_access("read")
        live = [("environment_id", "=", self.id), ("state", "!=", "purged")]
        bases = self.env["clouder.base"]
        shown = bases.search([*live, ("state", "!=", "running")], limit=BASES_SHOWN)
        if len(shown) < BASES_SHOWN:
            shown |= bases.search(live, limit=BASES_SHOWN - len(shown))
        return self.env["clouder.dependency.graph"]._collect(
            self.env["clouder.service"].search(live),
            shown,
            bases.search_count(live) - len(shown),
        )

    def action_open_graph(self):
        """Open the drawing of what depends on what."""
        return _graph_action(self)


class ClouderService(models.Model):
    _inherit = "clouder.service"

    def dependency_graph(self):
        """Return what this service depends on, and what depends on it.

        :return: as ``clouder.dependency.graph`` says
        """
        self.ensure_one()
        self.check_access("read")
        tree = self._root()._tree()
        incoming = [("link_ids", "any", [("target", "in", tree.ids)])]
        users = self.search([*incoming, ("state", "!=", "purged")])
        found = tree._filtered_access("read") | users
        bases = self.env["clouder.base"]
        domain = [
            ("state", "!=", "purged"),
            "|",
            ("service_id", "in", tree.ids),
            *incoming,
        ]
        shown = bases.search(domain, limit=BASES_SHOWN)
        return self.env["clouder.dependency.graph"]._collect(
            found | tree.link_ids.target._filtered_access("read"),
            shown,
            bases.search_count(domain) - len(shown),
        )

    def action_open_graph(self):
        """Open the drawing of what depends on what."""
        return _graph_action(self)


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def dependency_graph(self):
        """Return what this base depends on.

        :return: as ``clouder.dependency.graph`` says
        """
        self.ensure_one()
        self.check_access("read")
        tree = self.service_id._root()._tree()
        services = tree | tree.link_ids.target | self.link_ids.target
        return self.env["clouder.dependency.graph"]._collect(
            services._filtered_access("read"), self
        )

    def action_open_graph(self):
        """Open the drawing of what depends on what."""
        return _graph_action(self)


def _graph_action(record):
    record.ensure_one()
    return {
        "type": "ir.actions.client",
        "tag": "clouder.dependency_graph",
        "name": record.env._("Dependencies of %s", record.display_name),
        "params": {"model": record._name, "res_id": record.id},
    }
