"""The rules of all names, and the names that are built from others.

A ``check_<thing>`` returns its value unchanged or raises :class:`NameRefused`.
A name that passes is safe as a word of a command, a part of a path, a DNS label
or a Docker name, whichever its kind is made for. Parts are joined so that two
different sets of parts never give the same volume or image name.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import NameRefused

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
DNS_LABEL_LIMIT = 63
DNS_NAME_LIMIT = 253
DATABASE_LIMIT = 63
RESERVED_DATABASES = ("postgres", "template0", "template1")
DOCKER_NAME_LIMIT = 255
SHOWN = 60


@dataclass(frozen=True)
class _Rule:
    """One kind of name: what it is called, its pattern, limit and rule in words."""

    thing: str
    pattern: str
    limit: int
    words: str

    def check(self, value: str) -> str:
        if not isinstance(value, str) or not value:
            raise NameRefused(f"The {self.thing} is empty.", self._cure())
        if len(value) > self.limit:
            raise NameRefused(
                f"The {self.thing} {shown(value)} has {len(value)} characters.",
                f"{self.limit} are allowed.",
            )
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise NameRefused(
                f"The {self.thing} {shown(value)} is not allowed.", self._cure()
            )
        return value

    def _cure(self) -> str:
        return f"Write {self.words}, at most {self.limit} characters."


def shown(value: str) -> str:
    """Return ``value`` quoted, short, with every unusual character visible."""
    text = ascii(value if len(value) <= SHOWN else f"{value[:SHOWN]}...")
    return f"“{text[1:-1]}”"


_SLUG_WORDS = "small letters a-z and digits, words joined by single hyphens"
_UNDER_WORDS = "small letters a-z, digits and underscores, a letter first"
_LABEL_WORDS = "small letters a-z, digits and inner hyphens"
_DOMAIN_WORDS = (
    "labels of small letters, digits and inner hyphens joined by dots "
    "(international names in their xn-- form)"
)

_TYPE = _Rule("type name", SLUG, 40, _SLUG_WORDS)
_OPTION = _Rule("option name", r"[a-z][a-z0-9_]*", 64, _UNDER_WORDS)
_APPLICATION = _Rule("application code", SLUG, 20, _SLUG_WORDS)
_PREFIX = _Rule("environment prefix", SLUG, 20, _SLUG_WORDS)
_SUFFIX = _Rule("service suffix", SLUG, 60, _SLUG_WORDS)
_TAG = _Rule("tag code", SLUG, 40, _SLUG_WORDS)
_VOLUME = _Rule(
    "volume name",
    r"[a-z0-9]+(?:[-_][a-z0-9]+)*",
    60,
    "small letters a-z and digits, words joined by single hyphens or underscores",
)
_NODE = _Rule(
    "node name",
    rf"{LABEL}(?:\.{LABEL})*",
    DNS_NAME_LIMIT,
    f"a host name: {_DOMAIN_WORDS}",
)
_DOMAIN = _Rule(
    "domain",
    rf"(?:{LABEL}\.)+(?=[a-z0-9-]*[a-z]){LABEL}",
    DNS_NAME_LIMIT,
    f"two or more {_DOMAIN_WORDS}",
)
_BASE = _Rule("base name", LABEL, DNS_LABEL_LIMIT, _LABEL_WORDS)
_DATABASE_SUFFIX = _Rule("database suffix", r"[a-z][a-z0-9_]*", 20, _UNDER_WORDS)
_SYSTEM_USER = _Rule(
    "system user",
    r"[a-z_][a-z0-9_-]*",
    32,
    "small letters a-z, digits, hyphens and underscores, a letter first",
)
_IMAGE = _Rule(
    "image name",
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*",
    100,
    "small letters a-z and digits, words joined by a dot, hyphen or underscore",
)
_VERSION = _Rule(
    "image version",
    r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
    128,
    "letters, digits, dots, hyphens and underscores, no dot or hyphen first",
)
_LOGIN = _Rule(
    "login",
    r"[A-Za-z0-9_@.][A-Za-z0-9_.@+-]*",
    64,
    "letters, digits and the signs _ . @ + -",
)
_TITLE = _Rule(
    "title",
    r"[^\x00-\x1f\x7f\u2028\u2029]*[^\s\x00-\x1f\x7f\u2028\u2029][^\x00-\x1f\x7f\u2028\u2029]*",
    200,
    "one line of text",
)
_EMAIL = _Rule(
    "e-mail address",
    rf"[A-Za-z0-9_+%-]+(?:\.[A-Za-z0-9_+%-]+)*@(?:(?i:{LABEL})\.)*(?i:{LABEL})",
    254,
    "an address such as jane@example.com",
)


def _labels_fit(value: str, rule: _Rule) -> str:
    for label in value.split("."):
        if len(label) > DNS_LABEL_LIMIT:
            raise NameRefused(
                f"The {rule.thing} {shown(value)} has a part of {len(label)} characters.",
                f"{DNS_LABEL_LIMIT} are allowed between two dots.",
            )
    return value


def check_type_name(value: str) -> str:
    """Return ``value`` if it can name an application type."""
    return _TYPE.check(value)


def check_option_name(value: str) -> str:
    """Return ``value`` if it can name an option."""
    return _OPTION.check(value)


def check_application_code(value: str) -> str:
    """Return ``value`` if it can be an application's code."""
    return _APPLICATION.check(value)


