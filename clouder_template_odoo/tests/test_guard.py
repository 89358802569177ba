import importlib.util
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MetaModel
from odoo.tests import TransactionCase, new_test_user, tagged

from ..lib import instance

MODULE = f"odoo.addons.{instance.NAME}.guard"
CODE = "{{ object.env.registry }}"


def guard_classes():
    """Load the file as a container does; return its classes, and keep them from others."""
    before = {name: list(classes) for name, classes in _known().items()}
    spec = importlib.util.spec_from_file_location(MODULE, instance.SOURCES / "guard.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    made = []
    for name, classes in _known().items():
        made += [one for one in classes if one.__module__ == MODULE]
        classes[:] = [one for one in classes if one in before.get(name, classes)]
    return [one for one in made if one.__module__ == MODULE]


def _known():
    return MetaModel._module_to_models__


@tagged("post_install", "-at_install")
class GuardCase(TransactionCase):
    """A base with the guard, where its container puts it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for one in guard_classes():
            cls.put(one)
        cls.admin = new_test_user(cls.env, "guard-admin", "base.group_system")
        cls.admin.email = "admin@guard.test"
        cls.boss = new_test_user(
            cls.env, "guard-boss", "base.group_erp_manager,base.group_partner_manager"
        )
        cls.worker = new_test_user(cls.env, "guard-worker", "base.group_user")
        cls.system = cls.env.ref("base.group_system")

    @classmethod
    def put(cls, one):
        """Let a class come right after those of its module, before all later ones."""
        model = cls.registry[one._name]
        bases = model.__bases__
        cls.addClassCleanup(setattr, model, "__bases__", bases)
        place = next(
            index for index, base in enumerate(bases) if base._module == one._module
        )
        model.__bases__ = (*bases[:place], one, *bases[place:])

    def as_boss(self, records):
        return records.with_user(self.boss)

    def assert_refused(self, method, *args, **kwargs):
        """See that a call is refused, in a sentence that says what helps."""
        env, transaction = method.__self__.env, self.env.transaction
        with (
            # Who asked: commands for lines are done as this user, not as the system.
            patch.object(transaction, "default_env", env(su=False)),
            self.assertRaisesRegex(AccessError, "role Administrator.*who runs this"),
        ):
            method(*args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()


class TestGuardModels(GuardCase):
    """Groups, rights, rules and the data model."""

    def test_groups(self):
        rights = self.env.ref("base.group_erp_manager")
        for values in (
            {"implied_ids": [Command.link(self.system.id)]},
            {"user_ids": [Command.link(self.boss.id)]},
            {"all_user_ids": [Command.link(self.boss.id)]},
        ):
            for group in (rights, self.system):
                self.assert_refused(self.as_boss(group).write, values)
        self.assert_refused(
            self.as_boss(rights).create,
            {"name": "G", "implied_ids": [Command.link(self.system.id)]},
        )
        self.assert_refused(self.as_boss(rights.copy()).unlink)
        privilege = self.env["res.groups.privilege"].create({"name": "P"})
        inside = {"name": "G", "implied_ids": [Command.link(self.system.id)]}
        self.assert_refused(
            self.as_boss(privilege).write, {"group_ids": [Command.create(inside)]}
        )

    def test_rights_and_rules(self):
        model = self.env.ref("base.model_ir_actions_server").id
        values = {"name": "A", "model_id": model, "group_id": self.system.id}
        access = self.env["ir.model.access"].create(values)
        self.assert_refused(self.as_boss(access).create, values)
        self.assert_refused(self.as_boss(access).write, {"perm_write": True})
        self.assert_refused(self.as_boss(access).unlink)
        values = {"name": "R", "model_id": model, "domain_force": "[(1, '=', 1)]"}
        rule = self.env["ir.rule"].create(values)
        self.assert_refused(self.as_boss(rule).create, values)
        self.assert_refused(
            self.as_boss(rule).write, {"domain_force": "user.env.registry"}
        )
        self.assert_refused(self.as_boss(rule).unlink)

    def test_the_data_model(self):
        values = {
            "name": "x_code",
            "model_id": self.env.ref("base.model_res_partner").id,
            "ttype": "char",
            "compute": "self.env.registry",
            "depends": "name",
        }
        self.assert_refused(self.as_boss(self.env["ir.model.fields"]).create, values)
        name = self.env.ref("base.field_res_partner__name")
        self.assert_refused(self.as_boss(name).write, {"help": "x"})
        values = {"name": "X", "model": "x_model"}
        self.assert_refused(self.as_boss(self.env["ir.model"]).create, values)

    def test_what_a_name_stands_for(self):
        names = self.as_boss(self.env["ir.model.data"])
        row = names.sudo().search([("name", "=", "group_system")], limit=1)
        group = self.env.ref("base.group_user").id
        self.assert_refused(self.as_boss(row).write, {"res_id": group})
        self.assert_refused(self.as_boss(row).unlink)
        values = {"module": "m", "name": "n", "model": "res.groups", "res_id": group}
        self.assert_refused(names.create, values)

    def test_forms_show_what_cannot_be_changed(self):
        reserved = ("res.groups", "ir.rule", "ir.model.access", "digest.tip")
        for model in reserved:
            records = self.env[model]
            self.assertTrue(self.as_boss(records).has_access("read"), model)
            for mode in ("create", "write", "unlink"):
                self.assertFalse(self.as_boss(records).has_access(mode), model)
                self.assertTrue(records.with_user(self.admin).has_access(mode), model)

    def test_administrators_and_the_system(self):
        groups = self.env["res.groups"]
        group = groups.with_user(self.admin).create({"name": "G"})
        group.write({"implied_ids": [Command.link(self.system.id)]})
        self.as_boss(groups).sudo().create({"name": "H"})
        group.unlink()


class TestGuardAccounts(GuardCase):
    """Accounts with more power than one's own, and how it is given."""

    def test_nobody_raises_himself(self):
        link = [Command.link(self.system.id)]
        self.assert_refused(self.as_boss(self.boss).write, {"group_ids": link})
        self.assert_refused(self.as_boss(self.worker).write, {"group_ids": link})
        self.assert_refused(
            self.as_boss(self.env.company).write,
            {"user_ids": [Command.update(self.boss.id, {"group_ids": link})]},
        )
        self.assert_refused(
            self.as_boss(self.boss.partner_id).write,
            {"user_ids": [Command.update(self.boss.id, {"group_ids": link})]},
        )

    def test_nor_by_a_new_account(self):
        link = [Command.link(self.system.id)]
        users = self.as_boss(self.env["res.users"])
        self.assert_refused(
            users.create, {"name": "N", "login": "n", "group_ids": link}
        )
        self.assert_refused(self.as_boss(self.admin).copy, {"login": "twin"})
        higher = self.env["res.groups"].create({"name": "H", "implied_ids": link})
        self.assert_refused(
            users.create,
            {"name": "N", "login": "n", "group_ids": [Command.link(higher.id)]},
        )
        self.assert_refused(
            users.create,
            {"name": "N", "login": "n", "partner_id": self.admin.partner_id.id},
        )

    def test_the_administrator_stays_as_he_is(self):
        for values in (
            {"password": "new-password-1"},
            {"new_password": "new-password-1"},
            {"login": "taken"},
            {"email": "boss@guard.test"},
            {"active": False},
            {"partner_id": self.boss.partner_id.id},
        ):
            self.assert_refused(self.as_boss(self.admin).write, values)
        self.assert_refused(self.as_boss(self.admin).unlink)
        wizard = self.as_boss(self.env["change.password.wizard"]).create(
            {
                "user_ids": [
                    Command.create({"user_id": self.admin.id, "new_passwd": "new-1"})
                ]
            }
        )
        self.assert_refused(wizard.change_password_button)
        self.assert_refused(
            self.as_boss(self.env["res.users.deletion"]).create,
            {"user_id": self.admin.id},
        )

    def test_an_archived_administrator_too(self):
        self.admin.active = False
        self.assert_refused(self.as_boss(self.admin).write, {"active": True})
        self.assert_refused(
            self.as_boss(self.admin.partner_id).write, {"email": "b@guard.test"}
        )

    def test_where_his_password_goes(self):
        person = self.admin.partner_id
        for value in ("boss@guard.test", False):
            self.assert_refused(self.as_boss(person).write, {"email": value})
            # sudo: modules write the address of an employee so, for whoever may edit him
            self.assert_refused(self.as_boss(person).sudo().write, {"email": value})
        self.assert_refused(self.as_boss(person).signup_prepare, "reset")
        self.assert_refused(self.as_boss(person)._get_signup_url)
        self.as_boss(person).write({"email": person.email, "comment": "Known"})

    def test_no_merge_moves_his_address(self):
        other = self.env["res.partner"].create({"name": "O", "email": "o@guard.test"})
        wizard = self.as_boss(self.env["base.partner.merge.automatic.wizard"])
        for target in (other, self.admin.partner_id):
            both = other | self.admin.partner_id
            self.assert_refused(wizard._merge, both.ids, target)

    def test_access_rights_is_no_administrator(self):
        self.assertFalse(self.as_boss(self.env["res.users"]).env.is_admin())
        self.assertTrue(self.admin.with_user(self.admin).env.is_admin())
        self.assertTrue(self.as_boss(self.env["res.users"]).sudo().env.is_admin())


class TestGuardCode(GuardCase):
    """Groups that may write code are given by those who have them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.designers = cls.env["res.groups"].create({"name": "Designers"})
        cls.env["ir.model.access"].create(
            {
                "name": "Designers write pages",
                "model_id": cls.env.ref("base.model_ir_ui_view").id,
                "group_id": cls.designers.id,
                "perm_write": True,
            }
        )
        cls.link = {"group_ids": [Command.link(cls.designers.id)]}

    def test_who_lacks_it_gives_it_to_nobody(self):
        self.assert_refused(self.as_boss(self.boss).write, self.link)
        self.assert_refused(self.as_boss(self.worker).write, self.link)
        editors = self.env.ref("mail.group_mail_template_editor")
        self.assert_refused(
            self.as_boss(self.boss).write, {"group_ids": [Command.link(editors.id)]}
        )

    def test_who_has_it_passes_it_on(self):
        self.boss.write(self.link)
        self.as_boss(self.worker).write(self.link)
        self.assertIn(self.designers, self.worker.all_group_ids)
        self.as_boss(self.worker).write({"password": "new-password-1"})

    def test_nobody_takes_the_account_of_who_has_it(self):
        self.worker.write(self.link)
        self.assert_refused(
            self.as_boss(self.worker).write, {"password": "new-password-1"}
        )
        self.worker.with_user(self.worker).write({"email": "own@guard.test"})
        self.assertEqual(self.worker.email, "own@guard.test")

    def test_no_code_in_a_mail(self):
        mixin = self.env["mail.render.mixin"]

        def rendered(user):
            return mixin.with_user(user)._render_template(CODE, "res.users", user.ids)

        self.assertIn("Registry", rendered(self.admin)[self.admin.id])
        with self.assertRaises(AccessError):
            rendered(self.boss)

    def test_no_module_from_a_file(self):
        modules = self.env["ir.module.module"]
        with self.assertRaises(AccessError):
            self.as_boss(modules)._import_zipfile(b"no file")
        with self.assertRaises(UserError):
            modules.with_user(self.admin)._import_zipfile(__file__)


class TestGuardWork(GuardCase):
    """What the people of a base do every day."""

    def test_colleagues(self):
        groups = self.env.ref("base.group_user") | self.env.ref(
            "base.group_erp_manager"
        )
        users = self.as_boss(self.env["res.users"])
        new = users.create(
            {
                "name": "New",
                "login": "new@guard.test",
                "email": "new@guard.test",
                "group_ids": [Command.set(groups.ids)],
            }
        )
        manager = self.env.ref("base.group_partner_manager")
        new.write({"group_ids": [Command.link(manager.id)]})
        new.write({"password": "new-password-1", "login": "newer@guard.test"})
        new.partner_id.write({"email": "newer@guard.test"})
        self.assertTrue(new.partner_id._get_signup_url())
        new.copy({"login": "copy@guard.test"}).unlink()
        new.write({"group_ids": [Command.unlink(manager.id)], "active": False})
        self.assertFalse(new.active)

    def test_own_preferences(self):
        for user in (self.worker, self.boss, self.admin):
            own = user.with_user(user)
            own.write({"email": f"own-{user.id}@guard.test", "tz": "Europe/Paris"})
            self.assertEqual(user.email, f"own-{user.id}@guard.test")

    def test_a_forgotten_password(self):
        public = self.env.ref("base.public_user")
        # sudo: as the page of the password does it, for a visitor
        users = self.env["res.users"].with_user(public).sudo()
        person = users.browse(self.admin.id).partner_id
        person.signup_prepare("reset")
        token = person._generate_signup_token()
        login, _password = users.signup({"password": "new-password-1"}, token)
        self.assertEqual(login, self.admin.login)
        users.signup(
            {"login": "guest@guard.test", "name": "Guest", "password": "guest-pw-1"},
            self._invited()._generate_signup_token(),
        )

    def _invited(self):
        person = self.env["res.partner"].create({"name": "Guest"})
        person.signup_prepare()
        return person

    def test_administrators(self):
        users = self.env["res.users"].with_user(self.admin)
        second = users.create(
            {"name": "S", "login": "s", "group_ids": [Command.link(self.system.id)]}
        )
        second.write({"password": "new-password-1", "email": "s@guard.test"})
        second.unlink()
