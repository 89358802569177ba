"""The order form: what is sent to it, how often, and what nobody can set with it."""

import xmlrpc.client

import pytest

from .visitors import path_of, setting, shown

GHOST = 2_000_000_000
PER_ADDRESS, PER_EMAIL, CHECKS = 4, 2, 5
CORPUS = (
    ";id", "$(id)", "`id`", "a|b", "a&&b", "a\nb", "a\r\nBcc: victim@other.test", "\0",
    "-rf", "--option=x", "a b", '"', "'", "%0a", "${IFS}", "\u0430cme", "a" * 10_000,
    "../../etc/passwd", "/etc/passwd", "{{7*7}}", "%s", "<script>alert(1)</script>",
    "\u202egnp.exe", "' OR 1=1 --",
)  # fmt: skip
# What any text may be put into, and what takes nothing of the above.
FREE, STRICT = ("title", "contact_name"), ("name", "email", "domain", "lang", "code")
FORMS = (
    "/instances/order",
    "/instances/confirm/x",
    "/instances/progress/1/x/retry",
    "/instances/progress/1/x/enter",
)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_needs_the_token_of_its_session(shop, path):
    visitor, other = shop.visitor(), shop.visitor()
    for token in ("", "x", "0" * 40 + "o9999999999", other.token):
        typed = shop.typed(csrf_token=token)
        assert visitor.submit(path, **typed).status_code == 400
        assert not shop.orders(email=typed["email"])


def test_a_link_orders_nothing(shop):
    typed = shop.typed()
    answer = shop.visitor().at("/instances/order", params=typed)
    assert answer.status_code in (404, 405)
    assert not shop.orders(email=typed["email"])


def test_what_only_the_server_knows_cannot_be_typed(shop, world):
    secret_fields = {
        "state": "running",
        "user_id": str(world.foreign.callers["deployer"].uid),
        "partner_id": "1",
        "environment": str(world.foreign["clouder.environment"]),
        "environment_id": str(world.foreign["clouder.environment"]),
        "base_id": str(world.foreign["clouder.base"]),
        "token_digest": "0" * 64,
        "option_install_modules": "crm",
    }
    typed, _link = shop.asked(**secret_fields)
    [order] = shop.orders(email=typed["email"])
    assert order.pop("state") == "new"
    order.pop("id")
    assert not any(order.values()), order


def test_a_customer_chooses_among_his_own_environments(shop, world):
    visitor = shop.visitor(world.client)
    page = visitor.at("/instances/odoo").text
    assert world.own.name in page
    assert world.foreign.name not in page
    for number in (world.foreign["clouder.environment"], GHOST, "0 OR 1=1", "\0"):
        typed = shop.typed(environment=str(number))
        answer = visitor.submit("/instances/order", **typed)
        assert answer.status_code == 200
        assert "Choose one of your environments." in shown(answer)
        assert not shop.api.find("clouder.order", ("base_name", "=", typed["name"]))
        assert world.foreign.name not in answer.text


def test_a_customer_orders_in_his_own_name_alone(shop, world):
    """The address and the name of who is logged in are not typed."""
    victim = world.foreign.callers["deployer"].login
    typed = shop.typed(email=f"{victim}@example.test", contact_name="Somebody else")
    answer = shop.visitor(world.client).submit("/instances/order", **typed)
    assert path_of(answer).startswith("/instances/progress/")
    [order] = shop.orders(base_name=typed["name"])
    assert order["user_id"][0] == world.client.uid
    assert not shop.orders(email=typed["email"])


def test_a_robot_is_answered_as_everybody_and_gets_nothing(shop):
    typed = shop.typed(company_site="https://spam.test")
    robot = shop.visitor().submit("/instances/order", **typed)
    assert path_of(robot) == path_of(shop.order(shop.visitor())) == "/instances/sent"
    assert not shop.orders(email=typed["email"])


