import dataclasses
import datetime

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import ClouderError, JobCancelled
from odoo.addons.clouder.lib.spec import File
from odoo.addons.clouder.lib.wait import wait_for

from ..lib import publication
from ..lib.certificate import self_signed
from ..lib.render import HEALTH_PORT, SUSPENDED, TEMPLATES, render_main
from ..lib.routes import RouteRefused
from .challenges import put_challenge, remove_challenge
from .publisher import ConfigurationRefused, Publisher

DEFAULT_NAME = "proxy.clouder.invalid"
PAGE_HEADER = "x-clouder-proxy"
STOP_SECONDS = 3
PROBE_SECONDS = 60
ANSWER_SECONDS = 30


class ClouderDriverProxy(models.AbstractModel):
    """nginx: sends each host name to the container of its base."""

    _name = "clouder.driver.proxy"
    _inherit = "clouder.driver"
    _description = "Proxy Driver"

    @api.model
    def _step_lock(self, record, hook):
        if hook == "service_configure":
            return record._publish_lock()
        return super()._step_lock(record, hook)

    def option_default(self, option, owner):
        if option.name == "default_certificate":
            return self_signed(DEFAULT_NAME, datetime.datetime.now(datetime.UTC))
        return super().option_default(option, owner)

    def image_dockerfile(self, image):
        return (TEMPLATES / "Dockerfile").read_text()

    def service_spec(self, service, spec):
        spec = super().service_spec(service, spec)
        return dataclasses.replace(
            spec,
            command=["nginx", "-c", publication.MAIN],
            user="www-data",
            stop_signal="SIGQUIT",
            stop_timeout=STOP_SECONDS,
        )

    def service_files(self, service):
        main = render_main(publication.POINTER_GLOB)
        return [*super().service_files(service), File(publication.MAIN, main)]

    def service_health(self, service):
        return ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{HEALTH_PORT}"]

    def service_configure(self, service):
        super().service_configure(service)
        self._join_networks(service)
        Publisher(service).publish()

    def _join_networks(self, service):
        """Let the proxy reach the bases it serves; a new container is in none of them."""
        runner = service._runner()
        for environment in service._environments_routed() - service.environment_id:
            runner.network_join(service, environment, [service.name])

    def link_provide(self, link):
        """Register the route of a base; ``link_publish`` has it served."""
        super().link_provide(link)
        base = self._base(link)
        proxy = link.target
        try:
            link._register_route(base._driver().base_backend(base))
        except RouteRefused as error:
            raise UserError(
                self.env._(
                    "The proxy %(proxy)s cannot serve %(base)s: %(reason)s",
                    proxy=proxy.name,
                    base=base.fulldomain,
                    reason=error,
                )
            ) from error
        environment = base.service_id.environment_id
        if not link.make_link and environment != proxy.environment_id:
            proxy._runner().network_join(proxy, environment, [proxy.name])
        return {
            "host": base.fulldomain,
            "url": base.url,
            "proxy": proxy.name,
            "dns_records": self._dns_records(base, proxy),
        }

    def _dns_records(self, base, proxy):
        """Return the records with which visitors find the proxy.

        :return: list of [name relative to the host, type, value]
        """
        host, *aliases = base._host_names()
        lines = [
            ["", "AAAA" if ":" in address else "A", address]
            for address in proxy.node_id._public_addresses()
        ]
        alias_lines = [[f"{alias}.", "CNAME", f"{host}."] for alias in aliases]
        return lines + alias_lines if lines else []

    def _base(self, link):
        if link._name != "clouder.base.link":
            raise UserError(
                self.env._(
                    "%(owner)s cannot be linked to the proxy %(proxy)s: a proxy serves "
                    "bases. Move the link to the bases of the application.",
                    owner=link._owner().display_name,
                    proxy=link.target.name,
                )
            )
        return link.base_id

    def link_publish(self, link):
        super().link_publish(link)
        proxy = link.target
        if not link.route_state and proxy.state in ("draft", "purged"):
            link.route_pending = False
            return
        # What is served anew is waited for by the probe; what is withdrawn must be gone.
        generation = Publisher(proxy).publish(drained=link.route_state != "served")
        if link.route_pending or link.route_generation != generation:
            link.write({"route_pending": False, "route_generation": generation})
        if proxy.proxy_refused and link.base_id._has_certificate():
            raise ConfigurationRefused(
                f"{proxy.name}: nginx refuses the server blocks.", proxy.proxy_refusal
            )

    def link_probe(self, link):
        """See that a request for the base's host reaches the base through the proxy.

        Over TLS, the certificate must be the one that the host should have. The look
        that comes again and again asks for what costs the base least.
        """
        super().link_probe(link)
        base, proxy = self._base(link), link.target
        seconds = link._probe_seconds(PROBE_SECONDS)
        Publisher(proxy).await_generation(link.route_generation, seconds)
        runner = proxy._runner()
        asked, closed = {"tls": False}, link._is_closed()
        path = (
            base._driver().base_probe_path(base) if link._is_looked_at_often() else "/"
        )
        if base.ssl_only:
            asked = {"tls": True, "ca_pem": base._certificate_expected(proxy)}

        def probe():
            try:
                status, headers, _body = runner.http_get(
                    proxy,
                    "https" if base.ssl_only else "http",
                    base.fulldomain,
                    path,
                    timeout=min(ANSWER_SECONDS, seconds),
                    **asked,
                )
            except JobCancelled:
                raise
            except ClouderError as error:
                return False, str(error)
            page = headers.get(PAGE_HEADER)
            seen = f"status {status} {page or ''}".strip()
            return (page == SUSPENDED) if closed else (status < 500 and not page), seen

        wait_for(f"{base.fulldomain} answers through {proxy.name}", probe, seconds)

    def link_suspend(self, link):
        """Have visitors read the page of a site that takes a break."""
        super().link_suspend(link)
        if link._name == "clouder.base.link":
            link._suspend_route()

    def link_withdraw(self, link):
        """Forget the route; the next publication, of whatever link, leaves it out."""
        super().link_withdraw(link)
        if link._name == "clouder.base.link":
            link._withdraw_route()

    def certificate_answer(self, service, host, token, text):
        put_challenge(service, host, token, text)

    def certificate_answer_clear(self, service, host, token):
        remove_challenge(service, host, token)
