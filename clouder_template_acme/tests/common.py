import contextlib
from unittest import mock

from odoo.addons.clouder_template_proxy.lib.chain import der
from odoo.addons.clouder_template_proxy.tests.common import ProxyCase
from odoo.addons.clouder_template_proxy.tests.common import issued as issue


class FakeAuthority:
    """Issues whatever is asked for, or fails as a test wants."""

    def __init__(self):
        self.asked, self.failure, self.instead = [], None, None

    def issue(self, driver, service, names, answers):
        """Take the place of the driver's ``certificate_issue``."""
        self.asked.append((service.name, tuple(names), answers.kind))
        if self.failure:
            raise self.failure
        return self.instead or issue(names)


class CertifyCase(ProxyCase):
    """A proxy, an authority, and bases that are linked to both."""

    driver_code = "acme"
    allow_inherited_tests_method = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver = cls.env["clouder.driver"]._get("acme")
        cls.application.template_ids += cls.env.ref(
            "clouder_template_acme.template_certificate"
        )
        cls.authority_application = cls.env.ref(
            "clouder_template_acme.application_acme"
        )
        cls.authority = cls.make_service(cls.authority_application, "ca")

    @classmethod
    def option(cls, service, name, value):
        """Give ``service`` a value for an option of its own or of its application."""
        definition = service.type_id.option_ids.filtered(lambda one: one.name == name)
        owner = service.application_id if definition.type == "application" else service
        line = owner.option_ids.filtered(lambda one: one.name == definition)
        if line:
            line.value = value
        else:
            owner.option_ids = [(0, 0, {"name": definition.id, "value": value})]

    @contextlib.contextmanager
    def world(self):
        """Give a fake nginx, and a fake authority as its ``authority``.

        DNS leads where it should, and the proxy shows what it was given.
        """
        fake = FakeAuthority()
        driver = type(self.env["clouder.driver.acme"])
        rehearse = (
            "odoo.addons.clouder_template_acme.models.answers.HttpAnswers.rehearse"
        )
        with (
            self.nginx() as nginx,
            mock.patch.object(
                driver,
                "certificate_issue",
                lambda me, service, names, answers: fake.issue(
                    me, service, names, answers
                ),
            ),
            mock.patch(rehearse) as fake.rehearse,
        ):
            nginx.authority = fake
            nginx.runner.tls_certificate = self.shown
            self.instead = None
            yield nginx

    def shown(self, service, port, host, timeout=10):
        """Return the certificate that the proxy ``service`` should show for ``host``."""
        if self.instead:
            return self.instead
        names = [host, host.removeprefix("www.")]
        alias = self.env["clouder.base.alias"].search([("name", "in", names)])
        base = self.env["clouder.base"].search([("fulldomain", "=", host)])
        chain = alias.cert_cert if alias else base._certificate_expected(service)
        return der(chain)

    def live_base(self, name, **values):
        """Return a base that was deployed, without its certificate."""
        base = self.make_base(name, **values)
        self.deploy(base)
        base.state = "running"
        return base

    def certify(self, record):
        """Run the four steps."""
        kind = record._name.partition(".")[2]
        for step in ("check", "ask", "issue", "serve"):
            record._run_hook(f"{kind}_certificate_{step}")

    def cron(self, records, method):
        """Run a scheduled action, without the commits in between."""
        cron = type(self.env["ir.cron"])
        with mock.patch.object(cron, "_commit_progress", lambda *args, **named: 1):
            getattr(records, method)()

    def orders(self, base):
        """Return the orders for a base, the newest first."""
        return self.env["clouder.certificate.order"].search([("base_id", "=", base.id)])

    def link(self, base):
        """Return the link of a base to the authority."""
        return base.link_ids.filtered(lambda one: one.target == self.authority)
