"""Runs in Odoo's shell: deploys, then withdraws, the DNS links of many bases at once.

Each link in a thread and a transaction of its own, as jobs do; the bases are drafts, so
that nothing but the publishing takes time. ``GIVEN`` (JSON) is set by a line put before
this text: the values of the bases, what their proxy would have said, how many threads.
It prints how it went, as the last line.
"""

import concurrent.futures
import json

from odoo import SUPERUSER_ID, api
from odoo.service.model import retrying

given = json.loads(GIVEN)  # noqa: F821 set before this text


def apart(link, work):
    """Do ``work`` on a link in a transaction of its own; return what went wrong."""
    with env.registry.cursor() as cr:  # noqa: F821 of the shell
        own = api.Environment(cr, SUPERUSER_ID, {})
        try:
            return retrying(lambda: work(own[link._name].browse(link.id)), own) or ""
        except Exception as error:  # noqa: BLE001 told to the test
            return str(error)


def at_once(links, work):
    """Do ``work`` on all links, many at a time; return what went wrong."""
    with concurrent.futures.ThreadPoolExecutor(given["threads"]) as pool:
        said = pool.map(lambda link: apart(link, work), links)
        return [
            f"{link.display_name}: {text}"
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


model = env["clouder.base"].with_context(clouder_no_deploy=True)  # noqa: F821
bases = model.create(given["bases"]) if given["bases"] else model.browse(given["ids"])
bases.link_ids._choose_targets()
for base, records in zip(bases, given["records"], strict=bool(given["records"])):
    told = base.link_ids.filtered(lambda link: link.code == "proxy")
    told.facts = json.dumps({"dns_records": records})
links = bases.link_ids.filtered(lambda link: link.code == "dns")
env.cr.commit()  # noqa: F821
wrong = at_once(links, publish if given["bases"] else take_back)
if not given["bases"]:
    env.cr.rollback()  # noqa: F821 begins to see what the threads did
    env.invalidate_all()  # noqa: F821
    bases.unlink()
    env.cr.commit()  # noqa: F821
print(json.dumps({"wrong": wrong, "ids": bases.ids, "links": len(links)}))
