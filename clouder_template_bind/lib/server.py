"""One name server: what it answers, and signed updates of what it shall answer."""

import contextlib
import socket
from collections.abc import Iterable, Iterator

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.tsig
import dns.update

from .records import Key, Records

SECONDS = 10
UDP_SECONDS, UDP_TRIES = 2, 5
ALGORITHM = dns.tsig.HMAC_SHA256
UPDATE_KEY = "clouder-update"
TRANSFER_KEY = "clouder-transfer"


class ServerAway(Exception):
    """The server does not answer."""


class ServerRefused(Exception):
    """The server answers, and says no; ``code`` is its answer (``NOTAUTH`` …)."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Server:
    """A name server at ``address`` and ``port``.

    :param secret: the key of updates (base64) that signs whatever is said to it
    :param udp_port: where it answers over UDP, when that is another one
    """

    def __init__(
        self, address: str, port: int, secret: str = "", udp_port: int = 0
    ) -> None:
        self.address, self.port, self.secret = address, port, secret
        self.udp_port = udp_port or port
        self.seconds = SECONDS

    def look(self, keys: Iterable[Key]) -> dict[Key, tuple[int, frozenset[str]]]:
        """Return what the server has for each of ``keys``: time to live, values.

        What it does not have is left out. One connection serves all questions.
        """
        found = {}
        with self._connection() as connection:
            for name, kind in keys:
                answer = self._ask(name, kind, connection)
                for rrset in answer.answer:
                    if rrset.name == dns.name.from_text(name) and (
                        rrset.rdtype == dns.rdatatype.from_text(kind)
                    ):
                        values = frozenset(rdata.to_text() for rdata in rrset)
                        found[name, kind] = (rrset.ttl, values)
        return found

    def serves(self, zone: str) -> bool:
        """Tell whether the server answers for ``zone`` with authority."""
        with self._connection() as connection:
            answer = self._ask(zone, "SOA", connection)
        return bool(answer.flags & dns.flags.AA and answer.answer)

    def ask_udp(self, name: str, kind: str) -> dns.message.Message:
        """Return the answer to one question, asked as a resolver asks.

        A server that limits equal answers lets some be asked again, or over TCP.
        """
        question = dns.message.make_query(name, kind, use_edns=0, payload=1232)
        with self._errors():
            answer = self._ask_again(question, UDP_TRIES)
            if answer.flags & dns.flags.TC:
                answer = dns.query.tcp(question, self.address, self.seconds, self.port)
        return answer

    def _ask_again(
        self, question: dns.message.Message, tries: int
    ) -> dns.message.Message:
        try:
            return dns.query.udp(question, self.address, UDP_SECONDS, self.udp_port)
        except dns.exception.Timeout:
            if tries <= 1:
                raise
        return self._ask_again(question, tries - 1)

    def update(self, message: dns.update.UpdateMessage) -> None:
        """Send a signed update; it is done wholly or not at all.

        :raise ServerRefused: the server did not do it
        """
        self._sign(message)
        with self._errors():
            answer = dns.query.tcp(message, self.address, self.seconds, self.port)
        if answer.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(answer.rcode())
            raise ServerRefused(f"it answers {code}", code)

    def publish(self, zone: str, before: Records, wanted: Records, ttl: int) -> bool:
        """Have the server hold ``wanted`` of one owner, and of ``before`` no more.

        All in one update, and none when it does already.

        :param before: what the owner had published
        :return: whether an update was sent
        """
        present = self.look({**before, **wanted})
        message = difference(zone, before, wanted, present, ttl)
        if message is None:
            return False
        self.update(message)
        return True

    def _ask(
        self, name: str, kind: str, connection: socket.socket
    ) -> dns.message.Message:
        question = dns.message.make_query(name, kind)
        self._sign(question)
        with self._errors():
            answer = dns.query.tcp(
                question, self.address, self.seconds, self.port, sock=connection
            )
        if answer.rcode() not in (
            dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED,
        ):  # fmt: skip
            code = dns.rcode.to_text(answer.rcode())
            raise ServerRefused(f"it answers {code} for {name}", code)
        return answer

    def _sign(self, message: dns.message.Message) -> None:
        """Sign ``message``; an answer that is not signed in turn is then refused."""
        if self.secret:
            message.use_tsig(dns.tsig.Key(UPDATE_KEY, self.secret, ALGORITHM))

    @contextlib.contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        with self._errors():
            made = socket.create_connection((self.address, self.port), self.seconds)
        with made:
            # dnspython waits by itself, with the deadline that it is given.
            made.setblocking(False)
            yield made

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, dns.exception.Timeout) as error:
            reason = str(error) or type(error).__name__
            raise ServerAway(f"{self.address} port {self.port}: {reason}") from error
        except dns.tsig.PeerBadTime as error:
            raise ServerRefused("its clock and ours differ", "BADTIME") from error
        except dns.tsig.PeerError as error:
            raise ServerRefused("it does not know our key", "BADKEY") from error
        except dns.exception.DNSException as error:
            raise ServerRefused(str(error) or type(error).__name__) from error


def difference(
    zone: str,
    before: Records,
    wanted: Records,
    present: dict[Key, tuple[int, frozenset[str]]],
    ttl: int,
) -> dns.update.UpdateMessage | None:
    """Return the update that brings a server from ``present`` to ``wanted``.

    :param before: what may be taken away; only these very values are
    :param present: what :meth:`Server.look` saw for both
    :return: None when there is nothing to change
    """
    message = dns.update.UpdateMessage(zone)
    changed = False
    for key, values in before.items():
        seen = present.get(key, (0, frozenset()))[1]
        gone = [value for value in values if value in seen]
        if key not in wanted and gone:
            message.delete(_name(key), _rdataset(key, gone, 0))
            changed = True
    for key, values in wanted.items():
        if present.get(key) != (ttl, frozenset(values)):
            seen = present.get(key, (0, frozenset()))[1]
            _replace(message, key, values, ttl, seen.difference(values))
            changed = True
    return message if changed else None


def _replace(
    message: dns.update.UpdateMessage,
    key: Key,
    values: Iterable[str],
    ttl: int,
    stale: Iterable[str],
) -> None:
    """Add to ``message`` that ``values`` are all that the server has for ``key``.

    A server silently ignores an alias beside other records, and these beside an alias;
    and it never lets all name servers of a zone be taken away.

    :param stale: what it has and shall not have any more
    """
    if key[1] == "NS":
        message.add(_name(key), _rdataset(key, values, ttl))
        for value in stale:
            message.delete(_name(key), "NS", value)
        return
    if key[1] == "CNAME":
        message.delete(_name(key))
    else:
        message.delete(_name(key), "CNAME")
    message.replace(_name(key), _rdataset(key, values, ttl))


def _name(key: Key) -> dns.name.Name:
    return dns.name.from_text(key[0])


def _rdataset(key: Key, values: Iterable[str], ttl: int) -> dns.rdataset.Rdataset:
    return dns.rdataset.from_text_list(
        dns.rdataclass.IN, key[1], ttl, list(values), origin=dns.name.root,
        relativize=False,
    )  # fmt: skip
