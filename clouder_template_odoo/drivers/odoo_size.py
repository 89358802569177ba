import json

from odoo import api, models

from odoo.addons.clouder_template_postgres.lib import sql

MEASURE_S = 120
SIZES = """
SELECT coalesce(json_object_agg(datname, pg_database_size(oid)), '{}') FROM pg_database
WHERE datname IN (
    SELECT jsonb_array_elements_text(current_setting('clouder.parameters')::jsonb -> 'names')
);
"""


def _read(text):
    """Return the sizes (dict of name to int) that a command printed as JSON.

    :raise ValueError: it is something else; what runs in a container is its tenant's
    """
    sizes = json.loads(text)
    if not isinstance(sizes, dict) or not all(
        isinstance(size, int) for size in sizes.values()
    ):
        raise ValueError(f"These are no sizes: {text[:80]!a}")
    return sizes


class ClouderDriverOdoo(models.AbstractModel):
    """How much room bases take."""

    _inherit = "clouder.driver.odoo"

    @api.private
    def base_sizes(self, bases):
        """Ask PostgreSQL and the Exec service once for all these bases."""
        service = bases.service_id._exec_service()
        names = {base.id: list(base._databases().values()) for base in bases}
        every = [name for own in names.values() for name in own]
        databases = self._database_sizes(service, every)
        files = self._file_sizes(service, every)
        return {
            base: (
                sum(databases[name] for name in own),
                sum(files.get(name, 0) for name in own),
            )
            for base, own in names.items()
            if all(name in databases for name in own)
        }

    @api.model
    def _database_sizes(self, service, names):
        script = sql.parameters({"names": names}) + SIZES
        return _read(self._sql(service, script))

    @api.model
    def _file_sizes(self, service, names):
        result = service._runner().exec(
            service,
            ["python3", "-", *names],
            stdin=self._script(["sizes"]),
            timeout=MEASURE_S,
        )
        return _read(result.output)
