from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.webhook import WebhookRefused, parse_networks


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clouder_email_sysadmin = fields.Char(
        string="System administrator's e-mail",
        config_parameter="clouder.email_sysadmin",
        help="Who gets a mail when a job fails or a node no longer answers.",
    )
    clouder_job_days = fields.Integer(
        string="Days jobs are kept", config_parameter="clouder.job_days", default=90
    )
    clouder_job_queue_limit = fields.Integer(
        string="Waiting jobs at most",
        config_parameter="clouder.job_queue_limit",
        default=1000,
        help="Further jobs are refused until some have ended. What scheduled actions "
        "ask for takes half of it at most.",
    )
    clouder_node_jobs = fields.Integer(
        string="Jobs on one node",
        config_parameter="clouder.node_jobs",
        default=4,
        help="So many jobs run on one node at a time; the others leave the workers to "
        "other nodes. One place is kept free of what scheduled actions ask for. The "
        "channel “root” of the job queue must allow more.",
    )
    clouder_deletion_grace_days = fields.Integer(
        string="Days of grace",
        config_parameter="clouder.deletion_grace_days",
        default=7,
        help="So long after somebody asked for its deletion a base can be taken back.",
    )
    clouder_alias_without_proof = fields.Boolean(
        string="Own domains without a proof",
        config_parameter="clouder.alias_without_proof",
        help="Otherwise a TXT record, or a CNAME to the base, shows that the owner of a "
        "domain wants it there. Without, whoever asks first has a name that leads here.",
    )
    clouder_resolver = fields.Char(
        string="Name server to ask",
        config_parameter="clouder.resolver",
        help="Such as 192.0.2.53; empty: the one of this machine.",
    )
    clouder_webhook_networks = fields.Char(
        string="Inner networks for webhooks",
        config_parameter="clouder.webhook_networks",
        help="Messages are sent to public addresses only, and to these networks, such as "
        "10.1.0.0/16, separated by commas.",
    )
    clouder_job_max_attempts = fields.Integer(
        string="Tries of a job",
        config_parameter="clouder.job_max_attempts",
        default=60,
        help="How often a job is tried while its node cannot be reached.",
    )

    @api.constrains("clouder_webhook_networks")
    def _check_webhook_networks(self):
        for settings in self:
            try:
                parse_networks(settings.clouder_webhook_networks or "")
            except WebhookRefused as error:
                raise ValidationError(str(error)) from error
