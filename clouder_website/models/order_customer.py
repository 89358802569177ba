from odoo import models
from odoo.fields import Command, Domain

from odoo.addons.clouder.lib import names
from odoo.addons.clouder.models.customer import is_house

from .order_values import OrderRefused
from .res_users import UNPROVEN

PREFIX_LIMIT = 20


class ClouderOrder(models.Model):
    """Whose order it is: the customer, always a portal user, and the environment."""

    _inherit = "clouder.order"

    def _assign_customer(self):
        """Give this order its user, partner and environment; make what is not there.

        :raise OrderRefused: the account with this e-mail is closed, or not surely his
        """
        self.ensure_one()
        self.user_id = self._find_user() or self._new_user()
        if not self.partner_id:
            self.partner_id = self.user_id.partner_id
        if not self.environment_id:
            self.environment_id = self._find_environment() or self._new_environment()

    def _hold_customer(self):
        """Have other orders of this customer wait until this one is decided."""
        gate = self.env["clouder.order.gate"]
        gate.pass_through(f"email:{self.mailbox}")
        customer = self._customer().commercial_partner_id
        if customer:
            gate.pass_through(f"partner:{customer.id}")

    def _known_user(self):
        """Return the user, even of a closed account, whose login the address is."""
        users = self.env["res.users"].with_context(active_test=False)
        return users.search([("login", "=", self.email)], limit=1)

    def _find_user(self):
        """Return the user whose order this is; what is known of him is left as it is."""
        user = self.user_id or self._known_user()
        if user and not user.active:
            raise OrderRefused(
                self.env._(
                    "The account with this e-mail address is closed: write to us."
                ),
                "email",
            )
        if user and not self.user_id:
            self._check_account(user)
        return user

    def _check_account(self, user):
        """Refuse to give the order to an account that only has the same address.

        Who signs up may write any address; and a customer's project is not for others.
        Into a project that was named nothing comes that is the account's own: there it is
        enough to be one of the customer's people.
        """
        customer = self.partner_id.commercial_partner_id
        if not is_house(customer) and user.commercial_partner_id != customer:
            raise OrderRefused(
                self.env._(
                    "%(email)s has an account that does not belong to %(customer)s: give "
                    "the address of somebody who does.",
                    email=self.email,
                    customer=customer.name,
                ),
                "email",
            )
        known = user._is_proven(self.email) or self._is_untouched(user)
        if not self.environment_id and not known:
            raise OrderRefused(
                self.env._(
                    "Nobody has shown that the account %s belongs to that address: order "
                    "while you are logged in to it.",
                    self.email,
                ),
                "email",
            )

    def _new_user(self):
        """Create a portal user for the person who ordered.

        His address is proven when the click in its mail brought him, or when the house
        wrote it; a deployer writes what he likes.
        """
        values = {
            "login": self.email,
            "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            **self._new_partner_values(),
        }
        if self.visitor_lang in dict(self.env["res.lang"].get_installed()):
            values["lang"] = self.visitor_lang
        known = {"no_reset_password": True, UNPROVEN: True}
        user = self.env["res.users"].with_context(**known).create(values)
        if self._is_vouched_for():
            user._note_proven()
        # So that the mail can lead to the page where the password is chosen.
        user.partner_id.signup_prepare()
        return user

    def _new_partner_values(self):
        """Return what a new user's partner is made of, or which one he gets.

        An order into a customer's project is for one of that customer's people. Into
        one of the house's own it is not: nobody becomes one of the house by an order.
        """
        customer = self.partner_id
        values = {"name": self.contact_name, "email": self.email}
        if is_house(customer.commercial_partner_id):
            return values
        known = (customer.email or self.email).strip().lower()
        if not customer.is_company and known == self.email:
            return {"partner_id": customer.id, "email": known}
        return {**values, "parent_id": customer.id}

    def _find_environment(self):
        """Return the environment that orders of this customer go to, if there is one.

        Those of colleagues are for who is logged in and chooses one.
        """
        environments = self.env["clouder.environment"]
        own = [("partner_id", "=", self.partner_id.id)]
        return environments.search(own, limit=1, order="id")

    def _own_environments(self, partner):
        """Return the domain of the environments of ``partner`` and his company."""
        return Domain("partner_id", "child_of", partner.commercial_partner_id.ids)

    def _new_environment(self):
        """Create the customer's environment.

        No user of Clouder is on its access list: the customer sees it in the portal.
        """
        return self.env["clouder.environment"].create(
            {
                "name": self.partner_id.commercial_partner_id.name,
                "prefix": self._free_prefix(),
                "partner_id": self.partner_id.id,
                "user_ids": [Command.clear()],
            }
        )

    def _free_prefix(self):
        """Return a prefix no environment has: of the customer's name, and his number."""
        environments = self.env["clouder.environment"]
        number = f"-{self.partner_id.id}"
        texts = [f"{self.contact_name[: PREFIX_LIMIT - len(number)]}{number}"]
        every = environments.with_context(active_test=False)
        return next(
            prefix
            for prefix in names.suggest_suffixes(texts, PREFIX_LIMIT)
            if not every.search_count([("prefix", "=", prefix)], limit=1)
        )

    def _check_limit(self):
        """Refuse the order when the customer has as many instances as he may.

        :raise OrderRefused: names the limit
        """
        limit = self.application_id.web_max_per_customer
        if not limit:
            return
        if self._count_instances() >= limit:
            raise OrderRefused(
                self.env._(
                    "You have %(limit)s instances of %(application)s already: more "
                    "cannot be ordered here.",
                    limit=limit,
                    application=self.application_id._web_name(),
                )
            )

    def _count_instances(self):
        """Return how many instances of the application the customer has.

        One whose own service is still being purged takes its room until that is gone.
        """
        of_application = Domain("application_id", "=", self.application_id.id)
        ordered = self.search(of_application & self._same_customer())
        own = Domain("environment_id", "any", self._own_environments(self.partner_id))
        own |= Domain("id", "in", ordered.base_id.ids)
        living = Domain("state", "!=", "purged")
        outliving = self.env["clouder.service"].search(
            self.env["clouder.service"]._outliving()
        )
        living |= Domain("id", "in", outliving.own_base_id.ids)
        return self.env["clouder.base"].search_count(of_application & own & living)
