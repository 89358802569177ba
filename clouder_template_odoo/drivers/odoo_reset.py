from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.recipe import BESIDE, beside


class ClouderDriverOdoo(models.AbstractModel):
    """A base that becomes a harmless copy of another one."""

    _inherit = "clouder.driver.odoo"

    @api.private
    def base_reset(self, base):
        """Make the neutralised copy beside, then put it in the base's place.

        The source goes on working meanwhile. Until the two names are exchanged nobody
        can reach the copy, and the base keeps its former data.
        """
        source = base.reset_id
        self._check_same_place(base, source)
        service = base.service_id._exec_service()
        for one in (base, source):
            self._check_own_data(one)
        for database, origin in zip(
            base._databases().values(), source._databases().values(), strict=True
        ):
            self._reset_database(base, service, origin, database)
        base._note_code(source.code_digest, source.driver_state)

    @api.model
    def _check_same_place(self, base, source):
        """Refuse a source that is not where the base is; say what to do."""
        if not source:
            raise UserError(
                self.env._("Choose the base that %s is reset from.", base.fulldomain)
            )
        if source.service_id._exec_service() != base.service_id._exec_service():
            raise UserError(
                self.env._(
                    "Base %(base)s lives in service %(own)s and %(origin)s in %(other)s: "
                    "only a base of the same service can be copied. Restore a backup "
                    "of it instead.",
                    base=base.fulldomain,
                    own=base.service_id.name,
                    origin=source.fulldomain,
                    other=source.service_id.name,
                )
            )

    @api.model
    def _check_own_data(self, base):
        """Refuse when a database that bears the name of ``base`` is somebody else's."""
        service = base.service_id._exec_service()
        target = self._database_link(service).target
        foreign = target._driver().database_foreign(
            target._exec_service(),
            list(base._databases().values()),
            self._database_facts(service)["user"],
            self._mark(base),
        )
        if foreign:
            raise UserError(
                self.env._(
                    "The database %(database)s is not the one of base %(base)s: it was "
                    "made for somebody else. Nothing was copied or replaced.",
                    database=", ".join(sorted(foreign)),
                    base=base.fulldomain,
                )
            )

    @api.model
    def _reset_database(self, base, service, origin, database):
        copy, old = (beside(word, database) for word in BESIDE)
        owner = self._database_facts(service)["user"]
        target = self._database_link(service).target
        self._drop_databases(service, copy, old)
        self._sql(
            service,
            sql.create_database(copy, owner, closed=True, mark=self._mark(base)),
        )
        target._driver()._copy_database(
            target._exec_service(), origin, owner, copy, owner
        )
        self._filestore(service, "clone", origin, copy)
        self._neutralise(service, copy)
        self._sql(service, self._tenant_script(base, copy, owner))
        # Both sets of files are there while the databases change places.
        self._filestore(service, "merge", copy, database)
        self._sql(service, sql.put_in_place(copy, database, old))
        self._filestore(service, "replace", copy, database)
        self._drop_databases(service, old)
