"""An Odoo service with its PostgreSQL, in records only."""

import json

from odoo.addons.clouder.tests.driver_case import DriverCase

FACTS = {
    "host": "odootest-postgres",
    "port": 5432,
    "user": "owner",
    "password": "pw-of-role",
}


class OdooCase(DriverCase):
    driver_code = "odoo"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "clouder_no_deploy": True})
        cls.driver = cls.env["clouder.driver"]._get(cls.driver_code)
        cls.environment = cls.env["clouder.environment"].create(
            {"name": "Odoo test", "prefix": "odootest"}
        )
        cls.node = cls.env["clouder.node"].create({"name": "odootest", "public": True})
        cls.domain = cls.env["clouder.domain"].create(
            {"name": "odoo.test", "organisation": "Odoo test"}
        )
        cls.postgres = cls._service(
            "clouder_template_postgres.application_postgres", "postgres"
        )
        cls.service = cls._service("clouder_template_odoo.application_odoo", "odoo")
        cls.exec = cls.service._exec_service()
        cls.exec.link_ids.facts = json.dumps(FACTS)

    @classmethod
    def _service(cls, application, suffix, **values):
        return cls.env["clouder.service"].create(
            {
                "environment_id": cls.environment.id,
                "application_id": cls.env.ref(application).id,
                "suffix": suffix,
                "node_id": cls.node.id,
                **values,
            }
        )

    @classmethod
    def _base(
        cls, name, application="clouder_template_odoo.application_odoo", **values
    ):
        return cls.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": cls.domain.id,
                "environment_id": cls.environment.id,
                "application_id": cls.env.ref(application).id,
                "service_id": cls.service.id,
                **values,
            }
        )

    def scripts(self, fake):
        """Return what the commands so far were given on their input."""
        return [
            (call[3].get("stdin") or b"").decode()
            for call in fake.calls
            if call[0] == "exec"
        ]
