"""A base that is suspended, resumed, deleted, entered without a password, renamed."""

import datetime
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from clouder_lib.wait import wait_for

from ..client import Browser
from ..conftest import DOMAIN
from ..hosted import ODOO, PROXY, databases
from ..visitor import enter
from .test_odoo import admin_of

OWN = "shop.own-domain.test"


def done(infra, job):
    """Wait until ``job`` is done."""
    status = infra.api.follow(job)
    assert status["state"] == "done", infra.api.story(status)


def cron(infra, name):
    """Run a scheduled action now."""
    found = infra.api(
        "ir.model.data",
        "search_read",
        [("module", "=", "clouder"), ("name", "=", name)],
        fields=["res_id"],
    )
    infra.api("ir.cron", "method_direct_trigger", [found[0]["res_id"]])


def visit(name, path="/web/login", **headers):
    """Return status, headers by lower-case name, and page of a base."""
    status, found, page = Browser(f"{name}.{DOMAIN}").request(path, headers=headers)
    return status, {key.lower(): value for key, value in found.items()}, page


def test_a_suspended_base_says_so_and_comes_back_as_it_was(infra):
    base = infra.running_base("paused", ssl_only=False)
    admin_of(infra, base).call("res.partner", "create", [{"name": "Kept"}])
    done(infra, infra.api("clouder.base", "suspend", [base], reason="payment"))
    assert infra.api.read("clouder.base", base, "state") == "suspended"
    status, headers, page = visit("paused")
    assert (status, headers["x-clouder-proxy"]) == (503, "suspended")
    assert (headers["cache-control"], headers["retry-after"]) == ("no-store", "3600")
    assert "This site is taking a break" in page
    page = visit("paused", **{"Accept-Language": "fr"})[2]
    assert "Ce site fait une pause" in page
    assert visit("paused", "/websocket")[0] == 503
    with pytest.raises(Exception, match="resume it first"):
        infra.api("clouder.base", "deploy", [base])
    done(infra, infra.api("clouder.base", "resume", [base]))
    assert visit("paused")[0] == 200
    found = admin_of(infra, base).call(
        "res.partner", "search_count", [["name", "=", "Kept"]]
    )
    assert found == 1


def test_deletion_can_be_taken_back_until_its_day(infra, engine):
    base = infra.running_base("leaving")
    day = infra.api("clouder.base", "request_deletion", [base])
    assert day == str(datetime.date.today() + datetime.timedelta(days=7))
    infra.api.settle("clouder.base", base)
    assert visit("leaving")[0] == 503
    cron(infra, "clouder_base_cron_life")
    assert infra.api.read("clouder.base", base, "state") == "suspended"
    done(infra, infra.api("clouder.base", "cancel_deletion", [base]))
    assert visit("leaving")[0] == 200
    infra.api("clouder.base", "request_deletion", [base], days=0)
    infra.api.settle("clouder.base", base)
    assert f"leaving.{DOMAIN}" in databases(engine)
    cron(infra, "clouder_base_cron_life")
    infra.api.settle("clouder.base", base)
    assert infra.api.read("clouder.base", base, "state") == "purged"
    assert f"leaving.{DOMAIN}" not in databases(engine)


def test_the_end_of_a_trial(infra):
    base = infra.running_base("trial")
    yesterday = datetime.date.today() - datetime.timedelta(days=1)
    infra.api("clouder.base", "write", [base], {"trial_end": str(yesterday)})
    cron(infra, "clouder_base_cron_life")
    infra.api.settle("clouder.base", base)
    values = infra.api.read("clouder.base", base, "state", "suspend_reason")
    assert (values["state"], values["suspend_reason"]) == ("suspended", "trial")
    assert visit("trial")[0] == 503


def test_a_way_in_for_once(infra, engine):
    base = infra.running_base(
        "enter", poweruser_name="anna", poweruser_email="anna@e2e.example"
    )
    url = infra.api("clouder.base", "login_once", [base])
    browser, status = enter(url)
    assert status == 303
    info = browser.call("res.users", "search_read", [["login", "=", "anna"]], ["id"])
    context = browser.call("res.users", "context_get")
    assert context["uid"] == info[0]["id"]
    browser, status = enter(url)
    assert status == 403
    assert browser.request("/odoo")[0] == 303
    older = infra.api("clouder.base", "login_once", [base])
    newer = infra.api("clouder.base", "login_once", [base])
    assert [enter(one)[1] for one in (older, newer)] == [403, 303]
    admin = infra.api("clouder.base", "login_once", [base], "admin")
    browser, status = enter(admin)
    assert browser.call("res.users", "context_get")["uid"] == 2
    for name in (ODOO, PROXY):
        log = engine.containers.get(name).logs().decode("utf-8", "replace")
        assert "/clouder/login" in log
        for one in (url, older, newer, admin):
            assert one.partition("#")[2] not in log


