"""Who a customer is: a company with all its people, or a person alone."""

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
