import json
import re
from unittest import mock

import werkzeug.test

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clouder.lib.errors import CommandFailed, NameRefused

from ..lib.failure import OdooFailed
from ..lib.recipe import check_lang
from .common import OdooCase


@tagged("post_install", "-at_install")
class TestOdooBase(OdooCase):
    def _parameters(self, script):
        """Return the parameters that a script hands to its constant SQL."""
        text = re.search(r"set_config\('clouder.parameters', '(.*)', false\)", script)[
            1
        ]
        return json.loads(text.replace("''", "'"))

    def _deploy(self, base, fake, *hooks):
        for hook in hooks or ("base_template", "base_create_database"):
            getattr(self.driver, hook)(base)
        return self.scripts(fake)

    def test_second_base_copies_the_template(self):
        first, second = self._base("first"), self._base("second")
        with self.fake_runner() as fake:
            self._deploy(first, fake)
            installs = [argv for argv in fake.argvs() if argv[0] == "odoo"]
            self.assertEqual(len(installs), 2, "install and prepare")
            fake.calls.clear()
            script = self._deploy(second, fake)[-1]
        self.assertEqual([argv[0] for argv in fake.argvs()], ["python3", "psql"])
        name = self.driver._recipe(second).name
        self.assertEqual(fake.argvs()[0][2:], ["clone", name, "second.odoo.test"])
        self.assertIn(f'TEMPLATE "{name}" IS_TEMPLATE true', script)

    def test_every_language_that_is_offered_can_be_had(self):
        offered = self.env["clouder.base"]._selection_lang()
        self.assertGreater(len(offered), 80)
        for code, _name in offered:
            self.assertEqual(check_lang(code), code)

    def test_it_is_opened_last_and_configured_as_its_owner(self):
        base = self._base("order")
        with self.fake_runner() as fake:
            script = self._deploy(base, fake)[-1]
        places = [
            script.index('CREATE DATABASE "order.odoo.test"'),
            script.index('\\connect "order.odoo.test" "owner"'),
            script.index("DO $clouder$"),
            script.index('\\connect "postgres" "postgres"'),
            script.index('ALTER DATABASE "order.odoo.test" IS_TEMPLATE false'),
        ]
        self.assertEqual(places, sorted(places))

    def test_passwords_travel_as_hashes(self):
        base = self._base("secret", poweruser_name="anna", title="O'Hara \\ $clouder$")
        with self.fake_runner() as fake:
            script = self._deploy(base, fake)[-1]
        for name in ("admin_password", "poweruser_password"):
            self.assertNotIn(base._secret(name), "\n".join(self.scripts(fake)))
            self.assertNotIn(base._secret(name), json.dumps(fake.argvs()))
        wanted = self._parameters(script)
        self.assertEqual(wanted["items"]["title"]["value"], "O'Hara \\ $clouder$")
        self.assertTrue(
            wanted["items"]["admin_password"]["value"].startswith("$pbkdf2-sha512$")
        )
        self.assertEqual(wanted["items"]["poweruser_login"]["value"], "anna")

    def test_the_look_of_the_cron_loads_no_database(self):
        """Odoo itself is asked, as it answers for the host name of a database."""
        base = self._base("quiet")
        name, visitor = base.fulldomain, werkzeug.test.Client(http.root)
        for path, loaded in ((self.driver.base_probe_path(base), []), ("/", [name])):
            refusal = RuntimeError("Not in this test.")
            with (
                self.subTest(path),
                mute_logger("odoo.http"),
                mock.patch.object(http, "db_list", lambda **_named: [name]),
                mock.patch.object(http, "Registry", side_effect=refusal) as registry,
            ):
                answer = visitor.get(path, base_url=f"http://{name}")
                self.assertEqual([call.args[0] for call in registry.mock_calls], loaded)
                self.assertEqual(answer.status_code, 500 if loaded else 200)

    def test_a_module_that_does_not_exist_is_named(self):
        base = self._base("missing")
        option = base.option_ids.filtered(
            lambda one: one.name.name == "install_modules"
        )
        option.value = "crm, nothing_such"
        with (
            self.fake_runner({"python3": "nothing_such\n"}) as fake,
            self.assertRaisesRegex(UserError, "no Odoo module nothing_such"),
        ):
            self.driver.base_template(base)
        self.assertFalse([argv for argv in fake.argvs() if argv[0] == "odoo"])

    def test_a_hostile_module_name_is_refused(self):
        base = self._base("hostile")
        option = base.option_ids.filtered(
            lambda one: one.name.name == "install_modules"
        )
        for value in ("$(id)", "a;b", "--stop", "../x", "é"):
            option.value = value
            with self.assertRaises(NameRefused):
                self.driver._recipe(base)

    def test_a_failed_installation_leaves_nothing(self):
        base = self._base("broken")
        tail = "2026-01-01 00:00:00,000 1 CRITICAL x odoo: no\nValueError: bad view\n"
        with self.fake_runner() as fake:
            original = fake._note

            def note(name, args, kwargs):
                result = original(name, args, kwargs)
                if name == "exec" and "--stop-after-init" in args[1]:
                    raise CommandFailed(args[1], 255, tail, "odoo")
                return result

            fake._note = note
            with self.assertRaisesRegex(
                OdooFailed, "Installing base failed: ValueError: bad view"
            ):
                self.driver.base_template(base)
        making = self.driver._recipe(base).making
        self.assertIn(f'DROP DATABASE "{making}"', self.scripts(fake)[-2])
        self.assertEqual(fake.argvs()[-1][2:], ["remove", making])
        self.assertFalse(
            self.env["clouder.odoo.template"].search([("name", "=", making)])
        )

    def test_a_template_of_new_code_replaces_the_older(self):
        base = self._base("newcode")
        old = self.driver._recipe(base)
        with self.fake_runner() as fake:
            self.driver.base_template(base)
            self.exec.image_version_id = self.exec.image_id._new_version()
            self.driver.base_template(base)
        new = self.driver._recipe(base)
        templates = self.env["clouder.odoo.template"]
        self.assertNotEqual(old.name, new.name)
        self.assertEqual(old.kind, new.kind)
        self.assertFalse(templates._known(old))
        self.assertTrue(templates._known(new))
        self.assertIn(f'DROP DATABASE "{old.name}"', "".join(self.scripts(fake)))

    def test_verticalisation_installs_its_modules(self):
        base = self._base("crm", "clouder_template_odoo.application_odoo_crm")
        recipe = self.driver._recipe(base)
        self.assertEqual(recipe.modules, ("base", "crm", "website"))
        self.assertIn("sales_team.group_sale_manager", recipe.groups)
        self.assertIn("--init=base,crm,website", recipe.install_command())

    def _existing(self, name, fake):
        """Return a base that was deployed with the modules it has now."""
        base = self._base(name)
        self._deploy(base, fake)
        base.deployed_at = "2026-01-01"
        fake.calls.clear()
        return base

    def _set_modules(self, base, text):
        option = self.env.ref("clouder_template_odoo.option_install_modules")
        base.option_ids.filtered(lambda one: one.name == option).unlink()
        base.option_ids = [Command.create({"name": option.id, "value": text})]

    def test_what_exists_needs_no_template_of_newer_code(self):
        with self.fake_runner() as fake:
            base = self._existing("kept", fake)
            self.patch(type(self.driver), "_code", lambda _self, _service: "newer")
            self._deploy(base, fake)
            self.assertFalse([argv for argv in fake.argvs() if argv[0] == "odoo"])
        self.assertFalse(self.driver._step_lock(base, "base_template"))

    def test_modules_that_are_added_are_installed_once(self):
        with self.fake_runner() as fake:
            base = self._existing("grows", fake)
            self._set_modules(base, "crm,website")
            fake.answers["psql"] = "website\ngrows.odoo.test\n"
            self.driver.base_template(base)
            installs = [argv for argv in fake.argvs() if argv[0] == "odoo"]
            self.assertEqual(len(installs), 1)
            self.assertIn("--init=website", installs[0], "crm is there")
            fake.calls.clear()
            self.driver.base_template(base)
            self.assertFalse(fake.calls)
        self.assertEqual(base.driver_state, {"modules": ["base", "crm", "website"]})

    def test_a_module_that_does_not_exist_changes_nothing(self):
        with self.fake_runner() as fake:
            base = self._existing("wrong", fake)
            self._set_modules(base, "no_such_module")
            fake.answers["psql"] = "no_such_module\nwrong.odoo.test\n"
            fake.answers["python3"] = "no_such_module\n"
            with self.assertRaisesRegex(UserError, "no_such_module"):
                self.driver.base_template(base)
            self.assertFalse([argv for argv in fake.argvs() if argv[0] == "odoo"])
        self.assertEqual(base.driver_state, {"modules": ["base"]})

    def test_update_only_what_changed(self):
        base = self._base("update")
        base._note_code(self.driver._code(self.exec))
        with self.fake_runner() as fake:
            self.driver.base_update(base)
            self.assertFalse(fake.calls, "the code is the same")
            base._note_code("older")
            fake.answers["python3"] = (
                '{"modules": {"crm": "2", "web": "1"}, "changed": ["crm"]}'
            )
            self.driver.base_update(base)
        self.assertIn("--update=crm", fake.argvs()[1])
        self.assertEqual(base.code_digest, self.driver._code(self.exec))

    def test_reset_neutralises_before_the_exchange(self):
        source, base = self._base("source"), self._base("copy")
        base.reset_id = source
        with self.fake_runner() as fake:
            self.driver.base_reset(base)
        argvs = fake.argvs()
        neutralise = next(n for n, argv in enumerate(argvs) if "neutralize" in argv)
        exchange = next(
            n
            for n, script in enumerate(self.scripts(fake))
            if "ALLOW_CONNECTIONS true" in script
        )
        self.assertLess(neutralise, exchange)
        self.assertNotIn("--database=copy.odoo.test", argvs[neutralise])

    def test_reset_from_another_service_is_refused(self):
        other = self._service("clouder_template_odoo.application_odoo", "other")
        source = self._base("far", service_id=other.id)
        base = self._base("near")
        base.reset_id = source
        with self.assertRaisesRegex(UserError, "only a base of the same service"):
            self.driver.base_reset(base)

    def test_reset_touches_no_data_of_somebody_else(self):
        source, base = self._base("source"), self._base("copy")
        base.reset_id = source
        store = type(self.env["clouder.driver.postgres"])
        for foreign in (source, base):
            mark = self.driver._mark(foreign)
            with (
                self.subTest(foreign.name),
                mock.patch.object(
                    store,
                    "database_foreign",
                    lambda _self, _service, names, _owner, of, mark=mark: {
                        name for name in names if of == mark
                    },
                ),
                self.fake_runner() as fake,
                self.assertRaisesRegex(
                    UserError, f"not the one of base {foreign.name}"
                ),
            ):
                self.driver.base_reset(base)
            self.assertFalse(fake.calls)

    def test_purge_drops_all_that_can_be_there(self):
        base = self._base("purge")
        with self.fake_runner() as fake:
            self._deploy(base, fake, "base_purge", "base_drop_database")
        self.assertEqual(fake.argvs()[1][2:4], ["remove", "purge.odoo.test"])
        script = self.scripts(fake)[-1]
        self.assertEqual(script.count("DROP DATABASE"), 3)
        self.assertIn(self.driver._mark(base), script, "its own only")

    def test_files_of_somebody_elses_database_stay(self):
        base = self._base("purge")
        with self.fake_runner({"psql": "purge.odoo.test\n"}) as fake:
            self.driver.base_purge(base)
        self.assertNotIn("purge.odoo.test", fake.argvs()[-1])
