"""The methods of our models that a caller over RPC can reach."""

import inspect

OURS = "odoo.addons.clouder"
# Odoo's own names: what they do, Odoo says.
ODOO = {
    "copy",
    "copy_data",
    "create",
    "default_get",
    "fields_get",
    "message_subscribe",
    "read",
    "unlink",
    "write",
}


def models_of(env):
    """Return our models that have records, by name."""
    return {
        name: env[name]
        for name in sorted(env.registry)
        if name.startswith("clouder.")
        and not env[name]._abstract
        and not env[name]._transient
    }


def public_methods(model):
    """Return the methods of a model that ours define and RPC lets through.

    :return: name to function, the outermost one, in the order of the names
    """
    cls = type(model)
    return {
        name: function
        for name in sorted(dir(cls))
        if not name.startswith("_")
        and name not in ODOO
        and inspect.isfunction(function := getattr(cls, name))
        and not _is_private(cls, name)
        and any(name in vars(one) for one in cls.mro() if _is_ours(one))
    }


def _is_ours(cls):
    return cls.__module__.startswith(OURS)


def _is_private(cls, name):
    return any(
        getattr(getattr(one, name, None), "_api_private", False) for one in cls.mro()
    )
