import contextlib
import datetime
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.addons.clouder.models.application_type import as_module
from odoo.addons.clouder.tests.driver_case import DriverCase

from .fake_nginx import FakeNginx

BACKEND = {"host": "demo-web-exec", "port": 8069, "longpolling_port": 8072}


def issued(names, days=90):
    """Return a key and a certificate for ``names`` that ends in some days, PEM text."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, end) - datetime.timedelta(hours=1))
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
            critical=False,
        )
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return key.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


class ProxyCase(DriverCase):
    """A proxy, and bases of an application that inherits Base WWW."""

    driver_code = "proxy"
    allow_inherited_tests_method = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env = cls.env(context={**cls.env.context, "clouder_no_deploy": True})
        cls.driver = env["clouder.driver"]._get("proxy")
        cls.environment = env["clouder.environment"].create(
            {"name": "Demo", "prefix": "demo"}
        )
        cls.node = env["clouder.node"].create({"name": "proxy-test-node"})
        cls.domain = env["clouder.domain"].create(
            {"name": "example.com", "organisation": "Example"}
        )
        cls.proxy = cls.make_service(
            env.ref("clouder_template_proxy.application_proxy"), "proxy"
        )
        kind = as_module(env["clouder.application.type"]).create(
            {"name": "proxy-test-web", "system_user": "root", "driver": "generic"}
        )
        www = env.ref("clouder_template_proxy.application_template_base_www")
        cls.application = env["clouder.application"].create(
            {
                "name": "Web",
                "code": "proxy-test-web",
                "type_id": kind.id,
                "base": True,
                "template_ids": [(4, www.id)],
            }
        )
        cls.web = cls.make_service(cls.application, "web")

    @classmethod
    def make_service(cls, application, suffix, environment=None):
        service = cls.env["clouder.service"].create(
            {
                "environment_id": (environment or cls.environment).id,
                "suffix": suffix,
                "application_id": application.id,
                "node_id": cls.node.id,
            }
        )
        return cls.set_running(service)

    @classmethod
    def make_base(cls, name, **values):
        base = cls.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": cls.domain.id,
                "environment_id": cls.environment.id,
                "application_id": cls.application.id,
                "service_id": cls.web.id,
                **values,
            }
        )
        base.wanted = "running"
        return base

    @contextlib.contextmanager
    def nginx(self):
        """Give a :class:`FakeNginx`; the runner and the bases' driver are fakes too."""
        root = self.env.registry["clouder.driver"]
        backend = mock.patch.object(root, "base_backend", lambda *args: dict(BACKEND))
        with self.fake_runner() as fake, backend:
            nginx = FakeNginx(fake)
            nginx.runner = fake
            yield nginx

    def deploy(self, base):
        """Run the link steps of a base's deployment."""
        for hook in ("base_links", "base_publish"):
            base._run_hook(hook)

    def rest(self, base, wanted):
        """Run the link steps of a base's stop, or suspension."""
        base.wanted = wanted
        for hook in ("base_suspend", "base_publish"):
            base._run_hook(hook)

    def withdraw(self, base):
        """Run the link steps of a base's purge."""
        base.wanted = "purged"
        for hook in ("base_withdraw", "base_publish"):
            base._run_hook(hook)
