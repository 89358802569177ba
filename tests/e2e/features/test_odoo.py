"""What the Odoo and proxy templates promise for a base."""

import http.client
import json
import os
import ssl

import websocket

from ..client import Browser
from ..conftest import DOMAIN
from ..hosted import POSTGRES

# What takes a template of its own.
AHEAD = {
    "crm": lambda infra: {
        "application_id": infra.api.find(
            "clouder.application", ("code", "=", "odoo-crm")
        )
    },
    "bonjour": lambda infra: {"lang": "fr_FR"},
}


def admin_of(infra, base):
    """Return a browser that is logged in as the base's administrator."""
    values = infra.api.read(
        "clouder.base", base, "fulldomain", "admin_name", "admin_password"
    )
    browser = Browser(values["fulldomain"])
    assert browser.login(values["admin_name"], values["admin_password"])
    return browser


def test_a_verticalisation_is_an_application_with_modules(infra):
    base = infra.running_base("crm", **AHEAD["crm"](infra))
    browser = admin_of(infra, base)
    installed = browser.call(
        "ir.module.module",
        "search_read",
        [["name", "in", ["crm", "website"]], ["state", "=", "installed"]],
        ["name"],
    )
    assert {module["name"] for module in installed} == {"crm", "website"}


def test_a_base_in_french(infra):
    infra.running_base("bonjour", **AHEAD["bonjour"](infra))
    _status, _headers, page = Browser(f"bonjour.{DOMAIN}").request("/web/login")
    assert "Mot de passe" in page


def test_www_is_the_bare_domain(infra):
    infra.running_base("www")
    assert Browser(DOMAIN).request("/web/login")[0] == 200
    status, headers, _page = Browser(f"www.{DOMAIN}").request("/web/login?a=b")
    assert status == 308
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    assert headers["Location"] == f"http://{DOMAIN}:{port}/web/login?a=b"


def test_ssl_only(infra):
    base = infra.running_base("secure", ssl_only=True)
    port = int(os.environ["CLOUDER_E2E_PROXY_HTTPS"])
    url = infra.api.read("clouder.base", base, "url")
    assert url == f"https://secure.{DOMAIN}:{port}"
    status, headers, _page = Browser(f"secure.{DOMAIN}").request("/web/login")
    assert status == 307
    assert headers["Location"] == f"{url}/web/login"
    # The certificate is the proxy's own, self-signed one.
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=60, context=ssl._create_unverified_context()
    )
    connection.request("GET", "/web/login", headers={"Host": f"secure.{DOMAIN}:{port}"})
    assert connection.getresponse().status == 200
    connection.close()


def test_the_websocket_is_routed(infra):
    browser = admin_of(infra, infra.running_base("socket"))
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    connection = websocket.create_connection(
        f"ws://127.0.0.1:{port}/websocket",
        host=f"{browser.host}:{port}",
        origin=f"http://{browser.host}:{port}",
        cookie="; ".join(f"{k}={v}" for k, v in browser.cookies.items()),
        timeout=30,
    )
    subscribe = {"event_name": "subscribe", "data": {"channels": [], "last": 0}}
    connection.send(json.dumps(subscribe))
    assert connection.connected
    connection.close()


def test_stop_and_start(infra):
    base = infra.running_base("sleepy")
    host = Browser(f"sleepy.{DOMAIN}")
    for action, state, page in (("stop", "stopped", 503), ("start", "running", 200)):
        status = infra.api.follow(infra.api("clouder.base", action, [base]))
        assert status["state"] == "done", infra.api.story(status)
        assert infra.api.read("clouder.base", base, "state") == state
        assert host.request("/web/login")[0] == page


def test_reset_from_another_base(infra):
    source = infra.running_base("source")
    target = infra.running_base("staging")
    origin = admin_of(infra, source)
    origin.call("res.partner", "create", [{"name": "Only in the source"}])
    origin.call(
        "ir.mail_server", "create", [{"name": "Real mail", "smtp_host": "mail.invalid"}]
    )
    job = infra.api("clouder.base", "reset", [target], source_id=source)
    status = infra.api.follow(job)
    assert status["state"] == "done", infra.api.story(status)

    copy = admin_of(infra, target)
    found = copy.call(
        "res.partner", "search_count", [["name", "=", "Only in the source"]]
    )
    assert found == 1
    assert (
        copy.call("ir.mail_server", "search_count", [["name", "=", "Real mail"]]) == 0
    )
    # Neutralising leaves one scheduled action: the cleaning of Odoo's own tables.
    assert copy.call("ir.cron", "search_count", []) == 1
    uuids = [
        browser.call("ir.config_parameter", "get_param", "database.uuid")
        for browser in (origin, copy)
    ]
    assert uuids[0] != uuids[1]
    assert origin.call("ir.mail_server", "search_count", [["name", "=", "Real mail"]])
    url = copy.call("ir.config_parameter", "get_param", "web.base.url")
    assert url == infra.api.read("clouder.base", target, "url")


def ask(engine, database, query):
    """Return the lines that the database server answers."""
    argv = ["psql", "-X", "-A", "-t", "-q", "-d", database, "-c", query]
    found = engine.containers.get(POSTGRES).exec_run(argv, user="postgres")
    assert found.exit_code == 0, found.output
    return found.output.decode().split()


def counters(engine, database):
    """Return the counters by which Odoo's workers notice changes: name to number."""
    query = "SELECT relname FROM pg_class WHERE relname LIKE 'orm_signaling_%'"
    tables = ask(engine, database, f"{query} AND relkind = 'r'")
    return {
        name: int(ask(engine, database, f"SELECT max(id) FROM {name}")[0])
        for name in tables
    }


def test_workers_notice_that_a_database_was_replaced(infra, engine):
    """Else some go on with what they remember of the former one of the same name."""
    source, target = infra.running_base("origin"), infra.running_base("replaced")
    host, origin = (
        infra.api.read("clouder.base", one, "fulldomain") for one in (target, source)
    )
    # The database counts one change more of each kind when it is made somebody's own.
    for name, number in counters(engine, origin).items():
        ask(engine, host, f"DELETE FROM {name}")
        ask(engine, host, f"INSERT INTO {name} (id) VALUES ({number + 1})")
    # One of the workers knows the former database by these numbers, the others do not.
    Browser(host).request("/web/login")
    before = counters(engine, host)
    status = infra.api.follow(
        infra.api("clouder.base", "reset", [target], source_id=source)
    )
    assert status["state"] == "done", infra.api.story(status)
    for name, number in counters(engine, host).items():
        assert number > before[name], name
    for _turn in range(8):
        admin_of(infra, target)


def test_modules_that_are_added_are_installed(infra):
    base = infra.running_base("grows")
    admin = admin_of(infra, base)

    def states():
        found = admin.call(
            "ir.module.module",
            "search_read",
            [["name", "in", ["contacts", "no_such"]]],
            ["state"],
        )
        return [module["state"] for module in found]

    assert states() == ["uninstalled"]
    option = infra.base_option("install_modules", "contacts, no_such")
    infra.api("clouder.base", "write", [base], {"option_ids": [(5,), option]})
    status = infra.api.follow(infra.api("clouder.base", "deploy", [base]))
    assert status["state"] == "failed"
    assert "no Odoo module no_such" in status["error"]
    assert states() == ["uninstalled"]
    option = infra.base_option("install_modules", "contacts")
    infra.api("clouder.base", "write", [base], {"option_ids": [(5,), option]})
    status = infra.api.follow(infra.api("clouder.base", "deploy", [base]))
    assert status["state"] == "done", infra.api.story(status)
    assert states() == ["installed"]
