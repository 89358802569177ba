"""Secrets: the key file, encryption, passwords, and masking by value."""

import base64
import binascii
import contextlib
import contextvars
import json
import os
import pathlib
import secrets
import stat
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken

from .errors import SecretKeyError

MASK = "••••"
SHORTEST_MASKED = 4
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits without look-alikes (0 O o, 1 l I)."""

PathLike = str | os.PathLike[str]


def generate_password(length: int = 24) -> str:
    """Return a random password of letters and digits that nobody misreads.

    From three signs on it has a small and a capital letter and a digit, as forms ask.
    """
    while True:
        password = "".join(secrets.choice(ALPHABET) for _ in range(length))
        kinds = (str.islower, str.isupper, str.isdigit)
        if length < len(kinds) or all(any(map(kind, password)) for kind in kinds):
            return password


@dataclass(frozen=True)
class Vault:
    """The keys of one control plane; a token says which key made it.

    :param key_id: the id of the key that encrypts
    :param keys: every key that may decrypt, by id
    :param hmac_key: for digests; it stays the same when the encryption key is rotated
    """

    key_id: str
    keys: dict[str, str] = field(repr=False)
    hmac_key: bytes = field(repr=False)

    @classmethod
    def create(cls, path: PathLike) -> "Vault":
        """Write a new key file, readable by its owner only, and return its vault.

        :raise SecretKeyError: the file exists already or cannot be written
        """
        key_id, key = _new_key()
        vault = cls(key_id, {key_id: key}, secrets.token_bytes(32))
        target = pathlib.Path(path)
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(target, vault._dump())
        except FileExistsError:
            raise SecretKeyError(
                f"The secret key file {target} exists already; it is never overwritten.",
                "Use it, or move it away if no database needs it.",
            ) from None
        except OSError as error:
            raise _unusable(target, "cannot be written", error) from error
        return vault

    @classmethod
    def load(cls, path: PathLike) -> "Vault":
        """Return the vault of a key file.

        :raise SecretKeyError: it is missing, damaged, or others may read it
        """
        target = pathlib.Path(path)
        data = _read_private(target)
        try:
            content = json.loads(data)
            keys = {str(kid): str(key) for kid, key in content["keys"].items()}
            vault = cls(content["primary"], keys, base64.b64decode(content["hmac"]))
            for key in keys.values():
                Fernet(key)
            vault.require(vault.key_id)
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            binascii.Error,
        ) as error:
            raise _unusable(target, "is damaged", error) from error
        return vault

    def rotate(self, path: PathLike) -> "Vault":
        """Add a new encrypting key to the file; older keys still decrypt.

        :return: the vault with the new key
        :raise SecretKeyError: the file cannot be written
        """
        key_id, key = _new_key()
        vault = Vault(key_id, {**self.keys, key_id: key}, self.hmac_key)
        target = pathlib.Path(path)
        beside = target.with_name(f"{target.name}.{key_id}")
        try:
            _write_new(beside, vault._dump())
            beside.replace(target)
        except OSError as error:
            raise _unusable(target, "cannot be written", error) from error
        return vault

    def require(self, key_id: str) -> None:
        """Check that the key ``key_id`` is here.

        :raise SecretKeyError: it is not
        """
        if key_id not in self.keys:
            raise SecretKeyError(
                f"The secret key {key_id!r} is not in the key file.",
                "Put the key file back that this database was used with.",
            )

    def encrypt(self, value: str) -> str:
        """Return ``value`` encrypted, as ``<key id>:<token>``."""
        token = Fernet(self.keys[self.key_id]).encrypt(value.encode())
        return f"{self.key_id}:{token.decode()}"

    def decrypt(self, token: str) -> str:
        """Return what :meth:`encrypt` hid.

        :raise SecretKeyError: the key is not here, or the token was changed
        """
        key_id, _colon, body = token.partition(":")
        self.require(key_id)
        try:
            return Fernet(self.keys[key_id]).decrypt(body.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise SecretKeyError(
                f"A secret encrypted with key {key_id!r} cannot be opened.",
                "It was changed or cut; enter the secret again.",
            ) from error

    def is_current(self, token: str) -> bool:
        """Return whether ``token`` was made by the key that encrypts now."""
        return token.partition(":")[0] == self.key_id

    def _dump(self) -> bytes:
        content = {
            "version": 1,
            "primary": self.key_id,
            "keys": self.keys,
            "hmac": base64.b64encode(self.hmac_key).decode(),
        }
        return json.dumps(content, indent=1).encode() + b"\n"


def _new_key() -> tuple[str, str]:
    return secrets.token_hex(4), Fernet.generate_key().decode()


def _write_new(path: pathlib.Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _read_private(path: pathlib.Path) -> bytes:
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise SecretKeyError(f"The secret key file {path} is not a plain file.")
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SecretKeyError(
                    f"The secret key file {path} is open to others than its owner "
                    f"(mode {stat.S_IMODE(mode):04o}).",
                    f"Run: chmod 600 {path}",
                )
            return stream.read()
    except FileNotFoundError:
        raise SecretKeyError(
            f"The secret key file {path} is missing.",
            "Put it back from its safe place; without it no secret can be opened.",
        ) from None
    except OSError as error:
        raise _unusable(path, "cannot be read", error) from error


def _unusable(path: pathlib.Path, what: str, error: Exception) -> SecretKeyError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return SecretKeyError(
        f"The secret key file {path} {what}: {reason}.",
        "Check the path, its owner and its rights.",
    )


class Masker:
    """Replace known secret values in texts.

    :param values: the secrets; those shorter than 4 characters are left out,
        those of several lines are masked line by line too
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._ordered: list[str] | None = None
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Mask ``value`` too, from now on."""
        self._forms |= _forms(value)
        self._ordered = None

    def mask(self, text: str) -> str:
        """Return ``text`` with every known value replaced by ``••••``, the longest first.

        There may be thousands, such as the keys of all bases of a mail server.
        """
        if self._ordered is None:
            self._ordered = sorted(self._forms, key=lambda form: (-len(form), form))
        for form in self._ordered:
            if form in text:
                text = text.replace(form, MASK)
        return text


def _forms(value: str) -> set[str]:
    """Return the ways in which ``value`` shows up in outputs."""
    lines = [line.strip() for line in value.splitlines() if len(line.strip()) >= 16]
    plain = {value, value.strip(), *(line for line in lines if "-----" not in line)}
    forms = set()
    for text in plain:
        forms |= {
            text,
            urllib.parse.quote(text, safe=""),
            urllib.parse.quote(text),
            urllib.parse.quote_plus(text),
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
        }
    return {form for form in forms if len(form) >= SHORTEST_MASKED}


_maskers: contextvars.ContextVar[tuple[Masker, ...]] = contextvars.ContextVar(
    "clouder_maskers", default=()
)


@contextlib.contextmanager
def masking(values: Iterable[str]) -> Iterator[None]:
    """Have :func:`masked` hide ``values`` too inside the block."""
    token = _maskers.set((*_maskers.get(), Masker(values)))
    try:
        yield
    finally:
        _maskers.reset(token)


def masked(text: str) -> str:
    """Return ``text`` without the secrets of the surrounding :func:`masking` blocks."""
    for masker in _maskers.get():
        text = masker.mask(text)
    return text
