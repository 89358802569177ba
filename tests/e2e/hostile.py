"""Texts that have done harm elsewhere, and a way to send them that loses no character."""

import json
import re
import secrets
import urllib.request
import xmlrpc.client

CANARY = f"clouder-canary-{secrets.token_hex(4)}"
TOUCH = f"touch /tmp/{CANARY}"
LINES = (
    ";id",
    f";{TOUCH};",
    f"$({TOUCH})",
    f"`{TOUCH}`",
    f"| {TOUCH}",
    f"&& {TOUCH}",
    f"${{IFS}}$({TOUCH.replace(' ', '${IFS}')})",
    "-rf",
    f"--checkpoint-action=exec={TOUCH}",
    "it's",
    'say "hi"',
    "'; DROP TABLE res_company; --",
    "back\\slash\\",
    f"%0a{TOUCH}%0a",
    "%s%n%(name)s",
    "{{7*7}}",
    "{0.__class__}",
    "<%= 7*7 %>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "../../../etc/passwd",
    "/etc/passwd",
    "аdmin",  # its first letter is Cyrillic
    "ａｄｍｉｎ",
    "\u202egnp.exe",
    "=cmd|'/C calc'!A0",
)
CONTROL = (
    f"a\n{TOUCH}",
    f"a\r\n{TOUCH}\r\n",
    "a\x00b",
    "\x1b[2Jcleared",
    "a\u2028b",
)
LONG = "A" * 10_000
CORPUS = (*LINES, *CONTROL, LONG)

# What Odoo says without a traceback: refused by a rule, by rights, or gone.
REFUSALS = (2, 3, 4)
# PostgreSQL has no text with a NUL; it is told for every field of every addon.
NUL_REFUSED = "A text cannot hold the character NUL"
_XML_CANNOT = re.compile(r"[\x00-\x08\x0b-\x1f]")


class Refused(Exception):
    """The server said no, in a sentence of its own."""


class Broken(AssertionError):
    """The server met something it did not foresee."""


def write(api, model, record, values):
    """Write values of one record, over XML-RPC if XML can carry them.

    :raise Refused: with the sentence that says why
    :raise Broken: it was no sentence
    """
    text = "".join(value for value in values.values() if isinstance(value, str))
    if _XML_CANNOT.search(text):
        return json_call(api, model, "write", [record], values)
    try:
        return api(model, "write", [record], values)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode not in REFUSALS:
            raise Broken(fault.faultString[-1500:]) from fault
        raise Refused(fault.faultString) from fault


def json_call(api, model, method, *args):
    """Call a public method over JSON-RPC, which carries every character both ways.

    :raise Refused: with the sentence that says why
    :raise Broken: it was no sentence
    """
    words = [api.db, api.uid, api.password, model, method, args]
    call = {"service": "object", "method": "execute_kw", "args": words}
    request = urllib.request.Request(
        f"{api.url}/jsonrpc",
        data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": call}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        answer = json.load(reply)
    if "error" not in answer:
        return answer["result"]
    data = answer["error"]["data"]
    if NUL_REFUSED in data["message"]:
        raise Refused(data["message"])
    if data["name"].startswith("odoo.exceptions."):
        raise Refused(data["message"])
    raise Broken(f"{data['name']}: {data['message']}")


def text_fields(api, model):
    """Return the text fields of a model that its user may write: name to type."""
    found = api(model, "fields_get", [], ["type", "readonly"])
    return {
        name: field["type"]
        for name, field in sorted(found.items())
        if field["type"] in ("char", "text", "html")
        and not field["readonly"]
        and name != "activity_summary"  # it is stored on the activity, if there is one
    }
