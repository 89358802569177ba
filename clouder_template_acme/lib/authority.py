"""Gets certificates from an ACME certificate authority (RFC 8555)."""

import contextlib
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import josepy
import requests
from acme import client, crypto_util, errors, messages

from odoo.addons.clouder.lib.errors import ConditionTimeout
from odoo.addons.clouder.lib.wait import wait_for

from .failure import AccountRefused, AuthorityRefused, AuthorityUnreachable
from .keys import account_key
from .transport import network

AUTHORIZE_S = 60
FINALIZE_S = 60
# What the library stumbles over when the answers are not those of an authority.
STRANGE = (ValueError, KeyError, TypeError, AttributeError, AssertionError)


class Proof(NamedTuple):
    """What has to be shown to prove that a name is ours.

    :param name: the host name, without ``*.``
    :param token: the authority's question
    :param text: the answer: a file's content, or a TXT record's value
    """

    name: str
    token: str
    text: str


class Answers(Protocol):
    """Where proofs are shown to the authority."""

    kind: str

    def put(self, proofs: Sequence[Proof]) -> None:
        """Show ``proofs``; they are to be seen when this returns."""

    def clear(self) -> None:
        """Take away what was shown."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and whom.

    :param directory: URL of the authority's directory
    :param key: private key of the account, PEM text
    :param ca_pem: certificates to trust for the directory; "" for those of the machine
    :param server_name: name in the directory's certificate, when not that of the URL
    :param eab: key id and HMAC key of an account that exists elsewhere, or None
    """

    directory: str
    key: str
    email: str = ""
    ca_pem: str = ""
    server_name: str = ""
    eab: tuple[str, str] | None = None


class Authority:
    """A connection to an authority, with an account there.

    :raise AuthorityUnreachable: nobody answers
    :raise AuthorityRefused: it does not want this account
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        if not account.directory.startswith("https://"):
            raise AccountRefused(
                f"{account.directory[:200]!r} is not the https address of a directory."
            )
        key, alg = account_key(account.key)
        self._net = network(key, alg, account.ca_pem, account.server_name)
        with self._explained():
            directory = client.ClientV2.get_directory(account.directory, self._net)
            self._client = client.ClientV2(directory, self._net)
            self._register()

    def _register(self) -> None:
        registration = messages.NewRegistration.from_data(
            email=self.account.email or None,
            terms_of_service_agreed=True,
            external_account_binding=self._binding(),
        )
        try:
            self._client.new_account(registration)
        except errors.ConflictError as known:
            self._net.account = messages.RegistrationResource(
                body=registration, uri=known.location
            )

    def _binding(self) -> dict[str, Any] | None:
        if not self.account.eab:
            return None
        kid, secret = self.account.eab
        try:
            return messages.ExternalAccountBinding.from_data(
                self._net.key.public_key(), kid, secret, self._client.directory
            )
        except (ValueError, josepy.errors.Error) as error:
            raise AccountRefused(
                f"The option eab_hmac is unreadable: {error}"
            ) from error

    def issue(self, names: Sequence[str], key: str, answers: Answers) -> str:
        """Return the chain of certificates for ``names``, as PEM text.

        :param names: host names, ``*.`` in front for all names below one
        :param key: private key of the certificate, PEM text
        :raise AuthorityUnreachable: it stopped to answer
        :raise AuthorityRefused: it does not issue, and says why
        """
        with self._explained():
            order = self._client.new_order(
                crypto_util.make_csr(key.encode(), list(names))
            )
            try:
                self._prove(order, answers)
            finally:
                answers.clear()
            deadline = datetime.datetime.now() + datetime.timedelta(seconds=FINALIZE_S)
            return str(self._client.finalize_order(order, deadline).fullchain_pem)

    def _prove(self, order: messages.OrderResource, answers: Answers) -> None:
        """Show the proofs that the authority wants, and wait until it saw them."""
        asked = [
            (resource, self._challenge(resource, answers.kind))
            for resource in order.authorizations
            if resource.body.status != messages.STATUS_VALID
        ]
        if not asked:
            return
        key = self._net.key
        answers.put([_proof(one, challenge.chall, key) for one, challenge in asked])
        for _resource, challenge in asked:
            self._client.answer_challenge(challenge, challenge.response(key))
        for resource, _challenge in asked:
            self._await(resource)

    def _challenge(
        self, resource: messages.AuthorizationResource, kind: str
    ) -> messages.ChallengeBody:
        for challenge in resource.body.challenges:
            if challenge.chall.typ == kind:
                return challenge
        name = resource.body.identifier.value
        offered = ", ".join(one.chall.typ for one in resource.body.challenges)
        raise AuthorityRefused(
            f"The authority wants no {kind} proof for {name}; it offers: {offered}."
        )

    def _await(self, resource: messages.AuthorizationResource) -> None:
        """Wait until the authority has looked at the proof of one name."""
        name = resource.body.identifier.value
        seen = resource

        def look() -> tuple[bool, str]:
            nonlocal seen
            seen, _response = self._client.poll(resource)
            status = seen.body.status
            return status != messages.STATUS_PENDING, str(status.name)

        wait_for(
            f"the authority has looked at {name}", look, AUTHORIZE_S, 0.1, max_pause=2
        )
        if seen.body.status != messages.STATUS_VALID:
            problems = [one.error for one in seen.body.challenges if one.error]
            reason = "; ".join(map(_words, problems)) or str(seen.body.status.name)
            raise AuthorityRefused(
                f"The authority does not believe in {name}: {reason}"
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the libraries raise into errors that people understand."""
        where = self.account.directory
        try:
            yield
        except messages.Error as error:
            raise AuthorityRefused(
                f"The authority at {where} refused: {_words(error)}", str(error)
            ) from error
        except requests.RequestException as error:
            raise AuthorityUnreachable(
                f"The authority at {where} does not answer: {_cause(error)}."
            ) from error
        except errors.TimeoutError as error:
            raise AuthorityUnreachable(
                f"The authority at {where} did not issue within {FINALIZE_S} seconds."
            ) from error
        except ConditionTimeout as error:
            raise AuthorityUnreachable(str(error)) from error
        except (errors.Error, josepy.errors.Error, *STRANGE) as error:
            raise AuthorityUnreachable(
                f"What answers at {where} is no ACME authority: {_cause(error)}."
            ) from error


def _proof(
    resource: messages.AuthorizationResource, challenge: Any, key: josepy.JWK
) -> Proof:
    return Proof(
        resource.body.identifier.value,
        challenge.encode("token"),
        challenge.validation(key),
    )


def _words(problem: messages.Error) -> str:
    """Return what an authority's problem document says, in one line."""
    told = [problem.detail or problem.code or problem.typ]
    told += [sub.detail for sub in problem.subproblems or () if sub.detail]
    return "; ".join(" ".join(str(one).split()) for one in told)


def _cause(error: BaseException) -> str:
    """Return the innermost reason of a failed request, in one line."""
    inner = error
    while inner.args and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    reason = getattr(inner, "reason", None) or inner
    return (" ".join(str(reason).split()) or type(inner).__name__)[:300]