def check_environment_prefix(value: str) -> str:
    """Return ``value`` if it can be an environment's prefix."""
    return _PREFIX.check(value)


def check_service_suffix(value: str) -> str:
    """Return ``value`` if it can be a service's suffix."""
    return _SUFFIX.check(value)


def check_tag_code(value: str) -> str:
    """Return ``value`` if it can be a tag's code."""
    return _TAG.check(value)


def check_volume_line(value: str) -> str:
    """Return ``value`` if it can name a volume of an image or service."""
    return _VOLUME.check(value)


def check_node_name(value: str) -> str:
    """Return ``value`` if it can name a node."""
    return _labels_fit(_NODE.check(value), _NODE)


def check_domain(value: str) -> str:
    """Return ``value`` if it is a domain name of two parts at least.

    An IP address is none. ``www.`` may not begin it: each host answers under it, too.
    """
    check_host(value)
    if value.startswith("www."):
        raise NameRefused(
            f"The domain {shown(value)} begins with www.",
            "Leave that out: the base called www has the bare domain, and answers "
            "under both.",
        )
    return value


def check_host(value: str) -> str:
    """Return ``value`` if it is a host name of two parts at least; no IP address is."""
    return _labels_fit(_DOMAIN.check(value), _DOMAIN)


def check_base_name(value: str) -> str:
    """Return ``value`` if it can be the first label of a base's host name."""
    return _BASE.check(value)


def check_database_suffix(value: str) -> str:
    """Return ``value`` if it can end the name of one of several databases."""
    return _DATABASE_SUFFIX.check(value)


def check_system_user(value: str) -> str:
    """Return ``value`` if it can be a user of a Unix system."""
    return _SYSTEM_USER.check(value)


def check_image_name(value: str) -> str:
    """Return ``value`` if it can name an image."""
    return _IMAGE.check(value)


def check_image_version(value: str) -> str:
    """Return ``value`` if it can be an image's tag."""
    return _VERSION.check(value)


def check_login(value: str) -> str:
    """Return ``value`` if it can be the login of an account of a base."""
    return _LOGIN.check(value)


def check_title(value: str) -> str:
    """Return ``value`` if it is one line of text, in any script."""
    return _TITLE.check(value)


def check_email(value: str) -> str:
    """Return ``value`` if it is an e-mail address."""
    return _EMAIL.check(value)


def container_name(prefix: str, suffix: str) -> str:
    """Return the name of a service and its container: ``<prefix>-<suffix>``.

    :raise NameRefused: a part is refused, or both are too long for a DNS label
    """
    name = f"{check_environment_prefix(prefix)}-{check_service_suffix(suffix)}"
    return _fitting(name, DNS_LABEL_LIMIT, "container name")


