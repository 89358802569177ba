from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClouderApplication(models.Model):
    """The tree: an application made of others, deployed in their order."""

    _inherit = "clouder.application"

    child_ids = fields.Many2many(
        "clouder.application",
        "clouder_application_child_rel",
        "parent_id",
        "child_id",
        string="Children",
        help="Deploying this application deploys these as sub-services, in their order.",
    )
    parent_ids = fields.Many2many(
        "clouder.application",
        "clouder_application_child_rel",
        "child_id",
        "parent_id",
        string="Parents",
    )

    @api.constrains("child_ids", "parent_ids")
    def _check_children(self):
        # sudo: a circle may lead through applications of others
        for application in self.sudo():
            circle = application._child_circle()
            if circle:
                raise ValidationError(
                    self.env._(
                        "An application cannot contain itself: %s.",
                        " → ".join(circle.mapped("name") + circle[:1].mapped("name")),
                    )
                )
            application._check_child_codes()

    def _tree(self):
        """Return this application and all below it, each once, parents first."""
        tree = self
        for child in self.child_ids:
            tree |= child._tree()
        return tree

    def _suffix_endings(self):
        """Return what the suffixes of a service and its sub-services add to the first."""
        return [""] + [
            f"-{child.code}{ending}"
            for child in self.child_ids
            for ending in child._suffix_endings()
        ]

    def _child_circle(self):
        """Return the applications of a circle below this one, in order; empty without."""
        seen = set()

        def walk(application, path):
            if application in path:
                return path[path.index(application) :]
            if application in seen:
                return []
            seen.add(application)
            for child in application.with_context(active_test=False).child_ids:
                circle = walk(child, [*path, application])
                if circle:
                    return circle
            return []

        return self.browse([application.id for application in walk(self, [])])

    def _check_child_codes(self):
        for parent in self | self.parent_ids:
            codes = parent.child_ids.mapped("code")
            twice = sorted({code for code in codes if codes.count(code) > 1})
            if twice:
                raise ValidationError(
                    self.env._(
                        "Children of %(parent)s share the code %(code)s: their containers "
                        "would have the same name.",
                        parent=parent.name,
                        code=", ".join(twice),
                    )
                )
