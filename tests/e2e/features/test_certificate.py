"""Certificates of a real ACME authority, shown by a real proxy, for real names."""

import datetime
import ssl

import pytest

from .. import certified
from ..conftest import deploy

SUGGESTED = ("dns", "certificate")


@pytest.fixture(scope="module")
def site(infra, engine):
    made = certified.build(infra, engine)
    yield made
    certified.remove(made)


@pytest.fixture(scope="module")
def base(site):
    return site.base()


def test_a_base_gets_a_certificate_with_its_deployment(site, base):
    seen = site.read(base, "cert_origin", "cert_served", "cert_cert", "cert_error")
    assert not seen["cert_error"]
    assert (seen["cert_origin"], seen["cert_served"]) == ("acme", "same")
    assert site.shown(site.host(base)) == certified.der(seen["cert_cert"])
    assert site.link(base)["state"] == "working", site.link(base)
    site.trusted(site.host(base))
    assert site.page(site.host(base), "/web/login", tls=True)[0] == 200


def test_no_secret_is_told(site, base):
    job = site.api.last_job("clouder.base", base)
    log = site.log(job)
    assert "issued a certificate" in log
    assert "PRIVATE KEY" not in log
    key = site.read(base, "cert_key")
    assert key.startswith("-----BEGIN PRIVATE KEY-----")
    assert not [line for line in key.splitlines()[1:-1] if line in log]
    container = site.container("odoo", "-odoo-exec")
    found = container.exec_run(["grep", "-rls", "PRIVATE KEY", "/var/lib/odoo", "/etc"])
    assert not found.output


def test_the_name_is_kept_for_this_authority_alone(site, base):
    """What the zone says is asked for by the link; a test authority has no name there."""
    line = site.api.find(
        "clouder.base.link",
        ("base_id", "=", base),
        ("target", "=", site.made["pebble"]),
    )
    facts = site.api.read("clouder.base.link", line, "facts")
    assert '"dns_records": []' in facts


def test_a_base_does_not_answer_challenges(site, base):
    host = site.host(base)
    asked = "/.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
    for tls in (False, True):
        status, body = site.page(host, asked, tls=tls)
        assert status == 404
        assert b"odoo" not in body.lower()
    left = site.container("proxy").exec_run(
        ["find", "/srv/proxy/challenges", "-type", "f"]
    )
    assert left.output == b""


def test_deploying_again_asks_nobody(site, base):
    before = site.read(base, "cert_order_ids", "cert_cert")
    site.log(site.api("clouder.base", "deploy", [base]))
    assert site.read(base, "cert_order_ids", "cert_cert") == before


def test_renewal_by_button(site, base):
    """Who opens pages meanwhile notices nothing."""
    host, before = site.host(base), site.shown(site.host(base))
    with site.visited(host):
        log = site.certify(base)
    after = site.shown(host)
    assert after != before, log
    assert after == certified.der(site.read(base, "cert_cert"))
    assert site.read(base, "cert_served") == "same"
    site.trusted(host)


def test_renewal_by_itself(site, base):
    host, before = site.host(base), site.shown(site.host(base))
    assert site.read(base, "cert_renewal_date") > str(datetime.date.today())
    last = site.api.last_job("clouder.base", base)
    site.api("clouder.base", "write", [base], {"cert_renewal_date": "2020-01-01"})
    site.cron("clouder_base_cron_certify")
    site.wait_job(base, last)
    assert site.shown(host) != before
    assert site.read(base, "cert_renewal_date") > str(datetime.date.today())


def test_a_stopped_authority_delays_nobody(site):
    """The base runs, self-signed; the link says why; later it is put right by itself.

    It is served all the while it gets its first certificate.
    """
    pebble, root = site.container("pebble"), site.root()
    pebble.stop()
    base = site.base()
    host = site.host(base)
    try:
        assert site.page(host, "/web/login", tls=True)[0] == 200
        seen = site.read(
            base, "cert_cert", "cert_error", "cert_failures", "cert_next_try"
        )
        assert not seen["cert_cert"]
        assert seen["cert_failures"] == 1
        assert site.link(base)["state"] == "broken"
        assert site.link(base)["reason"] == seen["cert_error"]
        with pytest.raises(ssl.SSLCertVerificationError):
            site.trusted(host, root)
        site.certify(base)
        again = site.read(base, "cert_failures", "cert_next_try")
        assert again["cert_failures"] == 2
        assert again["cert_next_try"] > seen["cert_next_try"]
    finally:
        pebble.start()
    wait = certified.wait_for
    wait(
        "pebble",
        lambda: (
            pebble.exec_run(
                ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/14000"]
            ).exit_code
            == 0,
            "",
        ),
        60,
    )
    with site.visited(host):
        site.certify(base)
    assert site.link(base)["state"] == "working", site.link(base)
    assert site.read(base, "cert_failures") == 0
    site.trusted(host)


def test_dns_is_looked_at_before_the_authority_is_asked(site):
    base = site.base()
    [option] = site.api(
        "clouder.application.type.option", "search",
        [("type_id.name", "=", "pebble"), ("name", "=", "resolver")],
    )  # fmt: skip
    elsewhere = site.api.create(
        "clouder.service.option",
        {"service_id": site.made["pebble"], "name": option, "value": "127.0.0.1:9"},
    )
    orders = site.read(base, "cert_order_ids")
    try:
        site.certify(base)
    finally:
        site.api("clouder.service.option", "unlink", [elsewhere])
    assert "DNS does not answer" in site.read(base, "cert_error")
    assert site.read(base, "cert_order_ids") == orders
    assert site.page(site.host(base), "/web/login", tls=True)[0] == 200
    site.trusted(site.host(base))


