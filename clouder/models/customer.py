"""Who a customer is: a company with all its people, or a person alone."""

from odoo.fields import Domain

ADMINISTRATOR = "clouder.group_administrator"


def customer_of(partner):
    """Return the partner that stands for ``partner``'s company; empty for nobody."""
    # sudo: which company somebody belongs to decides, whoever looks
    return partner.sudo().commercial_partner_id


def is_same_customer(one, other):
    """Tell whether two partners belong to one customer, or both to the house."""
    if customer_of(one) == customer_of(other):
        return True
    return is_house(one) and is_house(other)


def customer_domain(name, partner):
    """Return the domain of the records of ``partner``'s customer, or of the house.

    :param str name: the field of the records that says whose they are
    :param partner: ``res.partner``; empty for the house
    """
    domain = Domain(name, "=", False)
    if company := customer_of(partner):
        domain = Domain(f"{name}.commercial_partner_id", "=", company.id)
    if is_house(partner):
        domain |= Domain(name, "in", [False, *_house(partner.env).ids])
    return domain


def is_house(partner):
    """Tell whether ``partner`` belongs to who runs this Clouder.

    Such are its companies and its administrators; what is nobody's is theirs.
    """
    if not partner:
        return True
    # sudo: who belongs to the house decides, whoever looks
    known = partner.sudo().with_context(active_test=False)
    if known.env["res.company"].search_count([("partner_id", "=", known.id)], limit=1):
        return True
    return any(user.has_group(ADMINISTRATOR) for user in known.user_ids)


def _house(env):
    """Return the partners that are the house, see :func:`is_house`."""
    # sudo: who belongs to the house decides, whoever looks
    known = env(su=True, context={**env.context, "active_test": False})
    companies = known["res.company"].search([])
    return companies.partner_id | known.ref(ADMINISTRATOR).all_user_ids.partner_id
