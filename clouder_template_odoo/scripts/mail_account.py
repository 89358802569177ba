"""Runs in ``odoo shell``: have the account that takes the mail of the base.

It belongs to nobody, has no password and no rights but one: to run the action that is its
home action. That action tells whether an address exists, and takes a message.
``ACTION`` is the code of the action; the account waits for its key.
"""

MAIL_MODULE = "mail"
XML_MODULE = "__clouder__"


def mail_record(name, model):
    """Return the record that was noted under ``name``, or none."""
    return env.ref(f"{XML_MODULE}.{name}", raise_if_not_found=False) or env[model]  # noqa: F821


def note_record(name, record):
    """Note ``record`` under ``name``."""
    env["ir.model.data"]._update_xmlids(  # noqa: F821
        [{"xml_id": f"{XML_MODULE}.{name}", "record": record, "noupdate": True}]
    )


def have_mail_account(code):
    """Create group, action and account, where the module ``mail`` is installed."""
    installed = env["ir.module.module"]._installed()  # noqa: F821
    if MAIL_MODULE not in installed or mail_record("mail_account", "res.users"):
        return
    group = env["res.groups"].create({"name": "Clouder: mail gateway"})  # noqa: F821
    action = env["ir.actions.server"].create(  # noqa: F821
        {
            "name": "Clouder: take a message",
            "model_id": env["ir.model"]._get_id("mail.alias"),  # noqa: F821
            "state": "code",
            "code": code,
            "group_ids": [(6, 0, group.ids)],
        }
    )
    users = env["res.users"].with_context(no_reset_password=True)  # noqa: F821
    user = users.create(
        {
            "name": "Mail gateway",
            "login": "__clouder_mail__",
            "group_ids": [(6, 0, group.ids)],
            "action_id": action.id,
        }
    )
    user.active = False
    user.partner_id.active = False
    for name, record in (
        ("mail_group", group),
        ("mail_action", action),
        ("mail_account", user),
    ):
        note_record(name, record)
