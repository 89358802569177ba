import json
import pathlib

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import ClouderError

from ..lib.container import SUBMISSION_PORT
from ..lib.records import dns_records
from .place import publish

PROBE = pathlib.Path(__file__).parents[1] / "lib/probe_script.py"
NO_SUCH_COMMAND = (126, 127)
PROBE_SECONDS = 60


class MailProbeFailed(ClouderError):
    """The base cannot hand its mail in."""


class ClouderDriverPostfix(models.AbstractModel):
    """Links: each base has a login, a domain, a key for signatures and a way in."""

    _inherit = "clouder.driver.postfix"

    @api.private
    def link_provide(self, link):
        """Register the mail of a base; ``link_publish`` has it served."""
        super().link_provide(link)
        base, service = self._mail_base(link), link.target._exec_service()
        link._refuse_own_domain(service)
        try:
            domain = link._register_mail(base._driver().base_backend(base))
            records = dns_records(
                domain.domain,
                service._mail_exchanger(domain.domain),
                service._mail_senders(),
                domain.key,
            )
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The mail server %(service)s cannot serve %(base)s: %(reason)s",
                    service=service.name,
                    base=base.fulldomain,
                    reason=error,
                )
            ) from error
        self._join_base(link, service, base)
        return {
            "host": service.name,
            "port": SUBMISSION_PORT,
            "user": domain.login,
            "password": domain.password,
            "domain": domain.domain,
            "gateway_key": domain.gateway_key,
            "dns_records": records,
        }

    @api.model
    def _join_base(self, link, service, base):
        """Let the server and the container of the base reach each other.

        A direct link has seen to that.
        """
        environment = base.service_id.environment_id
        if not link.make_link and environment != service.environment_id:
            service._runner().network_join(service, environment, [service.name])

    @api.model
    def _mail_base(self, link):
        if link._name != "clouder.base.link":
            raise UserError(
                self.env._(
                    "%(owner)s cannot be linked to the mail server %(service)s: it serves "
                    "bases, each with its own domain. Move the link to the bases of the "
                    "application.",
                    owner=link._owner().display_name,
                    service=link.target.name,
                )
            )
        return link.base_id

    @api.private
    def link_publish(self, link):
        super().link_publish(link)
        service = link.target._exec_service()
        serves = link.mail_state or service.state not in ("draft", "purged")
        if serves and publish(service):
            self._log(self.env._("%s has the newest mail domains.", service.name))
        if link.mail_pending:
            link.mail_pending = False

    @api.private
    def link_suspend(self, link):
        """Keep the domain of a stopped base, whose mail waits; it cannot log in."""
        super().link_suspend(link)
        if link._name == "clouder.base.link":
            link._suspend_mail()

    @api.private
    def link_withdraw(self, link):
        """Forget the mail of the base; the next publication leaves it out."""
        super().link_withdraw(link)
        if link._name == "clouder.base.link":
            link._withdraw_mail()

    @api.private
    def link_probe(self, link):
        """Log in from the base's container and offer a message; none is sent.

        Where that has no Python, the server is asked itself: this proves the login and
        the domain, but not the network between them. A stopped base has no login, and one that is suspended
        has nobody who asks while its service is stopped, too.
        """
        super().link_probe(link)
        base, facts = self._mail_base(link), link._facts()
        consumer = base.service_id._exec_service()
        rests = base.wanted != "running" and consumer.state != "running"
        if link.mail_state == "suspended" or rests:
            return
        service = link.target._exec_service()
        seconds = link._probe_seconds(PROBE_SECONDS)
        result = self._probe_from(consumer, facts, seconds)
        if result.status in NO_SUCH_COMMAND:
            self._log(
                self.env._(
                    "%s has no Python: the link is probed from its target.",
                    consumer.name,
                ),
                "output",
            )
            local = {**facts, "host": "127.0.0.1"}
            result = self._probe_from(service, local, seconds)
        if result.status:
            said = (result.output or result.error).strip().splitlines() or ["nothing"]
            raise MailProbeFailed(
                self.env._(
                    "%(base)s cannot hand its mail to %(service)s: %(reason)s",
                    base=base.fulldomain,
                    service=service.name,
                    reason=said[-1],
                )
            )

    @api.model
    def _probe_from(self, service, facts, seconds):
        """Run the probe in a container; its parameters come over standard input."""
        names = ("host", "port", "user", "password", "domain")
        wanted = json.dumps({name: facts.get(name) for name in names})
        script = f"FACTS = {wanted!r}\n{PROBE.read_text()}"
        return service._runner().exec(
            service,
            ["python3", "-"],
            stdin=script.encode(),
            check=False,
            timeout=seconds,
        )
