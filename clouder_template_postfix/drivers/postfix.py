import dataclasses
import datetime
import pathlib

from odoo import api, models

from odoo.addons.clouder.lib.spec import File, Health

from ..lib import container
from ..lib.identity import check_certificate, self_signed
from ..lib.settings import render_postfix
from .place import publish

ADDON = pathlib.Path(__file__).parents[1]
IMAGE = ADDON / "image"
STOP_SECONDS = 15


class ClouderDriverPostfix(models.AbstractModel):
    """Postfix with what it needs beside it: Dovecot for logins, rspamd for signatures,
    and a gate to the bases."""

    _name = "clouder.driver.postfix"
    _inherit = "clouder.driver"
    _description = "Postfix Driver"

    @api.model
    def _step_lock(self, record, hook):
        if hook == "service_configure":
            return record._publish_lock()
        return super()._step_lock(record, hook)

    @api.private
    def option_default(self, option, owner):
        if option.name == "certificate":
            return self_signed(
                "mail.clouder.invalid", datetime.datetime.now(datetime.UTC)
            )
        return super().option_default(option, owner)

    @api.private
    def image_dockerfile(self, image):
        return (IMAGE / "Dockerfile").read_text()

    @api.private
    def image_files(self, image):
        folder = IMAGE / "clouder-mail"
        return [
            File(path=f"/{path.relative_to(IMAGE)}", content=path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        ]

    @api.private
    def service_spec(self, service, spec):
        return dataclasses.replace(
            spec,
            command=container.START,
            cap_add=container.CAPABILITIES,
            tmpfs={**spec.tmpfs, **container.TMPFS},
            health=Health(container.HEALTH, interval_s=60),
            stop_timeout=STOP_SECONDS,
        )

    @api.private
    def service_files(self, service):
        """Return Postfix's configuration and the certificate."""
        try:
            texts = render_postfix(
                hostname=service._mail_hostname(),
                message_size=int(service._option("message_size") or 25),
                relay_host=service._option("relay_host") or "",
                relay_user=service._option("relay_user") or "",
                relay_secret=service._option("relay_password") or "",
                relay_tls=service._option("relay_tls") or "encrypt",
            )
            texts["tls.pem"] = check_certificate(service._option("certificate") or "")
        except ValueError as error:
            raise service._mail_refused(error) from error
        return [
            File(
                path=f"{container.CONFIG}/{name}",
                content=text.encode(),
                mode=0o400,
                secret=name in ("relay", "tls.pem"),
            )
            for name, text in texts.items()
        ]

    @api.private
    def service_health(self, service):
        return container.HEALTH

    @api.private
    def service_configure(self, service):
        """Give a new container the networks of its bases' services, and what it serves.

        :raise UserError: Clouder's own mail cannot be sent from here; that of the bases
            is served by then
        """
        super().service_configure(service)
        runner = service._runner()
        environments = service._mail_links().base_id.service_id.environment_id
        for environment in environments - service.environment_id:
            runner.network_join(service, environment, [service.name])
        publish(service)
        service._use_own_mail(service._own_mail())

    @api.private
    def service_purge(self, service):
        super().service_purge(service)
        service._use_own_mail(None)
