import json
import xmlrpc.client
from unittest.mock import patch

from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import Transport
from odoo.tools import mute_logger

from ..lib.errors import NameRefused

PASSWORD = "of-the-caller-4711"
WORDS = "It did not work."
CANARY = "planted-canary-0815"
NOISY = ("odoo.http", "odoo.addons.clouder.rpc_errors", "odoo.sql_db")
LEAKS = ("Traceback", 'File "', "/odoo/", ".py", "SELECT ", CANARY)


def unforeseen(self, *_args, **_named):
    raise RuntimeError(f"it went wrong with {CANARY} in {__file__}")


def with_nul(self, *_args, **_named):
    self.search_count([("name", "=", "a\0b")])


def unforeseen_for_people(self, *_args, **_named):
    try:
        raise RuntimeError(CANARY)
    except RuntimeError as error:
        raise UserError(WORDS) from error


def raising(kind):
    """Return a method that raises an error of a kind."""

    def status(self):
        raise kind(WORDS)

    return status


def refused_by_the_library(self, *_args, **_named):
    raise NameRefused("This name cannot be used.", "Choose another.")


@tagged("post_install", "-at_install")
class TestRpcErrors(HttpCase):
    """What a caller sees of an error, through each door for scripts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.caller = new_test_user(
            cls.env, "caller", password=PASSWORD, groups="clouder.group_deployer"
        )
        keys = cls.env["res.users.apikeys"].with_user(cls.caller).sudo()
        cls.key = keys._generate("rpc", "test", None)

    def xmlrpc(self, model, method, *args, **named):
        """Return the fault that a call ends with, over XML-RPC."""
        return self.fault("/xmlrpc/2/object", model, method, args, named)

    def xmlrpc_1(self, model, method, *args, **named):
        """The same through the older of the two doors."""
        return self.fault("/xmlrpc/object", model, method, args, named)

    def fault(self, path, *call):
        proxy = xmlrpc.client.ServerProxy(
            f"{self.base_url()}{path}", transport=Transport(self), allow_none=True
        )
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            proxy.execute_kw(self.cr.dbname, self.caller.id, PASSWORD, *call)
        return f"{caught.exception.faultCode}{caught.exception.faultString}"

    def jsonrpc(self, model, method, *args, **named):
        """Return the error that a call ends with, over JSON-RPC."""
        caller = [self.cr.dbname, self.caller.id, PASSWORD]
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [*caller, model, method, args, named],
        }
        reply = self.url_open("/jsonrpc", json={"jsonrpc": "2.0", "params": params})
        return json.dumps(reply.json()["error"])

    def json2(self, model, method, ids=(), **named):
        """Return the error that a call ends with, over /json/2."""
        reply = self.url_open(
            f"/json/2/{model}/{method}",
            json={**({"ids": ids} if ids else {}), **named},
            headers={"Authorization": f"Bearer {self.key}"},
        )
        self.assertGreaterEqual(reply.status_code, 400)
        return reply.text

    def doors(self):
        return {
            "XML-RPC": self.xmlrpc,
            "XML-RPC 1": self.xmlrpc_1,
            "JSON-RPC": self.jsonrpc,
            "JSON-2": self.json2,
        }

    def assert_said(self, replacement, pattern):
        """Check what each door says when ``status`` of a job ends with an error."""
        job = type(self.env["clouder.job"])
        with patch.object(job, "status", replacement), mute_logger(*NOISY):
            for name, door in self.doors().items():
                with self.subTest(door=name):
                    text = door("clouder.job", "status", [1])
                    self.assertRegex(text, pattern)
                    for leak in LEAKS:
                        self.assertNotIn(leak, text)

    def test_the_unforeseen_has_a_number_and_a_kind(self):
        self.assert_said(
            unforeseen, r"could not do this \(RuntimeError\).*number [0-9a-f]{8}"
        )

    def test_a_text_with_nul_is_refused_in_words(self):
        self.assert_said(with_nul, "A text cannot hold the character NUL")

    def test_an_error_for_people_brings_no_cause_along(self):
        self.assert_said(unforeseen_for_people, "It did not work")

    def test_errors_of_the_library_are_sentences(self):
        self.assert_said(refused_by_the_library, "This name cannot be used")

    def test_a_wrong_call_is_told_what_is_wrong(self):
        calls = (
            (("clouder.job", "no_such_method", [1]), "does not exist"),
            (("clouder.job", "_log", "x"), "cannot be called remotely|does not exist"),
        )
        with mute_logger(*NOISY):
            for call, pattern in calls:
                for name, door in self.doors().items():
                    with self.subTest(call=call, door=name):
                        text = door(*call)
                        self.assertRegex(text, pattern)
                        self.assertNotIn("Traceback", text)
            for name, door in self.doors().items():
                with self.subTest(door=name):
                    text = door("clouder.job", "wait", [1], no_such_argument=1)
                    self.assertIn("no_such_argument", text)
                    self.assertNotIn("Traceback", text)

    def test_an_unknown_field_of_a_domain_is_named(self):
        domain = [("container_id", "=", 1)]
        with mute_logger(*NOISY):
            for name, door in self.doors().items():
                with self.subTest(door=name):
                    args = () if door == self.json2 else (domain,)
                    given = {} if args else {"domain": domain}
                    text = door("clouder.base", "search", *args, **given)
                    self.assertIn("container_id", text)
                    self.assertNotIn("Traceback", text)

    def test_what_the_database_refuses_is_not_told(self):
        with mute_logger(*NOISY):
            for name, door in self.doors().items():
                with self.subTest(door=name):
                    args = () if door == self.json2 else ([],)
                    given = {} if args else {"domain": []}
                    text = door("clouder.base", "search", *args, limit=-1, **given)
                    self.assertRegex(text, "number [0-9a-f]{8}")
                    for leak in LEAKS:
                        self.assertNotIn(leak, text)

    def test_each_kind_has_its_code(self):
        """As docs/api.md says."""
        kinds = (
            (UserError, 2, 422),
            (ValidationError, 2, 422),
            (AccessError, 4, 403),
            (MissingError, 2, 404),
            (RuntimeError, 1, 500),
        )
        job = type(self.env["clouder.job"])
        for kind, fault, status in kinds:
            with (
                self.subTest(kind=kind.__name__),
                patch.object(job, "status", raising(kind)),
                mute_logger(*NOISY),
            ):
                self.assertEqual(
                    self.xmlrpc("clouder.job", "status", [1])[0], str(fault)
                )
                self.assertEqual(self.post("clouder.job", "status", ids=[1]), status)
                name = json.loads(self.jsonrpc("clouder.job", "status", [1]))
                self.assertTrue(name["data"]["name"].endswith(f".{kind.__name__}"))

    def test_who_is_not_known_is_told_so(self):
        with mute_logger(*NOISY):
            self.assertEqual(
                self.post("clouder.job", "status", ids=[1], key="wrong"), 401
            )
            self.assertEqual(self.post("clouder.job", "none", ids=[1]), 404)
            self.assertEqual(self.post("clouder.none", "status"), 404)
            self.assertEqual(self.post("clouder.job", "wait", ids=[1], none=1), 422)

    def post(self, model, method, key=None, **named):
        """Return the status of a call over /json/2."""
        return self.url_open(
            f"/json/2/{model}/{method}",
            json=named,
            headers={"Authorization": f"Bearer {key or self.key}"},
        ).status_code

    def call_kw(self, login):
        """Return the error of a call that the web client makes."""
        self.authenticate(login, PASSWORD)
        params = {"model": "clouder.job", "method": "status", "args": [[1]]}
        reply = self.url_open(
            "/web/dataset/call_kw", json={"params": {**params, "kwargs": {}}}
        )
        return reply.json()["error"]["data"]

    def test_the_web_client_keeps_its_traceback_for_employees_alone(self):
        new_test_user(
            self.env, "visitor", password=PASSWORD, groups="base.group_portal"
        )
        job = type(self.env["clouder.job"])
        with patch.object(job, "status", unforeseen), mute_logger(*NOISY):
            self.assertIn("Traceback", self.call_kw("caller")["debug"])
            error = self.call_kw("visitor")
        self.assertFalse(error["debug"])
        self.assertNotIn(CANARY, json.dumps(error))
