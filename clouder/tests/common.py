import contextlib

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.clouder.models.application_type import as_module

HOSTILE = (
    "",
    " ",
    ";id",
    "$(id)",
    "`id`",
    "a b",
    "a\n",
    "a\nb",
    "-leading",
    "trailing-",
    "../up",
    "a/b",
    "a'b",
    'a"b',
    "UPPER",
    "аpple",  # the first letter is Cyrillic
    "ﬁle",  # a ligature
    "a" * 10_000,
)


class CatalogueCase(TransactionCase):
    """A small catalogue: a database type and a shop type with Data, Files and Exec."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, clouder_no_deploy=True)
        )
        cls.make_types()
        cls.make_places()
        cls.make_applications()

    @contextlib.contextmanager
    def assert_refused(self, pattern="."):
        """Check that the code or the database refuses what is done inside."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                yield
                self.env.flush_all()
        except (UserError, psycopg2.IntegrityError, psycopg2.DataError) as error:
            self.assertRegex(str(error), pattern)
        else:
            self.fail("Nothing was refused.")

    @classmethod
    def make_types(cls):
        cls.tags = {
            tag.code: tag for tag in cls.env["clouder.application.tag"].search([])
        }
        cls.db_type = cls.make_type("test-db", system_user="postgres")
        cls.shop_type = cls.make_type("test-shop", system_user="shop")
        options = (
            {"name": "color", "default": "red"},
            {"name": "api_key", "secret": True},
            {
                "name": "workers",
                "type": "service",
                "value_type": "integer",
                "default": "2",
                "auto": True,
            },
        )
        cls.options = {values["name"]: cls.option(**values) for values in options}

    @classmethod
    def make_type(cls, name, **values):
        """Create an application type as a module would; it can then no longer change."""
        kind = as_module(cls.env["clouder.application.type"]).create(
            {"name": name, "system_user": "nobody", **values}
        )
        return kind.with_env(cls.env)

    @classmethod
    def make_places(cls):
        cls.node = cls.env["clouder.node"].create({"name": "node.test", "public": True})
        cls.environment = cls.env["clouder.environment"].create(
            {"name": "Test", "prefix": "test", "partner_id": cls.env.user.partner_id.id}
        )
        cls.domain = cls.env["clouder.domain"].create(
            {"name": "shop.test", "organisation": "Test", "public": True}
        )

    @classmethod
    def make_applications(cls):
        cls.image = cls.env["clouder.image"].create(
            {"name": "test-shop", "parent_from": "debian:bookworm-slim", "public": True}
        )
        cls.db = cls.application("Database", "db", cls.db_type, ["data", "database"])
        cls.shop = cls.application("Shop", "shop", cls.shop_type, ["exec"], base=True)

    @classmethod
    def application(cls, name, code, kind, tags=(), **values):
        """Create an application with an image on the test node."""
        return cls.env["clouder.application"].create(
            {
                "name": name,
                "code": code,
                "type_id": kind.id,
                "tag_ids": [Command.link(cls.tags[tag].id) for tag in tags],
                "default_image_id": cls.image.id,
                "next_node_id": cls.node.id,
                "current_version": "1.0",
                "public": True,
                **values,
            }
        )

    @classmethod
    def option(cls, name, kind=None, **values):
        """Create an option of the shop type, or of ``kind``."""
        return cls.env["clouder.application.type.option"].create(
            {"name": name, "type_id": (kind or cls.shop_type).id, **values}
        )

    @classmethod
    def service(cls, suffix, application=None, **values):
        """Create a service that is not deployed."""
        return cls.env["clouder.service"].create(
            {
                "suffix": suffix,
                "application_id": (application or cls.shop).id,
                "environment_id": cls.environment.id,
                **values,
            }
        )

    @classmethod
    def user(cls, role, login=None):
        """Create a user with a role of Clouder."""
        return new_test_user(
            cls.env, login or f"test_{role}", groups=f"clouder.group_{role}"
        )
