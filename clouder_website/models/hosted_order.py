from odoo import models


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _closed_ways(self):
        """Return the links to proxies over which no visitor reaches this base so far.

        A base that is linked to no proxy is reached in a way of its own.
        """
        self.ensure_one()
        # sudo: a shared proxy may be another customer's; only the links' states are looked at
        links = self.sudo().link_ids
        return links.filtered(
            lambda link: (
                "proxy" in link.target._tags()
                and not link.off
                and link.state != "working"
            )
        )

    def _job_ended(self, job):
        result = super()._job_ended(job)
        self.env["clouder.order"]._follow_bases(self)
        return result


class ClouderBaseLink(models.Model):
    _inherit = "clouder.base.link"

    def write(self, vals):
        """Go on with an order whose instance waited for this link to be reached."""
        result = super().write(vals)
        if vals.get("state") == "working" or {"off", "target"} & set(vals):
            reached = self.base_id.filtered(lambda base: not base._closed_ways())
            self.env["clouder.order"]._follow_bases(reached)
        return result


class ClouderOrder(models.Model):
    _inherit = "clouder.order"

    def _follow_bases(self, bases):
        """Bring the orders of ``bases`` to what these are now."""
        # sudo: who works on the base may not see the order of it; that follows all the same
        orders = self.sudo().search(
            [("base_id", "in", bases.ids), ("state", "in", ("deploying", "failed"))]
        )
        orders._follow()
