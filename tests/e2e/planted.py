"""Secrets that a test would recognise anywhere, in every place that keeps one."""

import collections
import contextlib
import dataclasses
import datetime
import os
import secrets
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .conftest import deploy, service


@dataclasses.dataclass
class Planted:
    """Where the secrets are: (model, record, field) to what must be seen nowhere."""

    base: int
    failed_base: int
    failed_service: int
    environment: int
    places: dict

    def words(self):
        """Return every text that gives a secret away."""
        return {
            line
            for value in self.places.values()
            for line in value.splitlines()
            if len(line) > 8 and not line.startswith("-----")
        }


class Watch:
    """Collects the command lines of all processes of the machine, containers included.

    A process is looked at a few times when it is new: it may not have begun its own
    program yet.
    """

    looks = 5

    def __init__(self):
        self.seen = set()
        self._known = collections.Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        while not self._stop.wait(0.01):
            for number in filter(str.isdigit, os.listdir("/proc")):
                if self._known[number] < self.looks:
                    self._known[number] += 1
                    self._look(number)

    def _look(self, number):
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{number}/cmdline", "rb") as file,
        ):
            self.seen.add(file.read())


def canary(name):
    return f"canary-{name}-{secrets.token_hex(8)}"


def certificate(host):
    """Return a private key and a certificate of its own for ``host``, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, form, serialization.NoEncryption()).decode()
    return secret, made.public_bytes(pem).decode()


def plant(infra):
    """Deploy a base, update it, and let two jobs fail, all with planted secrets."""
    api, token, places = infra.api, secrets.token_hex(3), {}
    _plant_places(api, token, places)
    base, failed_base = _plant_bases(infra, token, places)
    failed_service = _plant_options(infra, token, places)
    for link in api("clouder.service.link", "search", [["state", "=", "working"]]):
        facts = api.read("clouder.service.link", link, "facts")
        places["clouder.service.link", link, "facts"] = facts.split('"password": "')[1][
            :32
        ]
    return Planted(base, failed_base, failed_service, infra.environment, places)


def _plant_places(api, token, places):
    key, _certificate = certificate("engine.example")
    for model, values, field, value in (
        ("node", {"name": token}, "tls_key", key),
        ("provider", {"name": token, "kind": "dns"}, "secret_key", canary("provider")),
    ):
        record = api.create(f"clouder.{model}", {**values, field: value})
        places[f"clouder.{model}", record, field] = value


def _plant_bases(infra, token, places):
    api = infra.api
    key, public = certificate(f"secret{token}.e2e.localhost")
    values = {
        "name": f"secret{token}",
        "admin_password": canary("admin"),
        "poweruser_name": "boss@e2e.example",
        "poweruser_password": canary("poweruser"),
        "cert_key": key,
    }
    base = infra.running_base(**values, cert_cert=public)
    for action in ("upgrade", "deploy"):
        status = api.follow(api("clouder.base", action, [base]))
        assert status["state"] == "done", api.story(status)
    for field in ("admin_password", "poweruser_password", "cert_key"):
        places["clouder.base", base, field] = values[field]
    definition = api.find(
        "clouder.application.type.option",
        ("type_id.name", "=", "odoo"),
        ("name", "=", "install_modules"),
    )
    password = canary("failed")
    failed = infra.create_base(
        option_ids=[(0, 0, {"name": definition, "value": "no_such_module"})],
        admin_password=password,
    )
    api.settle("clouder.base", failed, state="failed")
    places["clouder.base", failed, "admin_password"] = password
    return base, failed


def _plant_options(infra, token, places):
    """Give PostgreSQL a new superuser; start a program that prints its secret and ends."""
    api = infra.api
    line = api.find(
        "clouder.service.option",
        ("service_id", "=", infra.postgres),
        ("name.name", "=", "superuser_password"),
    )
    _give(api, places, line, {"value": canary("superuser")})
    deploy(api, infra.postgres)
    option = api.create("clouder.application.type.option", {
        "type_id": api.find("clouder.application.type", ("name", "=", "postgres")),
        "name": f"told_{token}", "type": "container", "secret": True,
    })  # fmt: skip
    record = service(
        api, infra.environment, infra.node, "postgres", f"told-{token}",
        image_id=_talkative_image(api, token),
    )  # fmt: skip
    line = api.create("clouder.service.option", {"service_id": record, "name": option})
    _give(api, places, line, {"value_plain": canary("told")})
    api.follow(api("clouder.service", "deploy", [record]))
    api.settle("clouder.service", record, state="failed")
    return record


def _give(api, places, line, values):
    api("clouder.service.option", "write", [line], values)
    places["clouder.service.option", line, "value"] = next(iter(values.values()))


def _talkative_image(api, token):
    return api.create("clouder.image", {
        "name": f"told-{token}",
        "type_id": api.find("clouder.application.type", ("name", "=", "postgres")),
        "parent_from": "debian:bookworm-slim",
        "dockerfile": "RUN useradd postgres\n"
        f'CMD ["/bin/sh", "-c", "cat /etc/clouder/options/told_{token}; exit 3"]',
    })  # fmt: skip