def test_the_budget_keeps_the_authority_from_being_asked(site):
    old = site.base()
    before = site.read(old, "cert_order_ids")
    site.budget(budget_domain=1)
    try:
        base = site.base()
        assert "budget" in site.read(base, "cert_error").lower()
        orders = site.read(base, "cert_order_ids")
        assert not orders
        assert site.link(base)["state"] == "broken"
        # What has a certificate is renewed all the same.
        site.certify(old)
        assert not site.read(old, "cert_error")
        assert len(site.read(old, "cert_order_ids")) == len(before) + 1
    finally:
        site.budget(budget_domain=500)
    site.certify(base)
    assert not site.read(base, "cert_error")
    assert len(site.read(base, "cert_order_ids")) == len(orders) + 1


def test_what_people_give_wins_and_stays(site):
    base = site.base()
    host = site.host(base)
    issued = site.shown(host)
    chain, key = certified.own_pair(host)
    site.api("clouder.base", "write", [base], {"cert_cert": chain, "cert_key": key})
    site.cron("clouder_base_cron_served")
    assert site.read(base, "cert_served") == "other"
    assert "another certificate" in site.link(base)["reason"]
    site.log(site.api("clouder.base", "deploy", [base]))
    assert site.read(base, "cert_origin", "cert_served") == {
        "id": base, "cert_origin": "uploaded", "cert_served": "same",
    }  # fmt: skip
    assert site.link(base)["state"] == "working"
    assert site.shown(host) == certified.der(chain)
    with pytest.raises(Exception, match="never replaced"):
        site.api("clouder.base", "certify", [base])
    last = site.api.last_job("clouder.base", base)
    site.api("clouder.base", "write", [base], {"cert_renewal_date": "2020-01-01"})
    site.cron("clouder_base_cron_certify")
    assert site.api.last_job("clouder.base", base) == last
    assert site.shown(host) == certified.der(chain)
    nothing = {"cert_cert": False, "cert_key": False}
    site.api("clouder.base", "write", [base], nothing)
    site.log(site.api("clouder.base", "deploy", [base]))
    assert site.read(base, "cert_origin") == "acme"
    assert site.shown(host) not in (issued, certified.der(chain))


def test_a_wildcard_is_for_all_bases_of_a_domain(site):
    api, own = site.api, site.base()
    own_shown = site.shown(site.host(own))
    api(
        "clouder.domain",
        "write",
        [site.domain],
        {"cert_authority_id": site.made["pebble"]},
    )
    with site.visited(site.host(own)):
        log = site.certify(site.domain, "clouder.domain")
    wildcard = api.read("clouder.domain", site.domain, "cert_cert", "cert_error")
    assert wildcard["cert_cert"], (log, wildcard)
    try:
        shared = site.base()
        host = site.host(shared)
        assert not site.read(shared, "cert_cert")
        assert site.read(shared, "cert_source") == "wildcard"
        assert not site.read(shared, "cert_order_ids")
        assert site.link(shared)["state"] == "working", site.link(shared)
        assert site.shown(host) == certified.der(wildcard["cert_cert"])
        site.trusted(host)
        assert certified.names(site.shown(host)) == {
            certified.DOMAIN, f"*.{certified.DOMAIN}",
        }  # fmt: skip
        assert site.shown(site.host(own)) == own_shown
        assert not site.texts(f"_acme-challenge.{certified.DOMAIN}")
        # The proxy is a customer's own: it has no key of what is not his.
        owner = api.read("clouder.domain", site.domain, "partner_id")[0]
        api("clouder.domain", "write", [site.domain], {"partner_id": False})
        deploy(api, site.made["proxy"])
        assert site.shown(host) != certified.der(wildcard["cert_cert"])
        api("clouder.domain", "write", [site.domain], {"partner_id": owner})
        deploy(api, site.made["proxy"])
        assert site.shown(host) == certified.der(wildcard["cert_cert"])
    finally:
        nothing = {"cert_cert": False, "cert_key": False, "cert_authority_id": False}
        api("clouder.domain", "write", [site.domain], nothing)


def test_a_purged_base_leaves_no_key(site):
    base = site.base()
    host = site.host(base)
    assert site.read(base, "cert_key")
    site.log(site.api("clouder.base", "purge", [base]))
    assert not site.read(base, "cert_key")
    assert not site.read(base, "cert_cert")
    assert host not in certified.names(site.shown(host))


def test_an_authority_without_a_container(site):
    """Let's Encrypt is a service without a node: it is deployed and purged like others."""
    api = site.api
    values = {
        "environment_id": site.infra.environment,
        "application_id": api.find("clouder.application", ("code", "=", "acme")),
        "suffix": f"ca-{certified.TOKEN}",
        "public": False,
    }
    made = api.create("clouder.service", values, clouder_no_deploy=True)
    try:
        site.log(api("clouder.service", "deploy", [made]))
        assert api.read("clouder.service", made, "state") == "running"
        line = api.find("clouder.service.option", ("service_id", "=", made))
        assert api.read("clouder.service.option", line, "secret")
    finally:
        site.log(api("clouder.service", "purge", [made]))
    assert api.read("clouder.service", made, "state") == "purged"
