"""Opens whatever the menus of Clouder lead to, in a real browser."""

import json

from odoo.tests import HttpCase, tagged

from odoo.addons.clouder.tests.test_access import TestAccess

ALL_ROLES = "administrator"
LEAST_ROLE = "user"


@tagged("post_install", "-at_install", "clouder_tour")
class TestEveryView(TestAccess, HttpCase):
    """Walks the menus as they are in the database: a new one is covered by itself."""

    def _visit(self, role, search=True, groups=()):
        user = self.user(role)
        for group in groups:
            user.group_ids |= self.env.ref(group)
        self.adopt(user)
        pages = [{**page, "search": search} for page in self._pages(user)]
        self.assertGreater(len(pages), 10, "the menus of Clouder were not found")
        self.browser_js(
            "/odoo?debug=0",
            f"odoo.clouderEveryView({json.dumps(pages)})",
            "odoo.clouderEveryView && odoo.isReady",
            login=user.login,
            timeout=240,
        )

    def _pages(self, user):
        """Return what ``user`` can open: a list of dicts for the browser."""
        menus = self.env["ir.ui.menu"].with_user(user)
        shown = menus.browse(menus._visible_menu_ids())
        below = menus.search(
            [("id", "child_of", self.env.ref("clouder.clouder_menu").id)]
        )
        return [
            self._page(menu, user)
            for menu in below & shown
            if menu.action and menu.action._name == "ir.actions.act_window"
        ]

    def _page(self, menu, user):
        action = menu.action.sudo()
        model = self.env[action.res_model].with_user(user)
        views = action.view_mode.split(",")
        record = model if model._transient else model.search([], limit=1)
        inline = model._transient
        if "form" in views and not inline:
            record = record or self._made(model)
            self.assertTrue(record, f"make a record of {model._name} to be opened")
        return {
            "menu": menu.id,
            "action": action.id,
            "title": menu.complete_name,
            "views": [view for view in views if view != "form"],
            "form": "form" in views and not inline,
            "record": record.id,
            "create": model.has_access("create") and not inline,
        }

    def _made(self, model):
        """Return a record of a model of which nobody makes any by hand: a log, a ledger."""
        values = {
            name: "shown"
            if field.type == "char"
            else self.env[field.comodel_name].search([], limit=1).id
            for name, field in model._fields.items()
            if field.required
            and field.type in ("char", "many2one")
            and not (field.default or field.compute)
        }
        return model.sudo().create(values).with_env(model.env)

    def test_every_view_as_administrator(self):
        self._visit(ALL_ROLES, groups=["base.group_system"])

    def test_every_view_as_user(self):
        self._visit(LEAST_ROLE, search=False)
