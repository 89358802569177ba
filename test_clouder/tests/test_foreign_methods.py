import inspect
import re

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clouder.tests.test_access import TestAccess

from .public_methods import models_of, public_methods

CALLERS = {
    "deployer": "clouder.group_deployer",
    "application manager": "clouder.group_application_manager",
    "employee": "base.group_user",
    "portal user": "base.group_portal",
    "public user": "base.group_public",
}
# Models whose records are everybody's: those of a foreign environment do not exist.
SHARED = {
    "clouder.application.type",
    "clouder.application.type.option",
    "clouder.application.tag",
    "clouder.application.template",
    "clouder.provider",
}
GHOST = 2_000_000_000
# Arguments that are no number.
VALUES = {"values": {}}


@tagged("post_install", "-at_install")
class TestForeignMethods(TestAccess):
    """Every public method of every model, called on a record of another customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.callers = {
            who: new_test_user(cls.env, who.replace(" ", "_"), groups=groups)
            for who, groups in CALLERS.items()
        }
        for model, values in cls.of_addons(cls.records["foreign"]).items():
            if model in cls.env:
                cls.keep("foreign", cls.env[model].create(values))

    @classmethod
    def of_addons(cls, foreign):
        """Return the records that other addons keep of the foreign customer."""
        base, service = foreign["clouder.base"], foreign["clouder.service"]
        environment = foreign["clouder.environment"]
        return {
            "clouder.order": {
                "application_id": base.application_id.id,
                "domain_id": base.domain_id.id,
                "base_name": base.name,
                "title": "Foreign",
                "lang": "en_US",
                "contact_name": "Foreign",
                "email": "foreign@example.test",
                "state": "failed",
                "environment_id": environment.id,
                "base_id": base.id,
            },
            "clouder.order.attempt": {"kind": "x", "key": "x", "at": "2026-01-01"},
            "clouder.order.gate": {"key": "x"},
            "clouder.certificate.order": {
                "names": base.fulldomain,
                "registered": base.domain_id.name,
                "base_id": base.id,
                "environment_id": environment.id,
            },
            "clouder.dns.sent": {
                "link_id": foreign["clouder.base.link"].id,
                "zone": base.domain_id.name,
                "records": [[base.fulldomain, "A", "192.0.2.1"]],
            },
            "clouder.odoo.template": {
                "name": "tpl_foreign",
                "kind": "foreign",
                "service_id": service.id,
            },
        }

    def cases(self):
        """Yield (model name, method name, function)."""
        for name, model in models_of(self.env).items():
            if name in SHARED:
                continue
            for method, function in public_methods(model).items():
                yield name, method, function

    def arguments(self, function):
        """Return a value for each argument that has none by itself."""
        given = list(inspect.signature(function).parameters.values())[1:]
        return {
            one.name: VALUES.get(one.name, 1)
            for one in given
            if one.default is one.empty
            and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        }

    def test_there_is_something_to_call(self):
        called = {(model, method) for model, method, _function in self.cases()}
        for wanted in (
            ("clouder.base", "deploy"),
            ("clouder.base", "action_deploy"),
            ("clouder.job", "log"),
            ("clouder.service", "purge"),
        ):
            self.assertIn(wanted, called)

    def test_each_model_has_a_foreign_record(self):
        """Else its methods would be called on nothing."""
        models = set(models_of(self.env)) - SHARED
        known = {name for name, one in self.records["foreign"].items() if one}
        self.assertEqual(models - known, set())

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_a_foreign_record_answers_nothing(self):
        """It is refused, or answers as if there were no such record."""
        for model, method, function in self.cases():
            record = self.records["foreign"][model]
            for who, user in self.callers.items():
                with self.subTest(model=model, method=method, who=who):
                    foreign, ghost = (
                        self.outcome(function, one.with_user(user), record.id)
                        for one in (record, record.browse(GHOST))
                    )
                    if foreign != "AccessError":
                        self.assertEqual(foreign, ghost)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_deleting_a_foreign_record_tells_nothing(self):
        """What it is used by is nobody's business who may not delete it."""
        for model in sorted(set(models_of(self.env)) - SHARED):
            record = self.records["foreign"][model]
            for who, user in self.callers.items():
                with self.subTest(model=model, who=who), self.assertRaises(AccessError):
                    record.with_user(user).unlink()

    def outcome(self, function, record, *ids):
        """Return what a call gives, with the id of the record, and ``ids``, left out."""
        try:
            with self.env.cr.savepoint():
                answer = function(record, **self.arguments(function))
        except AccessError:
            return "AccessError"
        except (MissingError, UserError) as error:
            return f"{type(error).__name__}: {error}"
        numbers = "|".join(str(number) for number in (record.id, *ids))
        return re.sub(rf"\b({numbers})\b", "ID", repr(answer))
