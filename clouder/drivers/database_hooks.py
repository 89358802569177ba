from odoo import api, models


class ClouderDriver(models.AbstractModel):
    """What a type with the tag ``database`` does for the services linked to it."""

    _inherit = "clouder.driver"

    @api.private
    def database_list(self, service):
        """Return the names of the databases of ``service`` (set of str)."""
        raise self._hook_missing("database_list", service)

    @api.private
    def database_create(self, service, name, owner, template=None):
        """Create the database ``name`` that belongs to the role ``owner``.

        :param str template: database to copy, or None for an empty one
        """
        raise self._hook_missing("database_create", service)

    @api.private
    def database_drop(self, service, name):
        """Drop the database ``name``, connected users or not."""
        raise self._hook_missing("database_drop", service)

    @api.private
    def database_script(self, service, database, sql):
        """Run ``sql`` (str) in ``database`` as its superuser; return what it printed."""
        raise self._hook_missing("database_script", service)
