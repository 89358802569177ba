"""What customers and visitors reach without the pages: the ORM over RPC."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clouder.tests.access_table import OUTSIDERS

from ..models.base_portal import PORTAL_FIELDS
from .portal_case import PortalCase

# The portal's one right on models of Clouder: customers read their own bases.
OUTSIDERS["base.group_portal"]["clouder.base"] = "r/-/-"

RIGHTS = ("read", "write", "create", "unlink")
# Rights on own and on others' records, by role: the first letter of each right.
TABLE = {
    "portal": ("r", ""),
    "public": ("", ""),
    "user": ("", ""),
}
CANARY = "canary-7f3a"
# What a word of the machinery looks like in the database of a base.
PLANTED = {
    "admin_password": CANARY,
    "poweruser_password": CANARY,
    "error": CANARY,
    "error_detail": CANARY,
    "observed": CANARY,
    "code_digest": CANARY,
    "admin_name": CANARY,
    "admin_email": f"{CANARY}@example.test",
    "backup_comment": CANARY,
    "driver_state": {"x": CANARY},
}


@tagged("post_install", "-at_install")
class TestPortalAccess(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine.write(PLANTED)
        cls.his.write(PLANTED)
        cls.env.flush_all()
        cls.roles = {
            "portal": cls.anna,
            "public": cls.env.ref("base.public_user"),
            "user": new_test_user(cls.env, "employee", groups="base.group_user"),
        }

    def setUp(self):
        super().setUp()
        self.own = self.mine.with_user(self.anna).sudo(False)
        self.foreign = self.his.with_user(self.anna).sudo(False)

    def test_table(self):
        for role, cells in TABLE.items():
            user = self.roles[role]
            for base, letters in zip((self.mine, self.his), cells, strict=True):
                record = base.with_user(user)
                found = [right[0] for right in RIGHTS if record.has_access(right)]
                with self.subTest(role=role, base=base.name):
                    self.assertEqual("".join(found), letters)

    def test_no_other_model_of_clouder_is_open(self):
        for name in self.env.registry:
            if not name.startswith("clouder.") or name == "clouder.base":
                continue
            if self.env[name]._abstract:
                continue
            for role in ("portal", "public"):
                model = self.env[name].with_user(self.roles[role])
                for right in RIGHTS:
                    with self.subTest(model=name, role=role, right=right):
                        self.assertFalse(model.has_access(right))

    def test_searches_find_what_the_pages_show(self):
        for user in (self.anna, self.bob):
            bases = self.env["clouder.base"].with_user(user)
            self.assertEqual(
                bases.search([]).ids, bases.sudo().search(bases._portal_domain()).ids
            )
        self.assertEqual(self.own.search([]), self.own)

    def test_fields_are_closed_unless_listed(self):
        self.assertEqual(set(self.own.fields_get()), PORTAL_FIELDS)
        self.assertEqual(set(self.own.read()[0]), PORTAL_FIELDS)
        for name in set(self.own._fields) - PORTAL_FIELDS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.own.read([name])

    def test_nothing_planted_is_read_by_any_way(self):
        bases = self.own.browse()
        ways = (
            lambda name: bases.search_read([], [name]),
            lambda name: bases.search([(name, "=", 1)]),
            lambda name: bases.search([(name, "ilike", CANARY)]),
            lambda name: bases.search([], order=f"{name} desc"),
            lambda name: bases.formatted_read_group([], [name], ["__count"]),
            lambda name: bases.formatted_read_group([], [], [f"{name}:max"]),
            lambda name: bases.web_search_read([], {name: {}}),
            lambda name: self.own.export_data([name])["datas"],
            lambda name: bases.search(
                [("display_name", "ilike", CANARY), (name, "!=", 0)]
            ),
        )
        for name in (
            *PLANTED,
            "admin_password_encrypted",
            "cert_key",
            "cert_cert",
            "service_id",
            "environment_id",
        ):
            for number, way in enumerate(ways):
                with self.subTest(field=name, way=number):
                    try:
                        found = str(way(name))
                    except (AccessError, UserError, ValueError, KeyError):
                        continue
                    self.fail(f"{name} answers: {found[:200]}")

    def test_nobody_walks_over_relations(self):
        for path in (
            "service_id.name",
            "environment_id.name",
            "link_ids.reason",
            "job_ids.error",
            "create_uid.login",
            "message_ids.body",
        ):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self.own.search([(path, "ilike", "a")])

    def test_names_of_others_are_not_found(self):
        bases = self.own.browse()
        self.assertFalse(bases.name_search("his"))
        self.assertFalse(bases.search_count([("fulldomain", "=", self.his.fulldomain)]))
        for record in (self.foreign, self.foreign.browse(self.his.id)):
            with self.assertRaises(AccessError):
                record.read(["title"])

    def _public_methods(self):
        """Return the methods of bases that RPC can call and our addons brought."""
        names = []
        for name, method in inspect.getmembers(type(self.mine), inspect.isfunction):
            homes = [
                vars(cls)[name].__module__
                for cls in type(self.mine).__mro__
                if name in vars(cls) and inspect.isfunction(vars(cls)[name])
            ]
            if not any(".clouder" in home for home in homes):
                continue
            try:
                get_public_method(self.mine, name)
            except AccessError:
                continue
            names.append((name, method))
        return names

    def _try(self, record, name, method):
        needed = [
            one
            for one in list(inspect.signature(method).parameters.values())[1:]
            if one.default is inspect.Parameter.empty
            and one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        values = {"vals_list": [{"title": "x"}], "vals": {"title": "x"}}
        arguments = [values.get(one.name, 1) for one in needed]
        return getattr(record, name)(*arguments)

    def test_no_method_does_or_tells_anything(self):
        """Every public method of a base, called by its customer and by another one."""
        methods = self._public_methods()
        called = {name for name, _method in methods}
        self.assertLessEqual(
            {"deploy", "purge", "restart", "suspend", "login_once", "renew_password"},
            called,
        )
        before = self.mine.read()[0]
        jobs = self.env["clouder.job"].search_count([])
        for record in (self.own, self.foreign):
            for name, method in methods:
                with self.subTest(method=name, base=record.id):
                    try:
                        with self.env.cr.savepoint():
                            answer = str(self._try(record, name, method))
                    except (UserError, TypeError, ValueError, AttributeError, KeyError):
                        continue
                    self.assertNotIn(CANARY, answer)
        self.env.invalidate_all()
        self.assertEqual(self.mine.read()[0], before)
        self.assertEqual(self.env["clouder.job"].search_count([]), jobs)

    def test_what_is_said_about_a_base_stays_inside(self):
        message = self.mine.message_post(
            body=CANARY,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("a.txt", b"inside")],
        )
        file = message.attachment_ids
        self.assertEqual((file.res_model, file.res_id), ("clouder.base", self.mine.id))
        messages = self.env["mail.message"].with_user(self.anna)
        self.assertFalse(messages.search([("id", "=", message.id)]))
        with self.assertRaises(AccessError):
            messages.browse(message.id).read(["body"])
        with self.assertRaises(AccessError):
            file.with_user(self.anna).read(["name"])
        with self.assertRaises(AccessError):
            self.own.message_subscribe([self.anna.partner_id.id])
        with self.assertRaises(AccessError):
            self.own.message_post(body="hello")
        self.log_in("anna")
        answer = self.url_open(f"/web/content/{file.id}")
        self.assertEqual(answer.status_code, 404)

    def test_staff_reads_as_before(self):
        user = new_test_user(self.env, "clerk", groups="clouder.group_deployer")
        self.mine.environment_id.user_ids = [Command.link(user.id)]
        base = self.mine.with_user(user)
        self.assertEqual(base.admin_password, CANARY)
        message = self.mine.message_post(body="x")
        self.assertTrue(message.with_user(user).read(["body"]))
        self.assertTrue(base.message_subscribe([user.partner_id.id]))

    @mute_logger("odoo.http")
    def test_over_the_wire(self):
        """The same through the door that browsers use."""
        self.log_in("anna")

        def call(model, method, *args, **named):
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": named},
            )

        found = call("clouder.base", "search_read", [])
        self.assertEqual([one["id"] for one in found], [self.mine.id])
        self.assertNotIn(CANARY, str(found))
        for model, method, args in (
            ("clouder.base", "read", [[self.his.id], ["title"]]),
            ("clouder.base", "read", [[self.mine.id], ["admin_password"]]),
            ("clouder.base", "write", [[self.mine.id], {"title": "x"}]),
            ("clouder.base", "login_once", [[self.mine.id]]),
            ("clouder.base", "_portal_find", [self.mine.id]),
            ("clouder.job", "search_read", [[]]),
        ):
            with self.subTest(method=method), self.assertRaisesRegex(Exception, "."):
                call(model, method, *args)

    @mute_logger("odoo.http")
    def test_over_the_api(self):
        """The same with an API key of the customer."""
        keys = self.env["res.users.apikeys"].with_user(self.anna).sudo()
        headers = {"Authorization": f"Bearer {keys._generate(None, 'test', None)}"}

        def call(method, **arguments):
            return self.url_open(
                f"/json/2/clouder.base/{method}", json=arguments, headers=headers
            )

        found = call("search_read", domain=[]).json()
        self.assertEqual([one["id"] for one in found], [self.mine.id])
        self.assertNotIn(CANARY, str(found))
        for method, arguments in (
            ("read", {"ids": [self.mine.id], "fields": ["admin_password"]}),
            ("read", {"ids": [self.his.id], "fields": ["title"]}),
            ("write", {"ids": [self.mine.id], "vals": {"title": "x"}}),
            ("purge", {"ids": [self.mine.id]}),
            ("login_once", {"ids": [self.mine.id]}),
        ):
            with self.subTest(method=method):
                answer = call(method, **arguments)
                self.assertEqual(answer.status_code, 403)
                self.assertNotIn(CANARY, answer.text)