def test_a_token_of_one_base_opens_no_other(infra):
    first, second = (infra.running_base(name) for name in ("door-one", "door-two"))
    url = infra.api("clouder.base", "login_once", [first])
    swapped = url.replace("door-one", "door-two")
    assert enter(swapped)[1] == 403
    job = infra.api("clouder.base", "reset", [second], source_id=first)
    done(infra, job)
    assert enter(swapped)[1] == 403
    assert enter(url)[1] == 303


def test_a_new_password_ends_the_old_one_and_its_sessions(infra):
    base = infra.running_base("renew", poweruser_name="anna")
    host = f"renew.{DOMAIN}"
    old = infra.api.read("clouder.base", base, "poweruser_password")
    inside = Browser(host)
    assert inside.login("anna", old)
    assert inside.request("/odoo")[0] == 200
    new = infra.api("clouder.base", "renew_password", [base])
    assert new == infra.api.read("clouder.base", base, "poweruser_password") != old
    assert not Browser(host).login("anna", old)
    assert Browser(host).login("anna", new)
    assert inside.request("/odoo")[0] == 303


class OwnDns:
    """A name server with the records of somebody's own domain."""

    def __init__(self):
        self.records = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self):
        host, port = self.socket.getsockname()
        return f"{host}:{port}"

    def _serve(self):
        while True:
            try:
                wire, peer = self.socket.recvfrom(4096)
                self.socket.sendto(self._answer(wire), peer)
            except OSError:
                return

    def _answer(self, wire):
        question = dns.message.from_wire(wire)
        reply = dns.message.make_response(question)
        (asked,) = question.question
        name, kind = asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype)
        if not any(known == name for known, _kind in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self.records.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(name, 1, "IN", kind, *values))
        return reply.to_wire()


@pytest.fixture
def own_dns(infra):
    server = OwnDns()
    infra.api("ir.config_parameter", "set_param", "clouder.resolver", server.address)
    yield server
    infra.api("ir.config_parameter", "set_param", "clouder.resolver", False)
    server.socket.close()


def test_a_domain_of_ones_own(infra, own_dns):
    api, base = infra.api, infra.running_base("owned")
    alias = api.create(
        "clouder.base.alias", {"base_id": base, "name": OWN, "www": True}
    )
    api.settle("clouder.base", base)
    assert api.read("clouder.base.alias", alias, "state") == "waiting"
    assert Browser(OWN).request("/web/login")[0] == 404
    for record in api("clouder.base.alias", "dns_records", [alias]):
        key = (f"{record['name']}.", record["type"])
        quoted = record["type"] == "TXT"
        own_dns.records[key] = [f'"{record["value"]}"' if quoted else record["value"]]
    done(infra, api("clouder.base.alias", "check", [alias]))
    assert api.read("clouder.base.alias", alias, "state") == "working"
    browser = Browser(OWN)
    values = api.read("clouder.base", base, "admin_name", "admin_password")
    assert browser.login(values["admin_name"], values["admin_password"])
    assert browser.call("res.users", "context_get")["uid"] == 2
    status, headers, _page = Browser(f"www.{OWN}").request("/web/login")
    assert (status, f"//{OWN}:" in headers["Location"]) == (308, True)
    lie = {"X-Clouder-Host": f"owned.{DOMAIN}"}
    assert Browser(f"nobody.{DOMAIN}").request("/web/login", headers=lie)[0] == 404
    done(infra, api("clouder.base", "suspend", [base]))
    assert Browser(OWN).request("/web/login")[0] == 503
    done(infra, api("clouder.base", "resume", [base]))
    own_dns.records.clear()
    done(infra, api("clouder.base.alias", "check", [alias]))
    assert api.read("clouder.base.alias", alias, "state") == "broken"
    assert Browser(OWN).request("/web/login")[0] == 404
    api("clouder.base.alias", "unlink", [alias])

    def gone():
        return not api.read("clouder.base", base, "active_job_id"), "a job"

    wait_for("the base to be free", gone, 60)