def test_an_address_orders_so_often_and_no_more(shop):
    with setting(shop.api, order_per_address=str(PER_ADDRESS)):
        visitor = shop.visitor()
        answers = [shop.order(visitor, name="-bad-") for _ in range(PER_ADDRESS + 1)]
        codes = [one.status_code for one in answers]
        assert codes == [200] * PER_ADDRESS + [429]
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            headers = {name: "192.0.2.7"}
            typed = shop.typed()
            answer = visitor.submit("/instances/order", headers, **typed)
            assert answer.status_code == 429, name
            assert not shop.orders(email=typed["email"])
        assert shop.order(shop.visitor()).status_code == 303


def test_an_email_is_written_to_so_often_and_no_more(shop):
    typed = shop.typed()
    with setting(shop.api, order_per_email=str(PER_EMAIL)):
        answers = [
            shop.order(shop.visitor(), email=email)
            for email in (typed["email"], typed["email"].upper()) * PER_EMAIL
        ]
    assert {(one.status_code, path_of(one)) for one in answers} == {
        (303, "/instances/sent")
    }
    assert len(shop.mails(typed["email"])) == PER_EMAIL


def test_looks_for_a_name_are_counted(shop):
    visitor = shop.visitor()
    typed = shop.typed()
    asked = {name: typed[name] for name in ("code", "name", "domain")}
    with setting(shop.api, order_checks_per_address=str(CHECKS)):
        states = [
            visitor.ask("/instances/check", **asked)["result"]["state"]
            for _ in range(CHECKS + 2)
        ]
    assert states == ["free"] * CHECKS + ["unknown"] * 2


@pytest.mark.parametrize("field", STRICT)
def test_hostile_texts_are_refused(shop, unlimited, field):
    visitor = shop.visitor()
    for text in CORPUS:
        typed = shop.typed(**{field: text})
        answer = visitor.submit("/instances/order", **typed)
        assert answer.status_code in (200, 404), (text[:40], answer.status_code)
        assert "Traceback" not in answer.text
        assert not shop.orders(title=typed["title"]), text[:40]


@pytest.mark.parametrize("field", FREE)
def test_texts_that_are_taken_are_shown_as_texts(shop, unlimited, field):
    visitor = shop.visitor()
    taken = []
    for text in CORPUS:
        typed = shop.typed(**{field: text})
        answer = visitor.submit("/instances/order", **typed)
        assert answer.status_code in (200, 303), (text[:40], answer.status_code)
        assert "<script>alert(1)" not in answer.text
        if answer.status_code == 303:
            taken.append(text)
            page = visitor.at(shop.link(typed["email"]))
            assert page.status_code == 200
            assert "<script>alert(1)" not in page.text
            assert "<script>alert(1)" not in shop.mails(typed["email"])[0]
    assert "{{7*7}}" in taken
    assert "\0" not in taken


@pytest.mark.parametrize("path", ["/instances/%00", "/instances/embed/%00",
                                  "/instances/form/%00", "/instances/%00/picture",
                                  "/instances/odoo?name=%00&title=%00",
                                  "/instances/confirm/%00", "/instances/%ff"])  # fmt: skip
def test_addresses_that_mean_nothing(shop, path):
    assert shop.visitor().at(path).status_code in (200, 400, 404)


def test_the_live_look_takes_any_value(shop):
    visitor = shop.visitor()
    for value in (*CORPUS, None, 5, ["a"], {"a": 1}, True):
        for field in ("code", "name", "domain"):
            asked = {name: shop.typed()[name] for name in ("code", "name", "domain")}
            answer = visitor.ask("/instances/check", **{**asked, field: value})
            text = str(answer)
            assert "Traceback" not in text, (field, value)
            assert "psycopg2" not in text, (field, value)


def test_scripts_of_others_order_nothing(shop, world):
    """The method for scripts, the records themselves: for deployers at least."""
    values = {"application": "odoo", **shop.typed()}
    for who, caller in {**world.outsiders, "client": world.client}.items():
        for method, args in (("order", [values]), ("create", [[{}]]), ("search", [[]])):
            with pytest.raises(xmlrpc.client.Fault) as caught:
                caller("clouder.order", method, *args)
            assert caught.value.faultCode == 4, (who, method)
