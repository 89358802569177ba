"""An application on the website, and the strangers who order it."""

import contextlib
import re
import secrets

from .api import Failed
from .stranger import Stranger
from .world import DOMAIN, application

CODE = "odoo"
PAGE = f"/instances/{CODE}"
CUSTOMERS = "customer.example"
LINK = re.compile(r"/instances/confirm/[A-Za-z0-9_-]+")


@contextlib.contextmanager
def offered(world):
    """Have the website offer Odoo; in the end it does no more, and its orders are gone."""
    changes = [
        (
            "clouder.application",
            application(world.api, CODE),
            {
                "web_create_type": "base",
                "web_published": True,
                "web_domain_ids": [(6, 0, [world.domain])],
                "next_service_id": world.services[CODE],
            },
        ),
        ("clouder.domain", world.domain, {"public": True}),
        # A mail that has left is gone: the one with the link is read in the queue.
        ("ir.cron", _mail_queue(world), {"active": False}),
    ]
    former = [_written(world, *change) for change in changes]
    try:
        yield
    finally:
        _forget(world)
        for change in former:
            world.api(*change)


def _mail_queue(world):
    reference = world.api.find(
        "ir.model.data",
        ("module", "=", "mail"),
        ("name", "=", "ir_cron_mail_scheduler_action"),
    )
    return world.api.read("ir.model.data", reference, "res_id")


def _written(world, model, record, values):
    """Write values; return the call that undoes it."""
    [before] = world.api(model, "read", [record], fields=list(values), load=None)
    world.api(model, "write", [record], values)
    undone = {
        name: [(6, 0, value)] if isinstance(value, list) else value
        for name, value in before.items()
        if name in values
    }
    return model, "write", [record], undone


def place(world):
    """Order as a stranger does, up to the mail.

    :return: the stranger, the host name he ordered, and the path of the mail's link
    """
    stranger, name = Stranger(world.api.url), f"o{secrets.token_hex(4)}"
    email = f"{name}@{CUSTOMERS}"
    stranger.send(
        "/instances/order",
        csrf_token=stranger.token(PAGE),
        code=CODE,
        name=name,
        domain=world.domain,
        title="A measured base",
        lang="en_US",
        contact_name="Jane Doe",
        email=email,
    )
    mail = world.api.find("mail.mail", ("email_to", "=", email))
    if not mail:
        raise Failed(f"The order of {name} was taken, but there is no mail to {email}.")
    body = world.api.read("mail.mail", mail, "body_html")
    return stranger, f"{name}.{DOMAIN}", LINK.search(body)[0]


def check(world, name):
    """Ask as the form does whether ``name`` can be had; return the state it tells."""
    answer = Stranger(world.api.url).call(
        "/instances/check", code=CODE, name=name, domain=str(world.domain)
    )
    return answer["state"]


def _forget(world):
    """Remove what was ordered, the customers, and what was noted of their attempts."""
    api = world.api
    fields = ["base_id", "environment_id", "user_id", "partner_id"]
    orders = api(
        "clouder.order",
        "search_read",
        [("email", "=like", f"%@{CUSTOMERS}")],
        fields=fields,
        load=None,
    )
    bases, *owners = [[row[name] for row in orders if row[name]] for name in fields]
    for job in [api("clouder.base", "purge", [base]) for base in bases]:
        api.ended(job)
    api("clouder.base", "unlink", bases)
    api("clouder.order", "unlink", [row["id"] for row in orders])
    models = ("clouder.environment", "res.users", "res.partner")
    for model, records in zip(models, owners, strict=True):
        api(model, "unlink", records)
    for table in ("attempt", "gate"):
        world.sql(f"DELETE FROM clouder_order_{table}")
