"""Every role, every model, every right: walks the table."""

import itertools

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .access_table import KINDS, NOTHING, OPERATIONS, OUTSIDERS, ROLES, TABLE
from .common import CatalogueCase


@tagged("post_install", "-at_install")
class TestAccess(CatalogueCase):
    # These are seen inside the forms of others.
    WITHOUT_LIST = {
        "clouder.application.type.option",
        "clouder.application.option",
        "clouder.application.link",
        "clouder.image.port",
        "clouder.image.volume",
        "clouder.image.placement",
        "clouder.service.option",
        "clouder.service.link",
        "clouder.service.port",
        "clouder.service.volume",
        "clouder.base.option",
        "clouder.base.link",
        "clouder.base.alias",
        "clouder.backup.repository",
        "clouder.job.step",
        "clouder.job.line",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.option("theme", type="base")
        cls.nobody = cls.env["res.partner"].create({"name": "Nobody"})
        cls.records = {kind: {} for kind in KINDS}
        for kind in KINDS:
            cls.make_catalogue(kind)
            cls.make_hosted(kind)
            cls.make_observed(kind)
        cls.env.flush_all()

    @classmethod
    def keep(cls, kind, *records):
        for record in records:
            cls.records[kind][record._name] = record

    @classmethod
    def make_catalogue(cls, kind):
        public = {"public": kind == "public", "partner_id": cls.nobody.id}
        image = cls.image.copy(
            {
                "name": f"image-{kind}",
                "port_ids": [Command.create({"name": "http", "local_port": 80})],
                "volume_ids": [Command.create({"name": "v", "localpath": "/v"})],
                **public,
            }
        )
        version = image._new_version()
        version._note_built(cls.node, "sha256:abc")
        application = cls.application(
            f"App {kind}",
            f"app-{kind}",
            cls.shop_type,
            base=True,
            default_image_id=image.id,
            option_ids=[
                Command.create({"name": cls.options["color"].id, "value": "blue"})
            ],
            link_ids=[
                Command.create({"tag_id": cls.tags["database"].id, "auto": False})
            ],
            **public,
        )
        domain = cls.domain.copy({"name": f"{kind}.test", **public})
        template = cls.env["clouder.application.template"].create({"name": kind})
        provider = cls.env["clouder.provider"].create({"name": kind, "kind": "dns"})
        cls.keep(kind, image, image.port_ids, image.volume_ids, version)
        cls.keep(kind, version.placement_ids, application, application.option_ids)
        cls.keep(kind, application.link_ids, domain, template, provider)
        cls.keep(kind, cls.shop_type, cls.options["color"], cls.tags["data"])

    @classmethod
    def make_hosted(cls, kind):
        records = cls.records[kind]
        public = kind == "public"
        environment = cls.env["clouder.environment"].create(
            {"name": kind, "prefix": kind, "partner_id": cls.nobody.id}
        )
        node = cls.node.copy(
            {
                "name": f"{kind}.node.test",
                "public": public,
                "partner_id": cls.nobody.id,
                "environment_ids": environment.ids,
            }
        )
        application = records["clouder.application"]
        tag = cls.tags["database"]
        service = cls.service(
            "shop",
            application,
            environment_id=environment.id,
            node_id=node.id,
            public=public,
            link_ids=[Command.create({"tag_id": tag.id})],
            volume_ids=[Command.create({"name": "w", "localpath": "/w"})],
            port_ids=[Command.create({"name": "p", "local_port": 1})],
        )
        cls.keep(kind, environment, node, service, service.option_ids[:1])
        cls.keep(
            kind, service.link_ids[:1], service.volume_ids[:1], service.port_ids[:1]
        )
        cls.make_base(kind, service, tag)

    @classmethod
    def make_base(cls, kind, service, tag):
        theme = cls.shop_type.option_ids.filtered(lambda one: one.name == "theme")
        base = cls.env["clouder.base"].create(
            {
                "name": "shop",
                "domain_id": cls.records[kind]["clouder.domain"].id,
                "environment_id": service.environment_id.id,
                "application_id": service.application_id.id,
                "service_id": service.id,
                "public": service.public,
                "option_ids": [Command.create({"name": theme.id, "value": "dark"})],
                "link_ids": [Command.create({"tag_id": tag.id})],
                "alias_ids": [Command.create({"name": f"{kind}.example"})],
            }
        )
        cls.keep(kind, base, base.option_ids[:1], base.link_ids[:1], base.alias_ids)

    @classmethod
    def make_observed(cls, kind):
        service = cls.records[kind]["clouder.service"]
        environment = service.environment_id
        service.write({"state": "failed", "error": "It broke."})
        repository = cls.env["clouder.backup.repository"].create(
            {
                "name": kind,
                "backup_service_id": service.id,
                "environment_id": environment.id,
            }
        )
        webhook = cls.env["clouder.webhook"].create(
            {
                "name": kind,
                "url": "https://shop.example.com/",
                "environment_id": environment.id,
                "on_job": False,
            }
        )
        cls.keep(kind, webhook, webhook._deliver("ping", {}))
        job = cls.make_job(kind, service)
        values = {"name": kind, "environment_id": environment.id}
        cls.keep(kind, repository, job, job.step_ids, job.line_ids)
        cls.keep(kind, cls.env["clouder.backup"].create(values))
        cls.keep(
            kind,
            cls.env["clouder.container"].create(
                {"name": kind, "service_id": service.id, "node_id": service.node_id.id}
            ),
        )
        cls.env.flush_all()
        cls.keep(
            kind,
            cls.env["clouder.problem"].search(
                [("res_model", "=", service._name), ("res_id", "=", service.id)]
            ),
        )

    @classmethod
    def make_job(cls, kind, service):
        step = {
            "sequence": 1,
            "name": "x",
            "res_model": service._name,
            "res_id": service.id,
            "hook": "service_ready",
        }
        return cls.env["clouder.job"].create(
            {
                "name": kind,
                "action": "deploy",
                "res_model": service._name,
                "res_id": service.id,
                "environment_id": service.environment_id.id,
                "state": "done",
                "step_ids": [Command.create(step)],
                "line_ids": [Command.create({"text": "x"})],
            }
        )

    def adopt(self, user):
        """Make the records of kind own those of ``user``."""
        own = self.records["own"]
        own["clouder.environment"].write(
            {"user_ids": [Command.set(user.ids)], "partner_id": user.partner_id.id}
        )
        for model in ("clouder.application", "clouder.image", "clouder.domain"):
            own[model].partner_id = user.partner_id
        self.env.flush_all()
        self.env.invalidate_all()

    def rights(self, record, user):
        """Return the letters of what ``user`` may do with ``record``."""
        record = record.with_user(user)
        letters = [
            letter
            for letter, operation in OPERATIONS.items()
            if record.has_access(operation)
        ]
        return "".join(letters) or "-"

    def test_table_is_complete(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("clouder.")
            and not model._abstract
            and not model._transient
            and model._original_module == "clouder"
        }
        self.assertEqual(models, set(TABLE))
        for kind in KINDS:
            empty = [name for name in TABLE if not self.records[kind].get(name)]
            self.assertFalse(empty, f"no {kind} records to look at")

    def test_every_model_has_rules_for_every_role_with_rights(self):
        self.env.cr.execute(
            """
            SELECT model.model, acl.name
              FROM ir_model_access acl
              JOIN ir_model model ON model.id = acl.model_id
             WHERE model.model LIKE 'clouder.%' AND acl.group_id IS NULL
            """
        )
        self.assertFalse(self.env.cr.fetchall(), "a right without a role")

    def test_table(self):
        for place, role in enumerate(ROLES):
            user = self.user(role)
            self.adopt(user)
            for model, cells in TABLE.items():
                found = "/".join(
                    self.rights(self.records[kind][model], user) for kind in KINDS
                )
                with self.subTest(role=role, model=model):
                    self.assertEqual(found, cells[place])

    def test_what_is_readable_is_what_searches_find(self):
        for role in ROLES:
            user = self.user(role)
            self.adopt(user)
            for model in TABLE:
                for kind in KINDS:
                    record = self.records[kind][model].with_user(user)
                    if not record.browse().has_access("read"):
                        continue
                    found = record.search([("id", "=", record.id)])
                    with self.subTest(role=role, model=model, kind=kind):
                        self.assertEqual(bool(found), record.has_access("read"))

    def test_people_without_a_role(self):
        for groups, table in OUTSIDERS.items():
            user = new_test_user(self.env, f"no_{groups[11:]}", groups=groups)
            self.adopt(user)
            for model in TABLE:
                found = "/".join(
                    self.rights(self.records[kind][model], user) for kind in KINDS
                )
                with self.subTest(groups=groups, model=model):
                    self.assertEqual(found, table.get(model, NOTHING))

    def test_a_key_is_as_wide_as_its_owner(self):
        """Who calls by an API key is its owner: the same user, with the same rights."""
        for role in ROLES:
            user = self.user(role)
            keys = self.env["res.users.apikeys"].with_user(user).sudo()
            key = keys._generate("rpc", "test", None)
            found = keys._check_credentials(scope="rpc", key=key)
            self.assertEqual(found, user.id)

    def test_roles_imply_each_other_and_employees_have_none(self):
        groups = [self.env.ref(f"clouder.group_{role}") for role in ROLES]
        for lower, higher in itertools.pairwise(groups):
            self.assertIn(lower, higher.all_implied_ids)
        self.assertNotIn(groups[0], self.env.ref("base.group_user").all_implied_ids)
        self.assertTrue(
            self.env.ref("base.user_admin").has_group("clouder.group_administrator")
        )

    def test_nobody_points_at_what_he_cannot_read(self):
        manager = self.user("application_manager")
        self.adopt(manager)
        own, foreign = self.records["own"], self.records["foreign"]
        for model, field in (
            ("clouder.application", "next_node_id"),
            ("clouder.application", "next_service_id"),
            ("clouder.application", "default_image_id"),
            ("clouder.application.link", "next"),
            ("clouder.application.option", "application_id"),
            ("clouder.image", "parent_id"),
            ("clouder.image.port", "image_id"),
            ("clouder.domain", "dns_id"),
        ):
            record = own[model].with_user(manager)
            target = foreign[record._fields[field].comodel_name]
            with self.subTest(model=model, field=field), self.assertRaises(AccessError):
                record[field] = target.id

    def test_own_records_cannot_be_smuggled_into_public_ones(self):
        manager = self.user("application_manager")
        self.adopt(manager)
        option = self.records["own"]["clouder.application.option"].with_user(manager)
        self.records["public"]["clouder.application.option"].unlink()
        with self.assertRaises(AccessError):
            option.application_id = self.records["public"]["clouder.application"].id

    def test_every_view_opens_for_every_role(self):
        """What the server prepares for the browser: views, fields and their choices."""
        views = self.env["ir.ui.view"].search([("model", "in", list(TABLE))])
        listed = {view.model for view in views if view.type == "list"}
        self.assertLessEqual(set(TABLE) - self.WITHOUT_LIST, listed)
        for role in ROLES:
            user = self.user(role)
            for view in views.filtered(lambda one: not one.inherit_id):
                model = self.env[view.model].with_user(user)
                if model.has_access("read"):
                    with self.subTest(role=role, view=view.name):
                        model.get_views([(view.id, view.type)])

    def test_what_clouder_says_itself_is_nobodys_to_write(self):
        """A readonly field of a form is readonly over RPC, too."""
        own = self.records["own"]
        written = {
            "clouder.service": {"state": "purged", "error": "x", "wanted": "running"},
            "clouder.base": {"state": "running", "code_digest": "x", "observed": "x"},
            "clouder.service.link": {"state": "working", "reason": "x"},
            "clouder.base.link": {"state": "working"},
        }
        for role in ("deployer", "administrator"):
            user = self.user(role)
            self.adopt(user)
            for model, values in written.items():
                for name, value in values.items():
                    record = own[model].with_user(user).sudo(False)
                    with (
                        self.subTest(role=role, model=model, field=name),
                        self.assertRaises(AccessError),
                    ):
                        record.write({name: value})
