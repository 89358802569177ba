from odoo import api, models


class ClouderDriver(models.AbstractModel):
    """What a type with the tag ``database`` does for the services linked to it."""

    _inherit = "clouder.driver"

    @api.model
    def _mark(self, record):
        """Return what a database server keeps beside what is ``record``'s: whose it is.

        Names are given again after a purge; this is not.
        """
        # sudo: a system parameter, which jobs of every role need
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"clouder {uuid} {record._name},{record.id}"

    @api.private
    def database_list(self, service):
        """Return the names of the databases of ``service`` (set of str)."""
        raise self._hook_missing("database_list", service)

    @api.private
    def database_create(self, service, name, owner, template=None, mark=""):
        """Have the database ``name`` that belongs to the role ``owner``.

        :param str template: database to copy, or None for an empty one
        :param str mark: whose it is, see ``_mark``; one of somebody else is refused
        """
        raise self._hook_missing("database_create", service)

    @api.private
    def database_drop(self, service, name, owner="", mark=""):
        """Drop the database ``name``, connected users or not.

        :param str mark: leave it alone when it is not the one of this mark or, where
            it bears none, not of the role ``owner``
        """
        raise self._hook_missing("database_drop", service)

    @api.private
    def database_foreign(self, service, names, owner, mark):
        """Return which of ``names`` are databases of somebody else (set of str).

        That is one with another mark, or with none and another owner.
        """
        raise self._hook_missing("database_foreign", service)

    @api.private
    def database_script(self, service, database, sql):
        """Run ``sql`` (str) in ``database`` as its superuser; return what it printed."""
        raise self._hook_missing("database_script", service)
