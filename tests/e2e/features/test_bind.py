"""Names in a real BIND: zones and records come and go with domains and bases."""

import concurrent.futures
import json
import os
import pathlib
import xmlrpc.client

import pytest
import requests
from clouder_lib.wait import wait_for

from ..names import DOMAIN, SUFFIX, NameServer, deployed, ended, zone

SUGGESTED = ("dns",)

ADDRESS = "127.0.0.1"
# Whole deployments at once; `bench/many.py` has 200 of them.
PARALLEL = 8
# Links of bases at once, without the rest of a deployment.
MANY, THREADS = 200, 16
PUBLISH_MANY = pathlib.Path(__file__).with_name("publish_many.py")


@pytest.fixture(scope="module")
def dns(infra, engine):
    infra.bind = deployed(infra, "bind", SUFFIX)
    return NameServer(engine, SUFFIX)


@pytest.fixture(scope="module")
def domain(infra, dns):
    """A domain whose names the server answers for."""
    return zone(infra, infra.bind, DOMAIN)


def purge(infra, *bases):
    for base in bases:
        ended(infra.api, infra.api("clouder.base", "purge", [base]))


def dns_link(api, base):
    return api(
        "clouder.base.link",
        "search_read",
        [("base_id", "=", base), ("code", "=", "dns")],
        fields=["state", "reason", "target"],
    )[0]


def test_a_name_comes_and_goes_with_its_base(infra, dns, domain):
    base = infra.running_base("shop", domain_id=domain)
    host = f"shop.{DOMAIN}"
    link = dns_link(infra.api, base)
    assert (link["state"], link["target"][0]) == ("working", infra.bind), link
    assert dns.ask(host) == [ADDRESS]
    assert dns.dig(host, "A") == [ADDRESS]
    serial = dns.serial(DOMAIN)
    ended(infra.api, infra.api("clouder.base", "deploy", [base]))
    assert dns.serial(DOMAIN) == serial, "nothing differed, so nothing was sent"
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    page = requests.get(
        f"http://{dns.ask(host)[0]}:{port}/web/login",
        headers={"Host": host},
        timeout=60,
    )
    assert page.status_code == 200
    purge(infra, base)
    assert dns.code(host) == "NXDOMAIN"
    assert dns.dig(host, "A") == []


def test_the_bare_domain_has_www_too(infra, dns, domain):
    base = infra.running_base("www", domain_id=domain)
    assert dns.ask(DOMAIN) == [ADDRESS]
    assert dns.ask(f"www.{DOMAIN}", "CNAME") == [f"{DOMAIN}."]
    # A resolver that asks for the address gets the alias and what it leads to.
    assert dns.ask(f"www.{DOMAIN}") == sorted([f"{DOMAIN}.", ADDRESS])
    assert dns.dig(f"www.{DOMAIN}", "A") == [f"{DOMAIN}.", ADDRESS]
    purge(infra, base)
    assert dns.ask(DOMAIN) == dns.ask(f"www.{DOMAIN}") == []
    assert dns.ask(DOMAIN, "NS") == [f"ns1.{DOMAIN}."]


def test_bases_deployed_at_once_all_get_their_names(infra, dns, domain):
    names = [f"many{number}" for number in range(PARALLEL)]
    bases = [infra.create_base(name, domain_id=domain) for name in names]
    for base in bases:
        infra.api.settle("clouder.base", base)
    assert all(dns.ask(f"{name}.{DOMAIN}") == [ADDRESS] for name in names)
    jobs = [infra.api("clouder.base", "purge", [base]) for base in bases]
    for job in jobs:
        ended(infra.api, job)
    assert not any(dns.ask(f"{name}.{DOMAIN}") for name in names)


def publish_many(shell, **given):
    """Have links deployed, or withdrawn, all at once; return what the script says."""
    given = {"bases": [], "ids": [], "records": [], "threads": THREADS, **given}
    text = f"GIVEN = {json.dumps(given)!r}\n{PUBLISH_MANY.read_text()}"
    return json.loads(shell(text).splitlines()[-1])


def test_names_of_200_bases_published_at_once_are_all_there(infra, dns, domain, shell):
    """The links are deployed by Clouder's own code, in one thread and one transaction each."""
    hosts = [f"crowd{number}.{DOMAIN}" for number in range(MANY)]
    bases = [
        infra.base_values(host.partition(".")[0], domain_id=domain) for host in hosts
    ]
    texts = {host: f"v=spf1 include:{host} -all" for host in hosts}
    records = [
        [["", "A", ADDRESS], ["", "MX", "10 mx.example.net"], ["", "TXT", texts[host]]]
        for host in hosts
    ]

    def seen(host):
        return dns.ask(host), dns.ask(host, "MX"), dns.texts(host)

    before = dns.serial(DOMAIN)
    done = publish_many(shell, bases=bases, records=records)
    assert done["links"] == MANY
    assert not done["wrong"]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for host, found in zip(hosts, pool.map(seen, hosts), strict=True):
            mx, text = ["10 mx.example.net."], [texts[host].encode()]
            assert found == ([ADDRESS], mx, text), host
        assert dns.serial(DOMAIN) >= before + MANY
        gone = publish_many(shell, ids=done["ids"])
        assert not gone["wrong"]
        assert not any(any(found) for found in pool.map(seen, hosts))


