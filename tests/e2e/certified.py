"""A certificate authority, a name server, a proxy and an Odoo on a node of their own.

The authority (pebble, in a container) has to reach the proxy as the world would: by the
address that the name server gives for a host, which is the engine's bridge.
"""

import contextlib
import dataclasses
import datetime
import hashlib
import http.client
import ipaddress
import secrets
import socket
import ssl
import threading

import dns.message
import dns.query
from clouder_lib.wait import wait_for
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .client import Api
from .conftest import deploy, service

TOKEN = secrets.token_hex(3)
DOMAIN = f"c{TOKEN}.test"
FIRST_PORT, LAST_PORT = 18080, 18099
MANAGEMENT_PORT = 15000
TLS = (False, True)
PAUSE_S = 0.02


@dataclasses.dataclass
class Site:
    """What the tests of certificates share."""

    api: Api
    infra: object
    engine: object
    address: str
    node: int
    made: dict
    domain: int = 0

    def port(self, code, name):
        """Return the port on the node of a service's port line."""
        line = self.api.find(
            "clouder.service.port",
            ("service_id", "=", self.made[code]),
            ("name", "=", name),
        )
        return self.api.read("clouder.service.port", line, "hostport")

    def container(self, code, part=""):
        """Return the container of a service, or of its sub-service ``part``."""
        name = self.api.read("clouder.service", self.made[code], "name")
        return self.engine.containers.get(f"{name}{part}")

    def base(self, name=None, **values):
        """Order a base and wait until its deployment has ended; return its id."""
        base = self.infra.create_base(
            name or f"b{secrets.token_hex(3)}",
            domain_id=self.domain,
            service_id=self.made["odoo"],
            **values,
        )
        self.api.settle("clouder.base", base)
        assert self.api.read("clouder.base", base, "state") == "running"
        return base

    def read(self, base, *fields):
        """Return fields of a base; a single field's value alone."""
        return self.api.read("clouder.base", base, *fields)

    def host(self, base):
        """Return the host name of a base."""
        return self.read(base, "fulldomain")

    def link(self, base):
        """Return how it stands with a base's link to the authority."""
        line = self.api.find(
            "clouder.base.link",
            ("base_id", "=", base),
            ("target", "=", self.made["pebble"]),
        )
        return self.api.read("clouder.base.link", line, "state", "reason")

    def certify(self, base, model="clouder.base"):
        """Ask for a certificate and wait; return the job's log as one text."""
        job = self.api(model, "certify", [base])
        return self.log(job)

    def log(self, job):
        """Wait for a job, and return all that it logged."""
        status = self.api.follow(job)
        assert status["state"] == "done", self.api.story(status)
        lines = self.api("clouder.job", "log", [job])
        return "\n".join(line["text"] for line in lines)

    def shown(self, host):
        """Return the certificate (DER) that the proxy shows for ``host``."""
        context = ssl._create_unverified_context()
        with self._connect(host, context) as secured:
            return secured.getpeercert(True)

    def trusted(self, host, root=""):
        """Connect as a browser that trusts nobody but the authority."""
        context = ssl.create_default_context(cadata=root or self.root())
        with self._connect(host, context) as secured:
            return secured.getpeercert()

    def _connect(self, host, context):
        plain = socket.create_connection(
            (self.address, self.port("proxy", "https")), 10
        )
        return context.wrap_socket(plain, server_hostname=host)

    def page(self, host, path, tls=False):
        """Return status and body of a page of ``host``."""
        port = self.port("proxy", "https" if tls else "http")
        return page(self.address, port, host, path, tls)

    @contextlib.contextmanager
    def visited(self, host):
        """Have somebody open pages of ``host`` all the while; none may fail."""
        ports = {tls: self.port("proxy", "https" if tls else "http") for tls in TLS}
        visitor = Visitor(self.address, ports, host)
        visitor.start()
        try:
            yield visitor
        finally:
            visitor.leave()
        assert visitor.failures == []
        assert visitor.pages > len(TLS)

    def root(self):
        """Return the certificate with which the authority signs now, PEM text."""
        container = self.container("pebble")
        networks = container.attrs["NetworkSettings"]["Networks"]
        address = next(iter(networks.values()))["IPAddress"]
        connection = http.client.HTTPSConnection(
            address,
            MANAGEMENT_PORT,
            timeout=10,
            context=ssl._create_unverified_context(),
        )
        connection.request("GET", "/roots/0")
        return connection.getresponse().read().decode()

    def texts(self, name):
        """Return the TXT records that the name server has at ``name``."""
        question = dns.message.make_query(name, "TXT")
        port = self.port("bind", "dns-tcp")
        answer = dns.query.tcp(question, self.address, 10, port)
        return [record.to_text() for rrset in answer.answer for record in rrset]

    def budget(self, **limits):
        """Give the authority's application limits of its own."""
        application = self.api.find("clouder.application", ("code", "=", "pebble"))
        for name, value in limits.items():
            option = self.api.find(
                "clouder.application.type.option",
                ("type_id.name", "=", "pebble"),
                ("name", "=", name),
            )
            where = [("application_id", "=", application), ("name", "=", option)]
            line = self.api.find("clouder.application.option", *where)
            if line:
                self.api(
                    "clouder.application.option", "write", [line], {"value": value}
                )
            else:
                self.api.create(
                    "clouder.application.option",
                    {"application_id": application, "name": option, "value": value},
                )

    def cron(self, name):
        """Run a scheduled action of the addon now."""
        found = self.api(
            "ir.model.data", "search_read", [("name", "=", name)], fields=["res_id"]
        )
        self.api("ir.cron", "method_direct_trigger", [found[0]["res_id"]])

    def wait_job(self, base, before):
        """Wait for a job of ``base`` that is newer than job ``before``."""

        def look():
            last = self.api.last_job("clouder.base", base)
            return last != before, f"job {last}"

        wait_for("a new job", look, 60)
        return self.log(self.api.last_job("clouder.base", base))


