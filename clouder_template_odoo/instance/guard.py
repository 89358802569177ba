"""Runs in an Odoo container: who manages the people of a base does not rule the server.

The bases of a service share one process and one database role: who can run code in one
reaches all others. Odoo itself draws no line there between *Access Rights*, which a
customer needs for his colleagues, and *Administrator*: the first may give himself the
second, or write code at once (computed fields, rules, templates of mails).

Here only the system itself (``su``) and administrators may

* change groups, access rights, rules, the data model, and texts that run as code;
* change accounts that have more power than one's own, and what leads to their passwords;
* give power that one does not have.

Power is a group that may write code: it may change views, actions and the like.

Odoo gives a database the classes of the modules that are installed there, and this addon
is installed in none. So the classes say which module they belong to and stand behind its
own: they come with it in every database. All modules that are loaded later override
them, so what such a module does as the system remains possible.
"""

import logging

# Its classes are to stand before the one that extends them.
import odoo.addons.auth_signup  # noqa: F401
from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.fields import Command

_logger = logging.getLogger(__name__)

# What *Access Rights* may write in Odoo, and what leads from there to code.
RESERVED = frozenset(
    {
        "digest.tip",
        "gamification.goal.definition",
        "ir.model",
        "ir.model.access",
        "ir.model.constraint",
        "ir.model.data",
        "ir.model.fields",
        "ir.model.fields.selection",
        "ir.model.relation",
        "ir.rule",
        "res.groups",
        "res.users.deletion",
    }
)
# A group that may write one of these has power.
POWERFUL = (
    "base.automation",
    "ir.actions.report",
    "ir.actions.server",
    "ir.config_parameter",
    "ir.cron",
    "ir.mail_server",
    "ir.ui.view",
)
# So has this one, which Odoo asks for when a template of a mail is more than text.
EDITORS = "mail.group_mail_template_editor"
# Where a new password is sent: a module that writes it as the system is asked, too.
ADDRESSES = {"email", "email_normalized"}
LINKS = {"signup_type", "user_ids"}
TEXTS = {
    "en": {
        "model": "%(model)s: who changes this can run programs on the server of this "
        "instance. Only an account with the role Administrator may; ask who runs this "
        "instance.",
        "account": "%(accounts)s: this account has rights that you do not have, or "
        "would get them: %(groups)s. They let run programs on the server of this "
        "instance. Only an account with the role Administrator may give them, or change "
        "who has them; ask who runs this instance.",
    },
    "fr": {
        "model": "%(model)s : qui modifie ceci peut exécuter des programmes sur le "
        "serveur de cette instance. Seul un compte qui a le rôle Administrateur le "
        "peut ; demandez à qui gère cette instance.",
        "account": "%(accounts)s : ce compte a des droits que vous n’avez pas, ou les "
        "aurait : %(groups)s. Ils permettent d’exécuter des programmes sur le serveur "
        "de cette instance. Seul un compte qui a le rôle Administrateur peut les "
        "donner, ou modifier qui les a ; demandez à qui gère cette instance.",
    },
}


def told(env, name, **words):
    """Return the error ``name`` in the language of the user, and log it."""
    text = TEXTS.get((env.lang or "en")[:2], TEXTS["en"])[name] % words
    _logger.info("Refused to user %s: %s", env.uid, text)
    return AccessError(text)


def is_free(env):
    """Return whether the system itself or an administrator acts."""
    # sudo: who acts is compared; nothing is done here as the system
    return env.su or env.uid in (None, SUPERUSER_ID) or env.user._is_system()


def powers(env):
    """Return the groups that let write code."""
    # sudo: what groups may do is not for everybody to read, but counts for everybody
    access = env["ir.model.access"].sudo()
    rights = access.search(
        [
            ("model_id.model", "in", POWERFUL),
            ("group_id", "!=", False),
            "|",
            ("perm_create", "=", True),
            ("perm_write", "=", True),
        ]
    )
    editors = env["ir.model.data"]._xmlid_to_res_id(EDITORS)
    return rights.group_id | rights.group_id.browse(editors or ())


def missing(env):
    """Return the powers that who acts does not have; none when all is free to him."""
    groups = env["res.groups"]
    # sudo: groups are compared; a message names those at stake
    return groups if is_free(env) else powers(env) - env.user.sudo().all_group_ids


