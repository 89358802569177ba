"""The website of Clouder with something to order, and who stands in front of it.

Each visitor has an address of his own on this machine: so what one of them does too
often is not counted against another.
"""

import concurrent.futures
import contextlib
import dataclasses
import functools
import re
import secrets
import threading
import urllib.parse

import requests
from lxml import html

CODE = "odoo"
PATIENCE_S = 120
# What differs from one answer to the next by itself.
VOLATILE = re.compile(
    r'(?:csrf|form)_token[^,>]*|data-view-xmlid="[^"]*"|nonce="[^"]*"'
)
FIELDS = ("state", "user_id", "partner_id", "environment_id", "base_id", "options")


class Elsewhere(requests.adapters.HTTPAdapter):
    """Calls from another address of this machine."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **named):
        super().init_poolmanager(*args, source_address=(self.address, 0), **named)


def new_address():
    """Return an address of this machine that nobody called from so far."""
    return ".".join(["127", *(str(1 + secrets.randbelow(254)) for _ in range(3))])


class Visitor(requests.Session):
    """A browser that follows nothing by itself, logged in or not."""

    def __init__(self, url):
        super().__init__()
        self.url = url
        self.mount("http://", Elsewhere(new_address()))

    def at(self, path, **named):
        """Open a path and return the answer."""
        return self.get(
            f"{self.url}{path}", allow_redirects=False, timeout=PATIENCE_S, **named
        )

    @functools.cached_property
    def token(self):
        """The token that forms of this session must bring along."""
        page = self.at(f"/instances/form/{CODE}")
        assert page.status_code == 200, page.text[:1000]
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]

    def submit(self, path, headers=None, **form):
        """Send a form as its page does; return the answer."""
        return self.post(
            f"{self.url}{path}",
            data={"csrf_token": self.token, **form},
            headers=headers,
            allow_redirects=False,
            timeout=PATIENCE_S,
        )

    def ask(self, path, **params):
        """Call a route that speaks JSON-RPC; return the whole answer."""
        body = {"jsonrpc": "2.0", "params": params}
        return self.post(f"{self.url}{path}", json=body, timeout=PATIENCE_S).json()

    def log_in(self, caller):
        """Log in as ``caller``; return the answer."""
        login = {"login": caller.login, "password": caller.password}
        answer = self.submit("/web/login", **login)
        # A new session has a new token.
        self.__dict__.pop("token", None)
        return answer


@dataclasses.dataclass
class Shop:
    """An application on the website; its instances go to the customer who attacks."""

    api: object
    domain: int

    def visitor(self, caller=None):
        """Return a visitor, logged in as ``caller`` if there is one."""
        visitor = Visitor(self.api.url)
        if caller:
            assert visitor.log_in(caller).status_code == 303
        return visitor

    def typed(self, **typed):
        """Return what somebody types into the form, all of it as it must be."""
        token = secrets.token_hex(5)
        return {
            "code": CODE,
            "name": f"shop-{token}",
            "title": f"Shop {token}",
            "domain": str(self.domain),
            "lang": "en_US",
            "contact_name": "Jane Doe",
            "email": f"jane-{token}@stranger.test",
            **typed,
        }

    def order(self, visitor, **typed):
        """Have a visitor send the form; return the answer."""
        return visitor.submit("/instances/order", **self.typed(**typed))

    def orders(self, **values):
        """Return the orders with these values, the newest first."""
        domain = [(name, "=", value) for name, value in values.items()]
        return self.api("clouder.order", "search_read", domain, fields=list(FIELDS))

    def mails(self, email):
        """Return the texts of the mails to an address, the newest first."""
        found = self.api(
            "mail.mail", "search_read", [("email_to", "=", email)],
            fields=["body_html"], order="id desc",
        )  # fmt: skip
        return [one["body_html"] for one in found]

    def link(self, email):
        """Return the path of the link in the newest mail to an address."""
        return re.search(r"/instances/confirm/[\w-]+", self.mails(email)[0])[0]

    def asked(self, **typed):
        """Have a stranger order; return what he typed and the path of his mail's link."""
        typed = self.typed(**typed)
        answer = self.visitor().submit("/instances/order", **typed)
        assert answer.status_code == 303, answer.text[:1000]
        return typed, self.link(typed["email"])

    def confirmed(self):
        """Have a stranger order and confirm; return his visitor, and his page's path."""
        visitor = self.visitor()
        typed = self.typed()
        assert visitor.submit("/instances/order", **typed).status_code == 303
        answer = visitor.submit(self.link(typed["email"]))
        assert answer.status_code == 303, answer.text[:1000]
        return visitor, path_of(answer)


def path_of(answer):
    """Return the path that an answer leads to, "" for none."""
    return urllib.parse.urlsplit(answer.headers.get("Location", "")).path


def essence(answer, *numbers):
    """Return what a reader can tell one answer from another by.

    :param numbers: what the asker wrote into the address himself
    """
    text = VOLATILE.sub("", answer.text)
    place = answer.headers.get("Location", "")
    for number in numbers:
        own = rf"(?:(?<=/)|(?<=%2F)){re.escape(str(number))}(?![\w-])"
        text, place = (re.sub(own, "N", one) for one in (text, place))
    return answer.status_code, place, text


def shown(page):
    """Return the text that a page shows, blanks brought together."""
    return " ".join(html.fromstring(page.text).text_content().split())


def at_once(calls):
    """Make all calls at the same moment, each on a line of its own; return the results."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait(timeout=PATIENCE_S)
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@contextlib.contextmanager
def setting(api, **values):
    """Have settings of Clouder other values for a while."""
    names = {name: f"clouder.{name}" for name in values}
    before = {
        name: api("ir.config_parameter", "get_param", key)
        for name, key in names.items()
    }
    for name, value in values.items():
        api("ir.config_parameter", "set_param", names[name], value)
    try:
        yield
    finally:
        for name, value in before.items():
            api("ir.config_parameter", "set_param", names[name], value)
