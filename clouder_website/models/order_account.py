from odoo import models

from odoo.addons.clouder.models.customer import is_house


class ClouderOrder(models.Model):
    """Whom an account was made for, when its address is all that is known of it.

    Deployers order for whom they like, and write any address: the account that such an
    order makes stands among that customer's people, but nobody has shown whose address
    it is. Its owner may be one of these people, or a stranger whom they never met. He
    comes one day, orders for himself, and reads the mail. That link alone puts nothing
    into an account among others: he logs in to it (with a new password, which goes to the
    mail that is his). Then he is asked, once: either he is one of them, and what he
    orders is theirs as well, or he is not, and his account leaves them. So neither
    can others lay hands on what he orders, or keep him from ordering, nor does
    somebody lose what his own company shares with him unless he says so.
    """

    _inherit = "clouder.order"

    def _is_vouched_for(self):
        """Tell whether the address is proven: by its mail, or because the house wrote it."""
        return bool(self.token_digest) or is_house(self.create_uid.partner_id)

    def _is_alone(self, account):
        """Tell whether ``account`` was put neither among others, nor into a project."""
        partner = account.partner_id
        if partner != partner.commercial_partner_id:
            return False
        own = self._own_environments(partner)
        return not self.env["clouder.environment"].search_count(own, limit=1)

    def _is_untouched(self, account):
        """Tell whether ``account`` is surely for who reads the mail to this order's address.

        Nobody has entered it, it is nobody else's, and its mail goes to that address.
        """
        partner = account.partner_id
        if not account._awaits_owner() or partner != partner.commercial_partner_id:
            return False
        if account._is_proven(self.email):
            return True
        return account._clouder_address() == self.email and self._is_alone(account)

    def _put_among(self, account):
        """Return the customer among whom others put ``account``, as far as they know.

        :return: ``res.partner``; empty when the owner has been asked, or is alone
        """
        if account.clouder_proven_email or self._is_alone(account):
            return self.env["res.partner"]
        return account.commercial_partner_id

    def _set_apart(self):
        """Make the account of this order a customer of its own, and the order his.

        What others ordered in his name stays theirs, as does what they know of him.
        """
        account = self.user_id
        foreign = self.search(
            [
                ("user_id", "=", account.id),
                ("id", "!=", self.id),
                ("state", "!=", "new"),
            ]
        )
        # Nor do they count against him, as his trial or as one of his instances.
        foreign.write({"user_id": False, "mailbox": False})
        contact = {"name": self.contact_name, "email": self.email, "lang": account.lang}
        account.partner_id = account.partner_id.create(contact)
        # The rules on records hold the former partner.
        self.env.registry.clear_cache()
        self.write({"partner_id": account.partner_id.id, "environment_id": False})
