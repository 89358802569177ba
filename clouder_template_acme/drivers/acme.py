from urllib.parse import urlsplit

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.clouder.lib.errors import ClouderError
from odoo.addons.clouder.lib.lookup import parse_server
from odoo.addons.clouder.models import job_context

from ..lib.authority import Account, Authority
from ..lib.keys import generate_key

LETS_ENCRYPT = "letsencrypt.org"
HTTP_PORT = 80


class CertificateMissing(ClouderError):
    """A base has no certificate of an authority, and the reason is known."""


class ClouderDriverAcme(models.AbstractModel):
    """A certificate authority that speaks ACME, asked by Clouder itself."""

    _name = "clouder.driver.acme"
    _inherit = "clouder.driver"
    _description = "ACME Driver"

    @api.private
    def option_default(self, option, owner):
        if option.name == "account_key":
            return generate_key()
        return super().option_default(option, owner)

    @api.private
    def service_prepare(self, service):
        """Have a key for the account: a service without container gets no options by itself."""
        super().service_prepare(service)
        self._account_key(service)

    # An authority without a node has nothing there to be removed, stopped or started.

    @api.private
    def service_remove(self, service):
        return super().service_remove(service) if service.node_id else None

    @api.private
    def service_remove_data(self, service):
        return super().service_remove_data(service) if service.node_id else None

    @api.private
    def service_stop(self, service):
        return super().service_stop(service) if service.node_id else None

    @api.private
    def service_start(self, service):
        return super().service_start(service) if service.node_id else None

    @api.private
    def service_restart(self, service):
        return super().service_restart(service) if service.node_id else None

    @api.model
    def _account_key(self, service):
        """Return the private key of the account; make it when there is none."""
        key = service._option("account_key")
        if not key:
            definition = service.type_id.option_ids.filtered(
                lambda option: option.name == "account_key"
            )
            key = generate_key()
            line = service.option_ids.filtered(lambda one: one.name == definition)
            values = {"name": definition.id, "value": key}
            command = (
                Command.update(line.id, values) if line else Command.create(values)
            )
            # sudo: a job keeps the key of the service's own account
            service.sudo().option_ids = [command]
        job_context.know_secret(key)
        return key

    @api.model
    def _account(self, service):
        """Return who asks, and whom (:class:`~..lib.authority.Account`)."""
        kid, hmac = service._option("eab_kid"), service._option("eab_hmac")
        job_context.know_secret(hmac)
        return Account(
            directory=service._option("directory_url") or "",
            key=self._account_key(service),
            email=service._option("account_email") or "",
            ca_pem=service._option("ca_certificates") or "",
            eab=(kid, hmac) if kid and hmac else None,
        )

    @api.model
    def _resolver(self, service):
        """Return the name server that tells what the authority will see, or None."""
        return parse_server(service._option("resolver") or "")

    @api.model
    def _http_port(self, service):
        """Return the port at which the authority asks a host for its proof."""
        return HTTP_PORT

    @api.private
    def certificate_issue(self, service, names, answers):
        key = generate_key()
        job_context.know_secret(key)
        authority = Authority(self._account(service))
        return key, authority.issue(names, key, answers)

    @api.private
    def link_after(self, link):
        return super().link_after(link) | link._siblings("proxy")

    @api.private
    def link_provide(self, link):
        """Say what the base's zone should hold; the certificate itself comes last of all."""
        super().link_provide(link)
        self._base(link)
        if not link._siblings("proxy"):
            raise UserError(
                self.env._(
                    "%(base)s has no link to a proxy, which would show the certificate "
                    "of %(authority)s: add one.",
                    base=link._owner().display_name,
                    authority=link.target.name,
                )
            )
        identity = self._caa_identity(link.target)
        records = [["", "CAA", f'0 issue "{identity}"']] if identity else []
        return {"authority": link.target.name, "dns_records": records}

    @api.model
    def _caa_identity(self, service):
        """Return the authority's name in CAA records; "" when none is known."""
        given = service._option("caa_identity") or ""
        if given:
            return given
        host = urlsplit(service._option("directory_url") or "").hostname or ""
        known = host == LETS_ENCRYPT or host.endswith(f".{LETS_ENCRYPT}")
        return LETS_ENCRYPT if known else ""

    @api.model
    def _base(self, link):
        if link._name != "clouder.base.link":
            raise UserError(
                self.env._(
                    "%(owner)s cannot be linked to the certificate authority "
                    "%(authority)s: only bases have certificates.",
                    owner=link._owner().display_name,
                    authority=link.target.name,
                )
            )
        return link.base_id

    @api.private
    def link_probe(self, link):
        """See that visitors are shown the certificate that the base has."""
        super().link_probe(link)
        base = self._base(link)
        if base.cert_error:
            raise CertificateMissing(base.cert_error)
        fault = base._check_served()
        if fault:
            raise CertificateMissing(fault)

    @api.private
    def link_withdraw(self, link):
        """Forget the certificate of a base that goes away; another one keeps it.

        It is served until its end, but no longer renewed.
        """
        super().link_withdraw(link)
        if link._name == "clouder.base.link" and link.base_id.wanted == "purged":
            link.base_id._forget_certificate()
