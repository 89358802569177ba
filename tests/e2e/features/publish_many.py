"""Runs in Odoo's shell: deploys, then withdraws, the DNS links of many bases at once.

Each link in a thread and a transaction of its own, as jobs do; the bases only say that
they were deployed, so that nothing but the publishing takes time. ``GIVEN`` (JSON) is
set by a line put before this text: the values of the bases, what their proxy would have
said, how many threads.
It prints how it went, as the last line.
"""

import concurrent.futures
import json

from odoo import SUPERUSER_ID, api, fields
from odoo.service.model import retrying

given = json.loads(GIVEN)  # noqa: F821 set before this text


def transaction(work):
    """Do ``work``, of an environment, in a transaction; again when others are in its way."""
    with env.registry.cursor() as cr:  # noqa: F821 of the shell
        own = api.Environment(cr, SUPERUSER_ID, {"clouder_no_deploy": True})
        return retrying(lambda: work(own), own)


def apart(link, work):
    """Do ``work`` on a link in a transaction of its own; return what went wrong."""
    try:
        return transaction(lambda own: work(own["clouder.base.link"].browse(link)))
    except Exception as error:  # noqa: BLE001 told to the test
        return str(error)


def at_once(links, work):
    """Do ``work`` on all links, many at a time; return what went wrong."""
    with concurrent.futures.ThreadPoolExecutor(given["threads"]) as pool:
        said = pool.map(lambda link: apart(link, work), links)
        return [
            f"link {link}: {text}"
            for link, text in zip(links, said, strict=True)
            if text
        ]


def publish(link):
    """Deploy a link and look whether it works."""
    link._deploy_alone()
    link._publish_all()
    return str(link._probe() or "")


def take_back(link):
    """Withdraw a link."""
    link._withdraw_alone()
    link._publish_all()
    return "" if link.state == "withdrawn" else f"{link.state}: {link.reason}"


def prepare(own):
    """Have the bases, and what they are to publish; return the ids of bases and links."""
    bases = own["clouder.base"].browse(given["ids"])
    if given["bases"]:
        bases = bases.create(given["bases"])
        bases.write(
            {
                "state": "running",
                "wanted": "running",
                "deployed_at": fields.Datetime.now(),
            }
        )
        bases.link_ids._choose_targets()
        for base, records in zip(bases, given["records"], strict=True):
            told = base.link_ids.filtered(lambda link: link.code == "proxy")
            told.facts = json.dumps({"dns_records": records})
    return bases.ids, bases.link_ids.filtered(lambda link: link.code == "dns").ids


def remove(own):
    """Remove the bases, which never were on the engine."""
    bases = own["clouder.base"].browse(ids)
    bases.write({"state": "draft", "wanted": "draft", "deployed_at": False})
    bases.unlink()


ids, links = transaction(prepare)
wrong = at_once(links, publish if given["bases"] else take_back)
if not given["bases"]:
    transaction(remove)
print(json.dumps({"wrong": wrong, "ids": ids, "links": len(links)}))
