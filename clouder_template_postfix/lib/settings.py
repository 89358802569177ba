"""Postfix's own files, rendered from the options of the service."""

import pathlib
import re

import jinja2

from .hosts import ValueRefused, check_domain, relay, relay_password

TEMPLATES = pathlib.Path(__file__).parents[1] / "templates"
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029$]")


def line(value: object) -> str:
    """Return ``value`` as text if it stays one value on one line of Postfix's files.

    :raise ValueRefused: it does not
    """
    text = str(value)
    if _BREAKS.search(text) or text != text.strip():
        raise ValueRefused(f"{text[:80]!a} cannot stand in Postfix's configuration.")
    return text


def render_postfix(
    hostname: str,
    message_size: int,
    relay_host: str = "",
    relay_user: str = "",
    relay_secret: str = "",
    relay_tls: str = "encrypt",
) -> dict[str, str]:
    """Return ``main.cf``, ``master.cf`` and, with a relay's password, its table.

    :param message_size: in MB
    :param relay_host: ``host`` or ``host:port``, "" to deliver by the MX records
    :param relay_tls: how the relay is spoken to: may, encrypt or secure
    :raise ValueRefused: a value that cannot stand there
    """
    host = "[{}]:{}".format(*relay(relay_host)) if relay_host else ""
    authenticated = bool(host and relay_user)
    files = {
        "main.cf": _fill(
            "main.cf.j2",
            hostname=check_domain(hostname),
            message_size=message_size,
            relay=host,
            outgoing_tls=relay_tls if host else "may",
            authenticated=authenticated,
        ),
        "master.cf": _fill("master.cf.j2"),
    }
    if authenticated:
        files["relay"] = f"{host} {relay_password(relay_user, relay_secret)}\n"
    return files


def _fill(name: str, **values: object) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 plain configuration files, no HTML
    )
    environment.filters["line"] = line
    return environment.get_template(name).render(values)
