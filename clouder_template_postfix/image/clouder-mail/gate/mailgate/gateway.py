"""What the gate asks of a base: whether it knows an address, and to take a message."""

import base64
import contextlib
import http.client
import json
import time

ASK_SECONDS = 20
DELIVER_SECONDS = 60
# Answers are short; a base cannot fill the memory of the gate with one.
ANSWER_BYTES = 64 * 1024


class Refused(Exception):
    """The base will never take it."""


class Unavailable(Exception):
    """The base cannot tell now: the sender shall try again."""


class Gateway:
    """Talks to the mail gateway of a base: the home action of its mail account."""

    def __init__(self):
        self._actions = {}

    def knows(self, base, address):
        """Return whether ``base`` has a mailbox for ``address``.

        :raise Unavailable: it does not answer
        """
        answer = self._run(base, {"recipient": address}, ASK_SECONDS)
        return bool(answer.get("known"))

    def deliver(self, base, message):
        """Hand a message (bytes) in.

        :raise Refused: there is nobody in the base to take it
        :raise Unavailable: it did not take it now
        """
        text = base64.b64encode(message).decode()
        answer = self._run(base, {"message": text}, DELIVER_SECONDS)
        if answer.get("refused"):
            raise Refused(answer["refused"])

    def _run(self, base, request, seconds):
        """Run the gateway action with ``request``, in ``seconds`` with all that it takes.

        A base without such an action knows nobody.
        """
        if not base.host:
            raise Unavailable("The instance is stopped")
        end = time.monotonic() + seconds
        action = self._actions.get(base)
        if not action:
            action = self._actions[base] = self._action(base, end)
        body = {"ids": [action], "context": {"clouder_mail": request}}
        try:
            answer = self._post(base, "ir.actions.server/run", body, end)
        except (Refused, Unavailable):
            self._actions.pop(base, None)
            raise
        if not isinstance(answer, dict):
            raise Unavailable("The instance gave no answer")
        return answer

    def _action(self, base, end):
        """Return the id of the gateway action; the account itself knows it."""
        try:
            user = self._post(base, "res.users/context_get", {}, end)["uid"]
            fields = {"ids": [user], "fields": ["action_id"]}
            rows = self._post(base, "res.users/read", fields, end)
            action = rows and rows[0]["action_id"]
            if not action:
                raise Refused("The instance takes no mail")
            return action[0]
        except (KeyError, IndexError, TypeError) as error:
            raise Unavailable("The instance gave no answer") from error

    def _post(self, base, path, body, end):
        """Return what a base answers, if it does before ``end``."""
        seconds = max(end - time.monotonic(), 0.1)
        connection = http.client.HTTPConnection(base.host, base.port, timeout=seconds)
        headers = {
            "Host": base.domain,
            "Authorization": f"Bearer {base.key}",
            "Content-Type": "application/json",
        }
        try:
            with contextlib.closing(connection):
                connection.request("POST", f"/json/2/{path}", json.dumps(body), headers)
                response = connection.getresponse()
                content = response.read(ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable("The instance does not answer") from error
        if response.status != http.client.OK:
            raise Unavailable(f"The instance answered {response.status}")
        try:
            return json.loads(content)
        except ValueError as error:
            raise Unavailable("The instance gave no answer") from error