def child_suffix(parent_suffix: str, child_code: str) -> str:
    """Return the suffix of a child service: ``<parent suffix>-<child code>``."""
    parent = check_service_suffix(parent_suffix)
    return check_service_suffix(f"{parent}-{check_application_code(child_code)}")


def suggest_suffixes(texts: Iterable[str], room: int) -> Iterator[str]:
    """Yield service suffixes made of ``texts``, the best first, without end.

    :param texts: e.g. a host name; whatever a suffix cannot hold becomes a hyphen
    :param room: how many characters a suffix may have, at least 8
    """
    slugs = [re.sub("[^a-z0-9]+", "-", text.lower()).strip("-") for text in texts]
    made = [slug[:room].rstrip("-") for slug in slugs if slug] or ["service"]
    yield from made
    for number in itertools.count(2):
        tail = f"-{number}"
        yield made[-1][: room - len(tail)].rstrip("-") + tail


def volume_name(container: str, volume: str, version: str | None = None) -> str:
    """Return a volume's name on its node: ``<container>.<volume>[.<version>]``.

    :param container: the service's name, see :func:`container_name`
    :param volume: the name of the volume line
    :param version: the image version that fills it, for volumes of program files
    """
    parts = [_check_container(container), check_volume_line(volume)]
    if version is not None:
        parts.append(check_image_version(version))
    return _fitting(".".join(parts), DOCKER_NAME_LIMIT, "volume name")


def network_name(prefix: str) -> str:
    """Return the name of an environment's network: ``clouder-<prefix>``."""
    return f"clouder-{check_environment_prefix(prefix)}"


def image_reference(image: str, version: str) -> str:
    """Return the reference of an image version: ``clouder/<image>:<version>``."""
    return f"clouder/{check_image_name(image)}:{check_image_version(version)}"


def base_fulldomain(name: str, domain: str) -> str:
    """Return the host name of a base; the name ``www`` means the bare domain."""
    check_base_name(name)
    check_domain(domain)
    host = domain if name == "www" else f"{name}.{domain}"
    return _fitting(host, DNS_NAME_LIMIT, "host name")


def database_names(fulldomain: str, multiple: Iterable[str]) -> dict[str, str]:
    """Return the database names of a base by suffix.

    :param fulldomain: the base's host name
    :param multiple: the suffixes of a type with several databases, else nothing
    :return: ``{suffix: "<fulldomain>_<suffix>"}``, or ``{"": fulldomain}`` for one
    :raise NameRefused: a name is longer than PostgreSQL can hold
    """
    check_domain(fulldomain)
    suffixes = [check_database_suffix(suffix) for suffix in multiple]
    names = {suffix: f"{fulldomain}_{suffix}" for suffix in suffixes} or {
        "": fulldomain
    }
    for name in names.values():
        _fitting(name, DATABASE_LIMIT, "database name")
        if name in RESERVED_DATABASES:
            raise NameRefused(
                f"The database name {shown(name)} is PostgreSQL's own.",
                "Choose another host name.",
            )
    return names


def role_name(container: str, kind: str, record_id: int) -> str:
    """Return the database role of a link: readable, and no other link's.

    :param container: the name of the service that logs in
    :param kind: a letter for the model of the link
    :param record_id: the link's id
    :return: ``<container with underscores>_<kind><id>``, cut in the container's part
    """
    mark = f"_{kind}{record_id}"
    readable = _check_container(container).replace("-", "_")
    return readable[: DATABASE_LIMIT - len(mark)] + mark


def _check_container(value: str) -> str:
    return _Rule("container name", SLUG, DNS_LABEL_LIMIT, _SLUG_WORDS).check(value)


def _fitting(name: str, limit: int, thing: str) -> str:
    if len(name) > limit:
        raise NameRefused(
            f"The {thing} {shown(name)} has {len(name)} characters.",
            f"{limit} are allowed: shorten one of its parts.",
        )
    return name