class Visitor(threading.Thread):
    """Somebody who opens a page again and again, over HTTP and HTTPS in turn.

    :param ports: of the proxy, by whether TLS is spoken there
    """

    def __init__(self, address, ports, host):
        super().__init__(daemon=True)
        self.address, self.ports, self.host = address, ports, host
        self.pages, self.failures = 0, []
        self._gone = threading.Event()

    def run(self):
        while not self._gone.wait(PAUSE_S):
            for tls, port in self.ports.items():
                try:
                    status, _body = page(
                        self.address, port, self.host, "/web/login", tls
                    )
                except (OSError, http.client.HTTPException) as error:
                    status = repr(error)
                self.pages += 1
                if status != 200:
                    self.failures.append((tls, status))

    def leave(self):
        """Stop, after the page that is being opened."""
        self._gone.set()
        self.join()


def page(address, port, host, path, tls):
    """Return status and body of a page of ``host``, over a connection of its own."""
    kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    more = {"context": ssl._create_unverified_context()} if tls else {}
    with contextlib.closing(kind(address, port, timeout=60, **more)) as connection:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()


def der(pem):
    """Return the first certificate in ``pem`` as a handshake shows it."""
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 26])


def fingerprint(certificate):
    """Return the SHA-256 fingerprint of a certificate (DER)."""
    return hashlib.sha256(certificate).hexdigest().upper()


def names(certificate):
    """Return the host names of a certificate (DER)."""
    found = x509.load_der_x509_certificate(certificate).extensions
    return set(
        found.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value.get_values_for_type(x509.DNSName)
    )


def _bridge(engine):
    """Return the engine's own address, under which containers find published ports."""
    settings = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]
    network = ipaddress.ip_network(settings["Subnet"])
    return settings.get("Gateway") or str(next(network.hosts()))


def own_pair(host):
    """Return a certificate and its key as people bring them, PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def build(infra, engine):
    """Deploy everything; return the :class:`Site`."""
    api = infra.api
    bridge = _bridge(engine)
    node = api.create(
        "clouder.node",
        {
            "name": f"certified-{TOKEN}",
            "engine_url": api.read("clouder.node", infra.node, "engine_url"),
            "publish_ip": bridge,
            "public_ip": bridge,
            "start_port": FIRST_PORT,
            "end_port": LAST_PORT,
        },
    )
    site = Site(api, infra, engine, bridge, node, {})
    # An Odoo is linked to a PostgreSQL that runs.
    for codes in (("bind", "proxy", "postgres"), ("odoo",)):
        for code in codes:
            site.made[code] = service(
                api, infra.environment, node, code, suffix=f"{code}-{TOKEN}"
            )
        deploy(api, *(site.made[code] for code in codes))
    partner = api.read("clouder.environment", infra.environment, "partner_id")
    site.domain = api.create(
        "clouder.domain",
        {
            "name": DOMAIN,
            "organisation": "E2E",
            "dns_id": site.made["bind"],
            "partner_id": partner[0],
        },
    )
    _add_authority(site)
    return site


def _add_authority(site):
    """Deploy pebble: it asks proxies at the port that ours has on its node."""
    api = site.api
    site.made["pebble"] = service(
        api, site.infra.environment, site.node, "pebble", suffix=f"pebble-{TOKEN}"
    )
    option = api.find(
        "clouder.application.type.option",
        ("type_id.name", "=", "pebble"),
        ("name", "=", "http_port"),
    )
    api.create(
        "clouder.service.option",
        {
            "service_id": site.made["pebble"],
            "name": option,
            "value": str(site.port("proxy", "http")),
        },
    )
    deploy(api, site.made["pebble"])
    site.budget(budget_names=100, budget_domain=500, budget_account=1000)


def remove(site):
    """Purge everything, so that no other test links to it."""
    api = site.api
    bases = api("clouder.base", "search", [
        ("domain_id", "=", site.domain), ("state", "!=", "purged"),
    ])  # fmt: skip
    for job in [api("clouder.base", "purge", [base]) for base in bases]:
        api.follow(job)
    for codes in (("pebble", "odoo"), ("proxy", "bind", "postgres")):
        made = [site.made[code] for code in codes]
        jobs = [api("clouder.service", "purge", [one], data=True) for one in made]
        for job in jobs:
            api.follow(job)
