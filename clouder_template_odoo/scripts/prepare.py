"""Runs in ``odoo shell``: make a freshly installed database ready to be copied.

``PARAMETERS``: modules, lang, groups, action. No account keeps a password; the
second one waits for its owner; the bundles of the first pages are made.
"""

import json
import sys

# Bundles with these words are of no page that is opened first: Odoo makes them when asked.
LATER_WORDS = ("test", "qunit", "dark", "print", "report", "api_doc")


def check_installed(names):
    """Stop when a module that was asked for is not installed."""
    states = {
        module.name: module.state
        for module in env["ir.module.module"].search([("name", "in", names)])  # noqa: F821
    }
    missing = [name for name in names if states.get(name) != "installed"]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")


def find_groups(xml_ids):
    """Return the groups of the second account; stop when one does not exist."""
    groups = env["res.groups"]  # noqa: F821
    for xml_id in ("base.group_user", *xml_ids):
        group = env.ref(xml_id, raise_if_not_found=False)  # noqa: F821
        if not group or group._name != "res.groups":
            sys.exit(f"there is no group {xml_id}")
        groups |= group
    return groups


def create_poweruser(groups):
    """Create the inactive second account."""
    users = env["res.users"].with_context(no_reset_password=True)  # noqa: F821
    user = users.create(
        {
            "name": "Power user",
            "login": "__clouder_poweruser__",
            "group_ids": [(6, 0, groups.ids)],
        }
    )
    # Only in this order: the contact of an active account cannot be archived.
    user.active = False
    user.partner_id.active = False
    env["ir.model.data"].create(  # noqa: F821
        {
            "module": "__clouder__",
            "name": "poweruser",
            "model": "res.users",
            "res_id": user.id,
            "noupdate": True,
        }
    )


def set_language(code):
    """Have the people of the database read ``code``."""
    people = env["res.users"].with_context(active_test=False).search([])  # noqa: F821
    people.partner_id.lang = code
    env.company.partner_id.lang = code  # noqa: F821
    env["ir.default"].set("res.partner", "lang", code)  # noqa: F821


def make_bundles():
    """Make the bundles of scripts and styles that pages ask for."""
    qweb = env["ir.qweb"]  # noqa: F821
    scripts, styles = qweb._get_bundles_to_pregenarate()
    for name in sorted(scripts | styles):
        if any(word in name for word in LATER_WORDS):
            continue
        bundle = qweb._get_asset_bundle
        if name in scripts:
            bundle(name, css=False, js=True).js()
        if name in styles:
            bundle(name, css=True, js=False).css()


def forget_passwords():
    """Take the passwords away that installing left: some are well known."""
    env.flush_all()  # noqa: F821
    env.cr.execute("UPDATE res_users SET password = NULL WHERE password IS NOT NULL")  # noqa: F821


def note_code():
    """Note the code that the database was made from."""
    modules = env["ir.module.module"].search([("state", "=", "installed")])  # noqa: F821
    digests = code_digests(modules.mapped("name"))  # noqa: F821 of code.py
    env["ir.config_parameter"].set_param("clouder.modules", json.dumps(digests))  # noqa: F821


def main(wanted):
    """Prepare the database."""
    check_installed(wanted["modules"])
    create_poweruser(find_groups(wanted["groups"]))
    have_mail_account(wanted["action"])  # noqa: F821 of mail_account.py
    set_language(wanted["lang"])
    make_bundles()
    note_code()
    forget_passwords()
    env.cr.commit()  # noqa: F821
    print("prepared")


main(PARAMETERS)  # noqa: F821
