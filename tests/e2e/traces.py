"""What each type of link leaves behind, at its target and with its owner.

Each function returns what it is to whether it is there: all of it while the link works,
nothing of it once it is undone.
"""

import re

from . import hosted, names


def _postgres(link):
    argv = ["psql", "-X", "-At", "-d", "postgres", "-c", "SELECT rolname FROM pg_roles"]
    roles = link.run(argv, user="postgres").split()
    return {"role": link.known["user"] in roles, "network": link.joined()}


def _proxy(link):
    return {"route": hosted.page(link.host) not in (404, 503)}


def _bind(link):
    server = names.NameServer(link.world.engine, names.SUFFIX)
    return {
        f"{name} {kind}": bool(server.ask(name, kind))
        for name, kind, _value in link.known["records"]
    }


def _follower(link):
    peers = link.run(["cat", "/var/lib/bind/peers"]).split()
    return {"peer": link.owner in peers}


def _postfix(link):
    found = {
        name: f"{link.host}" in link.run(["cat", f"/srv/mail/{name}"], user="root")
        for name in ("domains", "senders", "passwd", "bases.json")
    }
    keys = link.run(["ls", "/srv/mail/dkim"], user="root").split()
    query = f"SELECT smtp_host FROM ir_mail_server WHERE from_filter = '{link.host}'"
    server = link.run(
        ["psql", "-X", "-At", "-d", link.host, "-c", query],
        user="postgres",
        container=hosted.POSTGRES,
    )
    return found | {
        "dkim": f"{link.host}.key" in keys,
        "mail server of the base": link.target_name in server.split(),
    }


def _authority(link):
    authority = link.api.read("clouder.base", link.world.base, "cert_authority_id")
    return {"authority": bool(authority) and authority[0] == link.target}


def _acme(link):
    server = names.NameServer(link.world.engine, names.SUFFIX)
    issuers = " ".join(server.ask(link.host, "CAA"))
    return _authority(link) | {"CAA": "letsencrypt.org" in issuers}


def _asked(link):
    return {"network": link.joined()}


# A type whose driver is another's, with more: its links are set up by the same code.
LIKE = {"clouder": "odoo"}

# (model of the owner, type of the owner, type of the target)
POSTGRES = ("service", "odoo", "postgres")
TRACES = {
    POSTGRES: _postgres,
    ("base", "odoo", "proxy"): _proxy,
    ("base", "odoo", "bind"): _bind,
    ("service", "bind-secondary", "bind"): _follower,
    ("base", "odoo", "postfix"): _postfix,
    ("base", "odoo", "acme"): _acme,
    ("base", "odoo", "pebble"): _authority,
    ("service", "pebble", "bind"): _asked,
}
# Nothing of these is kept by the target's container: they are undone without it.
WITHOUT_TARGET = {
    ("base", "odoo", "acme"),
    ("base", "odoo", "pebble"),
    ("service", "pebble", "bind"),
}
# One of each template whose target has a container that can be lost.
LOST = (
    POSTGRES,
    ("base", "odoo", "proxy"),
    ("base", "odoo", "bind"),
    ("base", "odoo", "postfix"),
    ("base", "odoo", "pebble"),
)


def _configuration(link):
    text = link.run(["cat", "/etc/clouder/odoo.conf"], container=link.owner)
    return re.search(rf"^db_user *= *{link.known['user']}$", text, re.MULTILINE)


def _primary(link):
    text = link.run(["cat", "/etc/clouder/peers"], container=link.owner)
    return link.target_name in text.split()


def _resolver(link):
    command = link.world.engine.containers.get(link.owner).attrs["Args"]
    return any(word.startswith(f"{link.target_name}:") for word in command)


# What the container of an owner was made with. It is changed by its own deployment only.
FILES = {
    POSTGRES: _configuration,
    ("service", "bind-secondary", "bind"): _primary,
    ("service", "pebble", "bind"): _resolver,
}
