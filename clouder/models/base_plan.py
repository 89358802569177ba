from odoo import models


class ClouderBase(models.Model):
    """What people see of a base besides its fields."""

    _inherit = "clouder.base"

    def plan(self):
        """Return what deploying these bases would change.

        :return: list of ``{"record", "change", "parts", "interruption"}``; ``change`` is
            create, configure or link; empty when there is nothing to do
        """
        self.check_access("read")
        plan = []
        # sudo: checked above; links lead to services of others
        for base in self.sudo():
            if not base.deployed_at or base.state == "purged":
                plan.append(base._change("create", sorted(base._databases().values())))
            elif base.to_apply:
                plan.append(base._change("configure", []))
            plan += [
                base._change("link", [link.code])
                for link in base.link_ids
                if link.state in ("waiting", "broken", "withdrawn") and link.target
            ]
        return plan

    def _change(self, change, parts):
        return {
            "record": self.fulldomain,
            "change": change,
            "parts": parts,
            "interruption": False,
        }

    def action_reveal_password(self):
        """Show the accounts of this base; who looked is noted on it."""
        self.ensure_one()
        self.check_access("write")
        accounts = [
            f"{login} · {password}"
            for login, password in (
                (self.admin_name, self.admin_password),
                (self.poweruser_name, self.poweruser_password),
            )
            if login and password
        ]
        self.message_post(
            body=self.env._("%s looked at the passwords.", self.env.user.name)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.fulldomain,
                "message": "\n".join(accounts),
                "sticky": True,
            },
        }
