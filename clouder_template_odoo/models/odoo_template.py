from odoo import fields, models
from odoo.tools import SQL


class ClouderOdooTemplate(models.Model):
    """A database kept ready to be copied, as last seen; the server has the last word."""

    _name = "clouder.odoo.template"
    _description = "Odoo Database Template"
    _order = "built_at desc, id desc"

    name = fields.Char(required=True, readonly=True, help="Name of the database.")
    kind = fields.Char(
        required=True,
        readonly=True,
        help="The same for templates that differ only in the code they were made from.",
    )
    service_id = fields.Many2one(
        "clouder.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    modules = fields.Char(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    demo = fields.Boolean(string="Demonstration data", readonly=True)
    built_at = fields.Datetime(readonly=True)

    _name_uniq = models.Constraint("UNIQUE (name)", "There is such a template already.")

    def _known(self, recipe):
        """Return the template of ``recipe``, empty when none is known."""
        return self.search([("name", "=", recipe.name)])

    def _note(self, recipe, service):
        """Note that ``service`` has the template of ``recipe``.

        Another transaction may have noted it in the same moment.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO clouder_odoo_template
                    (name, kind, service_id, modules, lang, demo, built_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (name) DO NOTHING
                RETURNING id
                """,
                recipe.name,
                recipe.kind,
                service.id,
                ", ".join(recipe.modules),
                recipe.lang,
                recipe.demo,
                fields.Datetime.now(),
            )
        )
        self.invalidate_model()

    def _older(self, recipe):
        """Return the templates that the one of ``recipe`` replaces."""
        return self.search([("kind", "=", recipe.kind), ("name", "!=", recipe.name)])
