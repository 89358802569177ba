import datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import HOSTILE, CatalogueCase


@tagged("post_install", "-at_install")
class TestApplication(CatalogueCase):
    def test_name_is_free_text(self):
        for name in ("Odoo & Söhne; $(id) 'x' <b>", "x" * 10_000):
            self.assertEqual(self.application(name, "free", self.db_type).name, name)

    def test_code(self):
        for code in (*HOSTILE, "with_underscore", "a" * 21):
            with self.subTest(code=code[:30]), self.assert_refused():
                self.application("X", code or False, self.db_type)
        self.application("X", "a" * 20, self.db_type)

    def test_code_never_changes(self):
        for application in (self.shop, self.shop.copy()):
            with self.assert_refused("never changes"):
                application.code = "store"
        self.shop.write({"code": "shop", "name": "Store"})
        self.assertEqual(self.shop.name, "Store")

    def test_a_duplicate_is_given_its_code_in_the_dialog(self):
        dialogs = self.env["clouder.application.duplicate"].with_context(
            active_model=self.shop._name, active_id=self.shop.id
        )
        with Form(dialogs) as form:
            self.assertEqual((form.name, form.code), ("Shop (copy)", "shop-2"))
            form.name, form.code = "Kiosk", "kiosk"
        action = form.record.action_duplicate()
        kiosk = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((kiosk.name, kiosk.code), ("Kiosk", "kiosk"))
        self.assertEqual(kiosk.type_id, self.shop.type_id)
        for code in ("kiosk", "With blanks", "a" * 21):
            with self.subTest(code=code), self.assert_refused():
                dialogs.create({"code": code}).action_duplicate()

    def test_who_makes_no_applications_duplicates_none(self):
        user = self.user("deployer")
        with self.assertRaises(AccessError):
            self.env["clouder.application.duplicate"].with_user(user).create(
                {"application_id": self.shop.id, "name": "X", "code": "x"}
            )

    def test_version_name(self):
        moment = datetime.datetime(2026, 11, 22, 20, 5, 7)
        self.assertEqual(self.shop._version_name(moment), "1.0.20261122.200507")
        self.shop.current_version = False
        with self.assert_refused("current version"):
            self.shop._version_name()
        with self.assert_refused():
            self.shop.current_version = "1.0;id"

    def test_tags_come_from_the_type_too(self):
        self.shop_type.tag_ids = self.tags["backup"]
        self.assertEqual(self.shop.all_tag_codes(), ["backup", "exec"])
        self.assertTrue(self.shop._check_tags({"backup", "exec"}))
        self.assertFalse(self.shop._check_tags({"backup", "data"}))

    def test_default_admin(self):
        self.shop.write({"admin_name": "jane.doe@x", "admin_email": "jane@example.com"})
        for field, value in (
            ("admin_name", "jane doe"),
            ("admin_name", "$(id)"),
            ("admin_email", "jane"),
            ("admin_email", "a@b\n"),
        ):
            with self.subTest(value=value), self.assert_refused():
                self.shop[field] = value

    def test_manager_is_the_creator(self):
        manager = self.user("application_manager")
        application = (
            self.env["clouder.application"]
            .with_user(manager)
            .create({"name": "Mine", "code": "mine", "type_id": self.db_type.id})
        )
        self.assertEqual(application.partner_id, manager.partner_id)
        self.assertFalse(application.public)

    def test_update_strategies(self):
        self.assertEqual(self.shop.update_strategy, "never")
        self.assertEqual(
            [key for key, label in self.shop._fields["update_strategy"].selection],
            ["always", "manual", "never"],
        )

    def test_next_version_belongs_to_the_default_image(self):
        other = self.image.copy({"name": "other"})
        version = other._new_version(self.shop)
        with self.assert_refused("no version of the default image"):
            self.shop.next_image_version_id = version

    def test_next_service_can_host_the_bases(self):
        service = self.service("db", self.db)
        with self.assert_refused("cannot host bases of Shop"):
            self.shop.next_service_id = service
        self.shop.next_service_id = self.service("shop")
        vertical = self.shop.copy()
        vertical.next_service_id = self.shop.next_service_id

    def test_used_application_cannot_be_deleted(self):
        self.service("one")
        self.service("two")
        with self.assert_refused(r"test-one, test-two"):
            self.shop.unlink()
        with self.assert_refused("no longer|cannot change"):
            self.shop.type_id = self.db_type

    def test_a_copy_is_a_full_application(self):
        self.shop.option_ids = [
            Command.create({"name": self.options["color"].id, "value": "green"}),
            Command.create({"name": self.options["api_key"].id, "value": "canary"}),
        ]
        copy = self.shop.copy()
        self.assertEqual(copy.name, "Shop (copy)")
        self.assertEqual((copy.code, self.shop.copy().code), ("shop-2", "shop-3"))
        self.assertEqual(copy._option("color"), "green")
        self.assertFalse(copy._option("api_key"), "a secret has one owner")

    def test_limits(self):
        with self.assert_refused("check constraint"):
            self.shop.memory_limit = -1
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestApplicationChildren(CatalogueCase):
    def test_children_are_sorted_by_sequence(self):
        exec_ = self.application("Exec", "exec", self.shop_type, sequence=3)
        data = self.application("Data", "data", self.shop_type, sequence=1)
        files = self.application("Files", "files", self.shop_type, sequence=2)
        self.shop.child_ids = exec_ | data | files
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.child_ids.mapped("code"), ["data", "files", "exec"])
        self.assertEqual(data.parent_ids, self.shop)

    def test_a_child_may_have_several_parents(self):
        other = self.application(
            "Other", "other", self.shop_type, child_ids=self.db.ids
        )
        self.shop.child_ids = self.db
        self.assertEqual(self.db.parent_ids, self.shop | other)

    def test_circle_is_named(self):
        a, b, c = (self.application(name, name.lower(), self.db_type) for name in "ABC")
        with self.assert_refused("A → A"):
            a.child_ids = a
        a.child_ids = b
        b.child_ids = c
        with self.assert_refused("C → A → B → C"):
            c.child_ids = a
        with self.assert_refused("→"):
            a.parent_ids = c

    def test_children_need_codes_of_their_own(self):
        twins = [self.application(name, "data", self.db_type) for name in ("A", "B")]
        with self.assert_refused("share the code data"):
            self.shop.child_ids = twins[0] | twins[1]


