from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import ClouderError, CommandFailed, EngineMissing
from odoo.addons.clouder.models import job_context
from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.recipe import Recipe, check_lang, group_ids, module_names


class ClouderDriverOdoo(models.AbstractModel):
    """Databases kept ready: installed once, then copied for each base."""

    _inherit = "clouder.driver.odoo"

    @api.model
    def _step_lock(self, record, hook):
        first = hook == "base_template" and not record.deployed_at
        if first and record.build == "build":
            recipe = self._recipe(record)
            if not self.env["clouder.odoo.template"]._known(recipe):
                return recipe.name
        return super()._step_lock(record, hook)

    @api.model
    def _recipe(self, base):
        """Return what the databases of bases like ``base`` are made of.

        A job asks several times: it goes on with what it found first, and the base notes
        the code that this names.
        """
        return job_context.once(("recipe", base.id), lambda: self._new_recipe(base))

    @api.model
    def _new_recipe(self, base):
        service = base.service_id._exec_service()
        database = self._database_link(service).target
        return Recipe(
            place=f"{service.name} {database.name}",
            code=self._code(service),
            modules=module_names(base._option("install_modules") or ""),
            lang=check_lang(base.lang),
            groups=group_ids(base._option("poweruser_group") or ""),
            demo=base.test,
        )

    @api.model
    def _code(self, service):
        """Return what tells the code that an Exec service runs from any other."""
        sources = service | service._siblings_with_tags(["files"])
        digests = [
            version._placement(one.node_id).digest or version.reference or ""
            for one in sources.sorted("id")
            if (version := one.image_version_id)
        ]
        return " ".join(digests)

    @api.private
    def base_template(self, base):
        """Have the template of the base: nothing to do but for the first base of a kind.

        A base that has its database needs none; it gets the modules that were added.
        """
        if base.build != "build":
            return
        if base.deployed_at:
            self._add_modules(base)
            return
        recipe = self._recipe(base)
        if not self.env["clouder.odoo.template"]._known(recipe):
            self._have_template(base.service_id._exec_service(), recipe)

    @api.model
    def _have_template(self, service, recipe):
        """Have the template of ``recipe``, made now when the server does not have it.

        Whoever calls holds the lock named as the template.

        :raise UserError: a module does not exist
        :raise ClouderError: installing failed; nothing of it is left
        """
        link = self._database_link(service)
        if recipe.name not in link.target._driver().database_list(
            link.target._exec_service()
        ):
            self._check_modules(service, recipe.modules)
            self._log(self.env._("Making the template: %s", ", ".join(recipe.modules)))
            try:
                self._make_template(service, recipe)
            except ClouderError:
                self._drop_databases(service, recipe.making)
                raise
        templates = self.env["clouder.odoo.template"]
        templates._note(recipe, service)
        self._drop_templates(templates._older(recipe))

    @api.model
    def _check_modules(self, service, modules):
        """Raise UserError for modules that do not exist: Odoo itself only warns."""
        output = self._python(service, ("code", "missing"), modules=modules)
        missing = output.split()
        if missing:
            raise UserError(
                self.env._(
                    "Service %(service)s has no Odoo module %(modules)s: correct the "
                    "option install_modules, or add it to the image of its program files.",
                    service=service.name,
                    modules=", ".join(missing),
                )
            )

    @api.model
    def _make_template(self, service, recipe):
        """Make the template database and its files under another name, then rename."""
        owner = self._database_facts(service)["user"]
        self._drop_databases(service, recipe.making)
        self._sql(service, sql.create_database(recipe.making, owner, closed=True))
        self._odoo(
            service,
            recipe.install_command(),
            self.env._("Installing %s failed", ", ".join(recipe.modules)),
        )
        parameters = {
            "modules": recipe.modules,
            "lang": recipe.lang,
            "groups": recipe.groups,
            **self._mail_action(),
        }
        self._odoo(
            service,
            recipe.prepare_command(),
            self.env._("Preparing the template failed"),
            stdin=self._script(("code", "mail_account", "prepare"), parameters),
        )
        self._filestore(service, "replace", recipe.making, recipe.name)
        self._sql(service, sql.keep_as_template(recipe.making, recipe.name))

    @api.model
    def _drop_templates(self, templates):
        """Drop templates, their files and their records; what is gone is gone."""
        for service in templates.service_id:
            names = templates.filtered(lambda one, own=service: one.service_id == own)
            try:
                self._drop_databases(service, *names.mapped("name"))
            except EngineMissing:
                self._log(
                    self.env._("%s is gone, and its templates with it.", service.name)
                )
        # sudo: templates of databases are written by Clouder alone
        templates.sudo().unlink()

    @api.model
    def _drop_databases(self, service, *names):
        """Drop databases with their files and sessions, where they exist."""
        self._sql(service, "".join(sql.drop_database(name) for name in names))
        try:
            self._filestore(service, "remove", *names)
        except CommandFailed as error:
            self._log(str(error), "warning")
