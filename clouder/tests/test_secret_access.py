from odoo.tests import tagged

from .access_table import KINDS, ROLES
from .test_access import TestAccess


@tagged("post_install", "-at_install")
class TestSecretAccess(TestAccess):
    """Who reads what is encrypted, of all records of all models."""

    def test_secrets_are_for_those_who_may_change_the_record(self):
        """A public record has many readers: they see neither passwords nor keys."""
        canary, looked = '"planted-canary-4711"', set()
        holders = [
            (kind, record)
            for kind in KINDS
            for record in self.records[kind].values()
            if hasattr(record, "_secret_fields")
        ]
        for _kind, record in holders:
            for name in record._secret_fields():
                record[name] = canary
        for role in ROLES:
            user = self.user(role)
            self.adopt(user)
            for kind, record in holders:
                record = record.with_user(user).sudo(False)
                if not record.has_access("read"):
                    continue
                for name in set(record.fields_get()) & set(record._secret_fields()):
                    looked.add((role, kind, record._name, name))
                    with self.subTest(
                        role=role, kind=kind, field=str(record._fields[name])
                    ):
                        [values] = record.read([name])
                        self.assertEqual(
                            values[name] == canary, record.has_access("write")
                        )
        for name in ("admin_password", "poweruser_password", "cert_key"):
            self.assertIn(("deployer", "public", "clouder.base", name), looked)
        for model, name in (
            ("clouder.domain", "cert_key"),
            ("clouder.node", "tls_key"),
            ("clouder.provider", "secret_key"),
        ):
            readers = {role for role, _kind, *field in looked if field == [model, name]}
            self.assertEqual(readers, {"administrator"}, model)
