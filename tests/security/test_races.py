"""What may happen once happens once, however many try at the same moment."""

import collections
import secrets

from .visitors import at_once, path_of, setting

PRESSES = 50
# Each request that is counted needs two connections to the database.
ORDERS = 20
PER_ADDRESS = 5
SERVICES = 6


def codes(answers):
    """Return how often there was each status."""
    return collections.Counter(one.status_code for one in answers)


def visitors(shop, number):
    """Return so many visitors, each with the token of his forms at hand."""
    found = [shop.visitor() for _ in range(number)]
    for visitor in found:
        assert visitor.token
    return found


def test_of_fifty_presses_on_one_link_one_confirms(shop):
    typed, link = shop.asked()
    calls = [
        lambda visitor=visitor: visitor.submit(link)
        for visitor in visitors(shop, PRESSES)
    ]
    answers = at_once(calls)
    assert codes(answers) == {303: 1, 410: PRESSES - 1}
    [progress] = filter(None, map(path_of, answers))
    assert shop.visitor().at(progress).status_code == 200
    users = shop.api("res.users", "search_count", [("login", "=", typed["email"])])
    bases = shop.api("clouder.base", "search_count", [("name", "=", typed["name"])])
    assert (users, bases) == (1, 1)


def test_one_name_has_one_order(shop, unlimited):
    name = shop.typed()["name"]
    calls = [
        lambda visitor=visitor: shop.order(visitor, name=name)
        for visitor in visitors(shop, ORDERS)
    ]
    assert codes(at_once(calls)) == {303: 1, 200: ORDERS - 1}
    assert len(shop.orders(base_name=name)) == 1


def test_a_form_that_is_sent_often_at_once_orders_once(shop, unlimited):
    """Each answer is as the first: the browser shows the last one of a double click."""
    visitor = shop.visitor()
    assert visitor.token
    typed = shop.typed(form_token=secrets.token_urlsafe())
    calls = [lambda: visitor.submit("/instances/order", **typed)] * 4
    answers = at_once(calls)
    assert codes(answers) == {303: 4}
    assert {path_of(one) for one in answers} == {"/instances/sent"}
    assert len(shop.orders(base_name=typed["name"])) == 1
    assert len(shop.mails(typed["email"])) == 1


def test_the_orders_of_one_address_are_counted(shop):
    visitor = shop.visitor()
    assert visitor.token
    with setting(shop.api, order_per_address=str(PER_ADDRESS)):
        calls = [lambda: shop.order(visitor, name="-bad-")] * ORDERS
        found = codes(at_once(calls))
        assert set(found) <= {200, 429}
        assert found[200] <= PER_ADDRESS
        assert shop.order(visitor).status_code == 429


def test_the_last_instance_of_a_customer_is_given_once(shop):
    application = shop.api.find("clouder.application", ("code", "=", "odoo"))
    typed = shop.typed()
    links = []
    for _ in range(4):
        other = shop.typed(email=typed["email"])
        with setting(shop.api, order_per_email="0"):
            assert shop.visitor().submit("/instances/order", **other).status_code == 303
        links.append(shop.link(typed["email"]))
    shop.api("clouder.application", "write", [application], {"web_max_per_customer": 1})
    try:
        pairs = zip(visitors(shop, len(links)), links, strict=True)
        answers = at_once([lambda pair=pair: pair[0].submit(pair[1]) for pair in pairs])
    finally:
        values = {"web_max_per_customer": 0}
        shop.api("clouder.application", "write", [application], values)
    assert codes(answers) == {303: len(links)}, "all of them are told on their page"
    states = [one["state"] for one in shop.orders(email=typed["email"])]
    assert states.count("cancelled") == len(links) - 1
    made = [one for one in shop.orders(email=typed["email"]) if one["base_id"]]
    assert len(made) == 1


def test_services_that_are_made_at_once_have_a_port_each(world):
    """A proxy publishes two ports, whose numbers are chosen for it."""
    api = world.api
    application = api.find("clouder.application", ("code", "=", "proxy"))
    proxies = at_once([lambda: draft(world, application)] * SERVICES)
    mine = [["service_id", "in", proxies], ["expose", "=", "internet"]]
    lines = api("clouder.service.port", "search_read", mine, fields=["hostport"])
    assert len(lines) == 2 * SERVICES
    assert len({line["hostport"] for line in lines} - {0}) == 2 * SERVICES
    api("clouder.service", "unlink", proxies)


def draft(world, application):
    """Create a service that is not deployed; return its id."""
    values = {
        "application_id": application,
        "environment_id": world.own["clouder.environment"],
        "node_id": world.own["clouder.node"],
        "suffix": f"race-{secrets.token_hex(3)}",
    }
    return world.api.create("clouder.service", values, clouder_no_deploy=True)
