"""Two customers, each with an instance, and what a browser sends for them."""

import re

from odoo import http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.clouder.tests.hosting_case import HostingCase

URL = "/my/instances"
# What differs from page to page by itself.
VOLATILE = re.compile(r'csrf_token[^,>]*|data-view-xmlid="[^"]*"|nonce="[^"]*"')


class PortalCase(HostingCase, HttpCase):
    """Anna works for Acme, Bob is somebody else; each has one running base."""

    logged_in = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")
        cls.acme = cls.env["res.partner"].create({"name": "Acme", "is_company": True})
        cls.anna, cls.bob = cls._customer("anna", cls.acme), cls._customer("bob")
        cls.mine = cls._base("mine", cls._environment("acme", cls.acme))
        cls.his = cls._base("his", cls._environment("bob", cls.bob.partner_id))

    @classmethod
    def _customer(cls, login, company=None):
        user = new_test_user(cls.env, login, groups="base.group_portal")
        user.partner_id.parent_id = company
        return user

    @classmethod
    def _environment(cls, prefix, partner):
        return cls.env["clouder.environment"].create(
            {
                "name": prefix,
                "prefix": prefix,
                "partner_id": partner.id,
                "user_ids": [Command.clear()],
            }
        )

    @classmethod
    def _base(cls, name, environment, **values):
        base = cls.env["clouder.base"].create(
            {
                "name": name,
                "title": f"Shop of {name}",
                "domain_id": cls.domain.id,
                "environment_id": environment.id,
                "application_id": cls.app_shop.id,
                "service_id": cls.shop.id,
                "poweruser_name": f"{name}@example.test",
            }
        )
        base.write({"state": "running", "deployed_at": "2026-01-01", **values})
        return base

    def _job(self, base, **values):
        return self.env["clouder.job"].create(
            {
                "name": "x",
                "action": "deploy",
                "res_model": base._name,
                "res_id": base.id,
                **values,
            }
        )

    def log_in(self, login):
        """Have what follows asked by ``login``; None is the public."""
        if login != self.logged_in:
            self.authenticate(login, login)
            self.logged_in = login

    def page(self, path, login="anna", **query):
        """Get ``path`` as ``login``; None is the public."""
        self.log_in(login)
        return self.url_open(path, params=query, allow_redirects=False)

    def ask(self, base, verb, who="anna", **form):
        """Post ``verb`` for ``base`` (record or id) as ``who``, as its page does."""
        self.log_in(who)
        form.setdefault("csrf_token", http.Request.csrf_token(self))
        base_id = getattr(base, "id", base)
        return self.url_open(
            f"{URL}/{base_id}/{verb}", data=form, allow_redirects=False
        )

    def jobs(self, base):
        """Return the actions of the jobs of ``base``, the newest first."""
        self.env.invalidate_all()
        return base._portal_jobs().mapped("action")

    def essence(self, response):
        """Return what a reader can tell one answer from another by."""
        headers = {
            name: value
            for name, value in response.headers.items()
            if name not in ("Date", "Set-Cookie", "Content-Length")
        }
        return response.status_code, headers, VOLATILE.sub("", response.text)
