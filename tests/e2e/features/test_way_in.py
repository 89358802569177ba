"""The way in of a progress page is used once, however often it is asked for at once."""

import concurrent.futures
import json
import secrets
import threading
import urllib.parse

from clouder_lib.wait import wait_for

from ..conftest import DOMAIN
from ..visitor import FORM, customer, offered

SUGGESTED = ()
PRESSES = 50
DEADLINE_S = 300


def ordered(infra, visitor, name):
    """Have a customer order; return his progress page, when the instance runs."""
    application = infra.api.find("clouder.application", ("code", "=", "odoo"))
    with offered(infra, application, infra.odoo):
        progress = visitor.order(
            "odoo", name=name, title="Once", domain=str(infra.domain), lang="en_US"
        )

    def look():
        state = json.loads(visitor.request(f"{progress}/state")[2])
        return state["state"] == "running", str(state)

    wait_for("the ordered instance", look, DEADLINE_S)
    return progress


def test_of_fifty_presses_one_leads_in(infra):
    visitor, name = customer(infra.api), f"once-{secrets.token_hex(3)}"
    progress = ordered(infra, visitor, name)
    page = visitor.page(progress)
    token = page.xpath("string(//form//input[@name='csrf_token']/@value)")
    body = urllib.parse.urlencode({"csrf_token": token})
    barrier = threading.Barrier(PRESSES)

    def press(_number):
        barrier.wait(60)
        status, headers, _text = visitor.request(f"{progress}/enter", body, FORM)
        return status, urllib.parse.urlsplit(headers.get("Location", ""))

    with concurrent.futures.ThreadPoolExecutor(PRESSES) as pool:
        answers = list(pool.map(press, range(PRESSES)))
    assert {status for status, _place in answers} == {303}
    led = [place for _status, place in answers if place.hostname == f"{name}.{DOMAIN}"]
    assert len(led) == 1
    assert led[0].fragment
    told = [place for _status, place in answers if place.query == "told=enter"]
    assert len(told) == PRESSES - 1