def test_a_zone_is_removed_when_no_base_needs_it(infra, dns):
    api, name = infra.api, "leaving.test"
    made = zone(infra, infra.bind, name)
    assert dns.code(f"x.{name}") == "NXDOMAIN"
    base = infra.running_base("stay", domain_id=made)
    with pytest.raises(xmlrpc.client.Fault, match=f"stay.{name}"):
        api("clouder.domain", "remove_zone", [made])
    purge(infra, base)
    ended(api, api("clouder.domain", "remove_zone", [made]))
    assert api.read("clouder.domain", made, "zone_state") == "none"
    assert dns.code(f"x.{name}") == "REFUSED"
    zone(infra, infra.bind, name)
    assert dns.ask(name, "NS") == [f"ns1.{name}."]
    ended(api, api("clouder.domain", "remove_zone", [made]))
    api("clouder.base", "unlink", [base])
    api("clouder.domain", "unlink", [made])


def test_a_wildcard_leads_to_the_proxy(infra, dns, domain):
    api = infra.api
    api("clouder.domain", "write", [domain], {"wildcard_target": infra.proxy})
    ended(api, api("clouder.domain", "deploy_zone", [domain]))
    assert dns.ask(f"anything.{DOMAIN}") == [ADDRESS]
    api("clouder.domain", "write", [domain], {"wildcard_target": False})
    ended(api, api("clouder.domain", "deploy_zone", [domain]))
    assert dns.code(f"anything.{DOMAIN}") == "NXDOMAIN"


def test_a_base_cannot_take_the_name_of_a_name_server(infra, dns, domain):
    base = infra.running_base("ns1", domain_id=domain)
    link = dns_link(infra.api, base)
    assert link["state"] == "broken"
    assert f"name server of the zone {DOMAIN}" in link["reason"]
    assert infra.api.read("clouder.domain", domain, "zone_summary").count("ns1") == 2
    purge(infra, base)
    assert dns.ask(f"ns1.{DOMAIN}") == [ADDRESS]


@pytest.mark.parametrize(
    "name",
    ["*", "a b", "a;b", "a\nb", "$INCLUDE", "_x", "a\\.b", '"a"', "@", "-a"],
)
def test_a_hostile_name_never_reaches_the_server(infra, dns, domain, name):
    serial = dns.serial(DOMAIN)
    with pytest.raises(xmlrpc.client.Fault, match="The name of a base has lowercase"):
        infra.create_base(name, domain_id=domain)
    with pytest.raises(xmlrpc.client.Fault, match="A domain has only lowercase"):
        infra.api.create("clouder.domain", {"name": f"{name}.x", "organisation": "E"})
    assert dns.serial(DOMAIN) == serial


def test_a_secondary_server_follows(infra, dns, domain, engine):
    secondary = deployed(infra, "bind-secondary", "bind2")
    other = NameServer(engine, "bind2")
    base = infra.running_base("told", domain_id=domain)

    def knows(name, *values, kind="A"):
        def look():
            seen = other.ask(name, kind)
            return seen == sorted(values), str(seen)

        wait_for(f"{name} {kind} {values} on the secondary", look, 60)

    knows(f"told.{DOMAIN}", ADDRESS)
    knows(DOMAIN, f"ns1.{DOMAIN}.", f"ns2.{DOMAIN}.", kind="NS")
    made = zone(infra, infra.bind, "later.test")
    knows("ns2.later.test", ADDRESS)
    ended(infra.api, infra.api("clouder.domain", "remove_zone", [made]))
    wait_for(
        "the secondary to forget a zone",
        lambda: (other.code("later.test") == "REFUSED", other.code("later.test")),
        60,
    )
    purge(infra, base)
    knows(f"told.{DOMAIN}")
    ended(infra.api, infra.api("clouder.service", "purge", [secondary], True))
    assert dns.ask(DOMAIN, "NS") == [f"ns1.{DOMAIN}."]


def test_lost_data_is_published_again(infra, dns, domain):
    base = infra.running_base("back", domain_id=domain)
    api = infra.api
    lose(dns.container)
    ended(api, api("clouder.service", "deploy", [infra.bind]))
    assert dns_again(dns).ask(f"back.{DOMAIN}") == [ADDRESS]
    purge(infra, base)
    assert dns.code(f"back.{DOMAIN}") == "NXDOMAIN"


def lose(container):
    """Remove a container and its volumes by hand, as a lost disk would."""
    volumes = [mount["Name"] for mount in container.attrs["Mounts"] if "Name" in mount]
    container.remove(force=True, v=True)
    for volume in container.client.volumes.list():
        if volume.name in volumes:
            volume.remove()


def dns_again(dns):
    """Look at the container that has taken the place of the former one."""
    dns.container = dns.container.client.containers.get(dns.container.name)
    return dns
