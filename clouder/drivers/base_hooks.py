from odoo import api, models

from .driver import nothing_by_default

BASE = "clouder.base"
SERVED = ("base_links", "base_publish", "base_ready", "base_probe")
RESTING = ("base_suspend", "base_publish")
PHASES = {
    "deploy": (
        "base_service",
        "base_template",
        "base_create_database",
        "base_build",
        "base_populate",
        "base_follow",
        "base_configure",
        "base_create_poweruser",
        *SERVED,
    ),
    "update": ("base_service", "base_update", "base_ready"),
    "reset": (
        "base_service",
        "base_reset",
        "base_configure",
        "base_create_poweruser",
        *SERVED,
    ),
    "purge": ("base_withdraw", "base_publish", "base_purge", "base_drop_database"),
    "stop": RESTING,
    "start": ("base_follow", *SERVED),
    "restart": SERVED,
    "aliases": ("base_aliases", "base_publish", "base_probe"),
    "suspend": RESTING,
    "resume": (
        "base_service",
        "base_follow",
        "base_configure",
        "base_create_poweruser",
        *SERVED,
    ),
}


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        """Add the life of a base."""
        return super()._phases() | {
            (BASE, action): hooks for action, hooks in PHASES.items()
        }

    @api.model
    def _titles(self):
        return super()._titles() | {
            "base_service": self.env._("Wait for the service"),
            "base_template": self.env._("Have the template"),
            "base_create_database": self.env._("Create the database"),
            "base_build": self.env._("Install"),
            "base_populate": self.env._("Add demonstration data"),
            "base_configure": self.env._("Configure"),
            "base_create_poweruser": self.env._("Create the power user"),
            "base_links": self.env._("Set up the links"),
            "base_publish": self.env._("Publish the links"),
            "base_ready": self.env._("Wait until it answers"),
            "base_probe": self.env._("Probe the links"),
            "base_look": self.env._("Look what still works"),
            "base_follow": self.env._("Follow the code"),
            "base_update": self.env._("Update the modules"),
            "base_reset": self.env._("Copy the other base"),
            "base_withdraw": self.env._("Withdraw the links"),
            "base_aliases": self.env._("Look at the own domains"),
            "base_suspend": self.env._("Suspend the links"),
            "base_purge": self.env._("Remove the files"),
            "base_drop_database": self.env._("Drop the database"),
        }

    @api.private
    def base_service(self, base):
        """Wait until the service of the base runs; have it deployed when nobody does."""
        base._ensure_service()

    @api.private
    @nothing_by_default
    def base_template(self, base):
        """Have the template that the databases of such bases are copied from."""

    @api.private
    def base_create_database(self, base):
        """Have the databases of the base: ``base._databases()``.

        The default asks the service that the base's service is linked to by a tag
        ``database``.
        """
        database = base._database_service()
        if not database:
            return
        for name in base._databases().values():
            database._driver().database_create(
                database, name, base._database_owner(), mark=self._mark(base)
            )

    @api.private
    @nothing_by_default
    def base_build(self, base):
        """Install the application into the new databases."""

    @api.private
    @nothing_by_default
    def base_populate(self, base):
        """Add demonstration data, when ``base.test`` asks for it."""

    @api.private
    @nothing_by_default
    def base_configure(self, base):
        """Set what is the base's own: secrets, title, URL, administrator."""

    @api.private
    @nothing_by_default
    def base_create_poweruser(self, base):
        """Create the second account, of the person who asked for the base."""

    @api.private
    def base_login_once(self, base, login):
        """Let the account ``login`` in once, within minutes, without its password.

        What is kept for that must be of no use to who reads it.

        :param str login: of the power user or the administrator
        :return: the address to open (str); nobody else may learn it
        :raise UserError: the account is gone
        """
        raise self._hook_missing("base_login_once", base)

    @api.private
    def base_set_password(self, base, account):
        """Have an account use the password that is now on record, and end its sessions.

        :param str account: ``poweruser`` or ``admin``
        """
        raise self._hook_missing("base_set_password", base)

    @api.private
    def base_backend(self, base):
        """Say where a proxy finds the base.

        :return: dict with ``host`` (name in the environment's network), ``port`` (int)
            and, where there is one, ``longpolling_port`` (int)
        """
        raise self._hook_missing("base_backend", base)

    @api.private
    def base_links(self, base):
        """Set up the links of the base, both sides."""
        base._deploy_links()

    @api.private
    def base_publish(self, base):
        """Have the targets of the base's links serve what these links say."""
        base.link_ids._publish_all()

    @api.private
    def base_sizes(self, bases):
        """Say how much room bases take; no step of a job, so it has to be quick.

        :param bases: bases of one service
        :return: dict of a base's id to (bytes of its databases, bytes of its files);
            those of which nothing is known are left out
        """
        return {}

    @api.private
    @nothing_by_default
    def base_ready(self, base):
        """Wait until the base answers."""

    @api.private
    def base_look(self, base):
        """Look, after a job that failed, whether the base answers as before."""
        self.base_ready(base)
        base._note_still_serves()

    @api.private
    def base_probe(self, base):
        """Look from the consumer's side whether the links of the base work."""
        base.link_ids._probe_all()

    @api.private
    def base_probe_path(self, base):
        """Say what a proxy asks the base for when its links are looked at by the cron.

        All bases are asked again and again, so that should cost them next to nothing;
        ``base_ready`` and the probe after a deployment look at the whole.

        :return: path (str)
        """
        return "/"

    @api.private
    def base_neutralise(self, base):
        """Make a copy harmless: no mail goes out, no job runs, no payment is taken."""

    @api.private
    @nothing_by_default
    def base_update(self, base):
        """Bring the databases to the code that the service runs now.

        Nothing is done when ``base.code_digest`` says that they are there already.
        """

    @api.private
    def base_follow(self, base):
        """Update a base that missed a change of the code: it was stopped, or busy."""
        if base.code_digest:
            self.base_update(base)

    @api.private
    def base_reset(self, base):
        """Replace the base's data by a neutralised copy of ``base.reset_id``."""
        raise self._hook_missing("base_reset", base)

    @api.private
    def base_withdraw(self, base):
        """Undo the links of the base: it can no longer be reached."""
        base._check_host_free()
        base.link_ids._withdraw_all()

    @api.private
    def base_aliases(self, base):
        """Look which own domains of the base lead here."""
        base.alias_ids._look()

    @api.private
    def base_suspend(self, base):
        """Have the links of a base that is suspended or stopped turn people away.

        What they set up stays: names, certificate, mail domain.
        """
        base.link_ids._suspend_all()

    @api.private
    @nothing_by_default
    def base_purge(self, base):
        """Remove what the base has besides its databases: files, sessions."""

    @api.private
    def base_drop_database(self, base):
        """Drop the databases of the base, where they exist and are its own."""
        database = base._database_service()
        if not database:
            return
        driver, facts = database._driver(), base._database_link()._facts()
        for name in base._databases().values():
            driver.database_drop(
                database, name, facts.get("user", ""), self._mark(base)
            )