def check_people(partners, more):
    """Refuse when an account of these partners has one of the powers ``more``."""
    if not more:
        return
    # sudo: accounts that the user does not see are protected, too
    users = partners.sudo().with_context(active_test=False).user_ids
    strong = users.filtered(lambda user: user.all_group_ids & more)
    refuse(partners.env, strong.mapped("login"), strong.all_group_ids & more)


def refuse(env, logins, groups):
    """Refuse power over the accounts ``logins``, if ``groups`` are some.

    :raise AccessError: says whose, and which groups those are
    """
    if groups:
        names = {"accounts": logins, "groups": groups.mapped("full_name")}
        words = {key: ", ".join(map(str, value)) for key, value in names.items()}
        raise told(env, "account", **words)


def named(commands):
    """Return the ids that the commands of a field with many records add."""
    if isinstance(commands, models.BaseModel):
        return set(commands.ids)
    found = set()
    for one in commands or ():
        if isinstance(one, int):
            found.add(one)
        elif one[0] == Command.LINK:
            found.add(one[1])
        elif one[0] == Command.SET:
            found.update(one[2])
    return found


class IrModelAccess(models.Model):
    _inherit = "ir.model.access"
    _module = "base"

    @api.model
    def check(self, model, mode="read", raise_exception=True):
        """Have what is reserved be read only, whatever the rows say; forms show it so."""
        if mode != "read" and model in RESERVED and not is_free(self.env):
            if raise_exception:
                raise self._make_access_error(model, mode)
            return False
        return super().check(model, mode, raise_exception)

    def _make_access_error(self, model, mode):
        if mode != "read" and model in RESERVED:
            name = self.env["ir.model"]._get(model).name or model
            return told(self.env, "model", model=f"{name} ({model})")
        return super()._make_access_error(model, mode)


class ResUsers(models.Model):
    _inherit = "res.users"
    _module = "base"

    @api.model_create_multi
    def create(self, vals_list):
        more = missing(self.env)
        self._clouder_check_given(vals_list, more)
        users = super().create(vals_list)
        users._clouder_check(more)
        return users

    def write(self, vals):
        # Counted before: afterwards one may have given it to oneself.
        more = missing(self.env)
        self._clouder_check(more)
        self._clouder_check_given([vals], more)
        result = super().write(vals)
        self._clouder_check(more)
        return result

    def unlink(self):
        self._clouder_check(missing(self.env))
        return super().unlink()

    def _clouder_check(self, more):
        """Check the accounts, and those that share a partner and so an address."""
        # sudo: the partner of an account may belong to another company
        check_people(self.sudo().partner_id, more)

    def _clouder_check_given(self, vals_list, more):
        """Check what is asked for: once it is written, other threads see it in caches."""
        for vals in vals_list if more else ():
            # sudo: groups are compared; the message names those at stake
            groups = self.env["res.groups"].sudo().browse(named(vals.get("group_ids")))
            # sudo: logins of accounts that the user wants to write
            logins = self.sudo().mapped("login") or [vals.get("login")]
            refuse(self.env, logins, groups.exists().all_implied_ids & more)

    def _is_admin(self):
        """Odoo takes *Access Rights* for an administrator: that renders code in mails,
        imports modules as files, and takes the second factor of others away.
        """
        return self._is_superuser() or self._is_system()


class ResPartner(models.Model):
    _inherit = "res.partner"
    _module = "base"

    def write(self, vals):
        if names := ADDRESSES & vals.keys():
            # sudo: an address is compared, not shown
            moved = self.sudo().filtered(
                lambda one: any((one[key] or "") != (vals[key] or "") for key in names)
            )
            # sudo: less, not more: for an address it counts who made the system write
            check_people(moved, missing(self.sudo(False).env))
        if LINKS & vals.keys():
            check_people(self, missing(self.env))
        return super().write(vals)


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"
    _module = "base"

    def _merge(self, partner_ids, *args, **kwargs):
        """Keep accounts with more power out: they would be given another address."""
        partners = self.env["res.partner"].browse(partner_ids)
        check_people(partners, missing(self.env))
        return super()._merge(partner_ids, *args, **kwargs)


class SignupPartner(models.Model):
    _inherit = "res.partner"
    _module = "auth_signup"

    def _get_signup_url(self):
        """Show nobody the address at which an account with more power gets a password."""
        check_people(self, missing(self.env))
        return super()._get_signup_url()
