import inspect
import logging

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

PREFIX = "clouder.driver."
HOOK_PREFIXES = (
    "option_",
    "image_",
    "service_",
    "link_",
    "base_",
    "database_",
    "backup_",
    "domain_",
    "dns_",
    "certificate_",
)


def nothing_by_default(hook):
    """Mark a hook of the root that does nothing: an action leaves it out.

    A driver that overrides the hook has it called.
    """
    hook._does_nothing = True
    return hook


class DriverMissingError(UserError):
    """No installed addon provides the driver of an application type."""


class HookMissingError(UserError):
    """The driver does not provide a hook that the action cannot do without."""


class ClouderDriver(models.AbstractModel):
    """What one type of application does at each phase of its life.

    A template addon adds a driver with ``_name = "clouder.driver.<code>"`` and
    ``_inherit = "clouder.driver"``; another addon extends it with ``_inherit`` alone.
    The hooks are declared, with what they must do, in the other files of this folder.
    Drivers say what is wanted; the runner of the node (``service._runner()``) does it.
    """

    _name = "clouder.driver"
    _description = "Application Driver"

    def _register_hook(self):
        """Tell in the server log which hooks are misspelt."""
        super()._register_hook()
        for fault in self._check_hooks():
            _logger.error("Clouder driver: %s", fault)

    @api.model
    def _get(self, code):
        """Return the driver ``code`` (str); ``generic`` is the root itself.

        :raise DriverMissingError: no installed addon provides it
        """
        if code == "generic":
            return self.env["clouder.driver"]
        driver = self.env.get(PREFIX + code)
        if driver is None:
            raise DriverMissingError(
                self.env._(
                    "No installed addon provides the driver “%s”: "
                    "install the template addon that brings it.",
                    code,
                )
            )
        return driver

    @api.model
    def _codes(self):
        """Return the codes of the installed drivers, sorted."""
        names = [name for name in self.env if name.startswith(PREFIX)]
        return ["generic", *sorted(name.removeprefix(PREFIX) for name in names)]

    @api.model
    def _hooks(self):
        """Return the hooks that the root declares, by name."""
        root = self.env.registry["clouder.driver"]
        return {
            name: function
            for name, function in inspect.getmembers(root, inspect.isfunction)
            if name.startswith(HOOK_PREFIXES)
        }

    @api.model
    def _check_hooks(self):
        """Return what is wrong with the hooks of this driver, one sentence each."""
        known, faults = self._hooks(), []
        for name, function in inspect.getmembers(type(self), inspect.isfunction):
            if not name.startswith(HOOK_PREFIXES):
                continue
            if name not in known:
                faults.append(
                    f"{self._name}.{name} is not a hook; the hooks are declared in "
                    "clouder.driver"
                )
            elif list(inspect.signature(function).parameters) != list(
                inspect.signature(known[name]).parameters
            ):
                faults.append(
                    f"{self._name}.{name} has another signature than the root"
                )
        return faults

    @api.model
    def _phases(self):
        """Return the hooks of each action, in order.

        A driver may lengthen a tuple of ``super()``'s mapping.

        :return: dict of (model, action) or, for services, (model, action, form) to
            a tuple of hook names
        """
        return {}

    @api.model
    def _phases_for(self, record, action):
        """Return the hooks that carry out ``action`` on ``record`` (tuple of names).

        Those which do nothing for this type are left out.
        """
        phases = self._phases()
        key = (record._name, action)
        form = getattr(record, "_form", None)
        if form is not None and (*key, form()) in phases:
            key = (*key, form())
        return tuple(filter(self._does, phases.get(key, ())))

    @api.model
    def _does(self, hook):
        """Tell whether the driver does anything in ``hook``."""
        return not hasattr(getattr(type(self), hook), "_does_nothing")

    @api.model
    def _titles(self):
        """Return what people read for each hook in the steps of a job."""
        return {}

    @api.model
    def _title(self, hook):
        return self._titles().get(hook) or hook.replace("_", " ").capitalize()

    @api.model
    def _step_lock(self, record, hook):
        """Return the name of the lock that must be held while ``hook`` works, or None.

        It is taken before the transaction of the step opens, so the step sees whatever
        the former holder committed. The record itself is always locked.
        """
        return

    @api.model
    def _log(self, text, level="info"):
        """Add ``text`` to the log of the running job."""
        self.env["clouder.job"]._log(text, level)

    @api.model
    def _hook_missing(self, hook, record):
        return HookMissingError(
            self.env._(
                "%(record)s: its driver %(driver)s does not provide “%(hook)s”.",
                record=record.display_name,
                driver=self._name,
                hook=hook,
            )
        )

    @api.private
    def option_default(self, option, owner):
        """Return the value of an option that has none: a generated password, a key …

        :param option: ``clouder.application.type.option``
        :param owner: the application, service or base that gets the value
        :return: str or None
        """
        return
