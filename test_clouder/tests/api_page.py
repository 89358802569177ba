"""docs/api.md: what scripts can call, taken from the methods themselves."""

import inspect
import re

from .public_methods import models_of, public_methods

HEAD = """\
# What scripts can call

Named, JSON-able arguments; the same over `/json/2`, XML-RPC and JSON-RPC. Records are created, read, searched and changed with
Odoo's own `create`, `read`, `search_read`, `write` and `unlink`. This page is made from the methods themselves, and a test compares
it with them.

A method works on the records whose ids are given first; those marked *model* take none. Ids of jobs are numbers that `clouder.job` takes.

## Errors

| what | over `/json/2` | XML-RPC, fault code | over JSON-RPC, `data.name` |
|---|---|---|---|
| something cannot be done, and the sentence says why and what to do | 422 | 2 | `odoo.exceptions.UserError`, `ValidationError` |
| the caller has no right to it | 403 | 4 | `odoo.exceptions.AccessError` |
| there is no such record | 404 | 2 | `odoo.exceptions.MissingError` |
| the login, or the key, is not known (any more) | 401 | 3 | `odoo.exceptions.AccessDenied` |
| the method, an argument or a field does not exist | 404, 422 | 1 | `builtins.TypeError`, `ValueError`, `AttributeError` |
| the server failed; its log says why, under the number in the sentence | 500 | 1 | the kind of the error |

The message is one sentence. No answer carries a traceback, but for employees in the web client. Every method below may answer with an
`AccessError` and a `MissingError`; those that it answers with besides stand in its line.
"""
FIELD = re.compile(r"^:(param|return|raise)\s*([^:]*):\s*(.*)$")
ROLE = re.compile(r":\w+:`~?\.?([^`]+)`")


def page(env):
    """Return the text of the page for the addons that are installed."""
    parts = [HEAD]
    for name, model in models_of(env).items():
        rows = [row(model, method) for method in api_methods(model)]
        if rows:
            parts.append(
                f"## {name}\n\n{model._description}.\n\n"
                "| method | does | arguments | gives | errors |\n|---|---|---|---|---|\n"
                + "\n".join(rows)
                + "\n"
            )
    return "\n".join(parts)


def api_methods(model):
    """Return the methods that are for scripts: those of buttons are not."""
    return {
        name: function
        for name, function in public_methods(model).items()
        if not name.startswith("action_")
    }


def row(model, method):
    """Return the line of a method in the table."""
    function, said = getattr(type(model), method), described(model, method)
    cells = [
        f"`{signature(function)}`" + (" *model*" if is_model(function) else ""),
        said["does"],
        "<br>".join(f"`{name}`: {text}" for name, text in said["param"].items()),
        said["return"],
        "<br>".join(f"{name}: {text}" for name, text in said["raise"].items()),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |"


def is_model(function):
    return bool(getattr(function, "_api_model", False))


def signature(function):
    """Return how a method is called, without the records."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return f"{function.__name__}({', '.join(map(str, parameters))})"


def described(model, method):
    """Return what the docstring of a method says: does, param, return, raise.

    An override without a docstring does what the method does that it overrides.
    """
    said = {"does": "", "param": {}, "return": "", "raise": {}}
    texts = (
        vars(one)[method].__doc__ for one in type(model).mro() if method in vars(one)
    )
    lines = inspect.cleandoc(next(filter(None, texts), "")).partition("\n\n")
    said["does"] = _plain(lines[0])
    kind, name = None, ""
    for line in lines[2].splitlines():
        if found := FIELD.match(line):
            kind, name, text = found[1], found[2].split(" ")[-1], found[3]
        elif kind and line.startswith("    "):
            text = line.strip()
        else:
            kind = None
            continue
        if kind == "return":
            said[kind] = _plain(f"{said[kind]} {text}")
        else:
            said[kind][name] = _plain(f"{said[kind].get(name, '')} {text}")
    return said


def _plain(text):
    """Return a text of a docstring as Markdown on one line."""
    return " ".join(ROLE.sub(r"`\1`", text).replace("``", "`").split())