@tagged("post_install", "-at_install")
class TestApplicationBackup(CatalogueCase):
    def test_settings_for_new_records(self):
        store = self.application("Store", "store", self.db_type, ["backup"])
        service = self.service("store", store)
        self.shop.write(
            {
                "service_backup_ids": service.ids,
                "base_backup_ids": service.ids,
                "service_time_between_backup": 60,
                "base_time_between_backup": 30,
                "service_repository_change": 10,
                "service_repository_expiration": 20,
                "service_backup_expiration": 5,
                "base_backup_expiration": 7,
            }
        )
        self.assertEqual(
            self.shop._backup_settings("service"),
            {
                "backup_ids": service,
                "time_between_backup": 60,
                "repository_change": 10,
                "repository_expiration": 20,
                "backup_expiration": 5,
            },
        )
        self.assertEqual(self.shop._backup_settings("base")["backup_expiration"], 7)
        running = self.service("shop")
        self.assertEqual(running.backup_ids, service)
        self.assertEqual(running.time_between_backup, 60)
        running.time_between_backup = 15
        self.assertEqual(self.shop.service_time_between_backup, 60)

    def test_only_backup_services_store_saves(self):
        with self.assert_refused("no tag “backup”"):
            self.shop.base_backup_ids = self.service("db", self.db)

    def test_times_make_sense(self):
        for values in (
            {"base_time_between_backup": 0},
            {"service_backup_expiration": -1},
            {"base_repository_change": 30, "base_repository_expiration": 10},
        ):
            with self.subTest(values=values), self.assert_refused("check constraint"):
                self.shop.write(values)
                self.env.flush_all()
