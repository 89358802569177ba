from odoo.tests import Form, new_test_user, tagged

from .common import OdooCase


@tagged("post_install", "-at_install")
class TestVerticalisation(OdooCase):
    """What "Sell an Odoo of your own" in README.md says, step by step."""

    def test_in_the_backend_alone(self):
        manager = new_test_user(
            self.env, "seller", groups="clouder.group_application_manager"
        )
        example = self.env.ref("clouder_template_odoo.application_odoo_crm")
        self.service.public = True
        self.environment.user_ids = manager
        dialog = self.env["clouder.application.duplicate"].with_user(manager)
        with Form(dialog.with_context(default_application_id=example.id)) as form:
            form.name = "Odoo for schools"
            form.code = "odoo-school"
        action = form.record.action_duplicate()
        copy = self.env[action["res_model"]].with_user(manager).browse(action["res_id"])
        with Form(copy) as form:
            form.next_service_id = self.service
            for line, value in ((0, "website_slides,event"), (1, "base.group_user")):
                with form.option_ids.edit(line) as option:
                    option.value = value
        school = form.record
        self.assertEqual(school.child_ids, example.child_ids)

        values = {
            "name": "school",
            "domain_id": self.domain.id,
            "environment_id": self.environment.id,
            "application_id": school.id,
        }
        self.domain.public = True
        base = self.env["clouder.base"].with_user(manager).create(values)
        self.assertEqual(base.service_id, self.service)
        recipe = self.driver._recipe(base.sudo())
        self.assertEqual(recipe.modules, ("base", "event", "website_slides"))
        self.assertEqual(recipe.groups, ("base.group_user",))
