"""Who a customer is: a company with all its people, or a person alone."""

ADMINISTRATOR = "clouder.group_administrator"


def customer_of(partner):
    """Return the partner that stands for ``partner``'s company; empty for nobody."""
    return partner.sudo().commercial_partner_id


def is_same_customer(one, other):
    """Tell whether two partners belong to one customer; nobody is one, too."""
    return customer_of(one) == customer_of(other)


def is_house(partner):
    """Tell whether ``partner`` is nobody's, or belongs to an administrator of Clouder."""
    users = partner.sudo().user_ids
    return not partner or any(user.has_group(ADMINISTRATOR) for user in users)
