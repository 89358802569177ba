"""What the template of a base is made of, and the commands that make it."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from odoo.addons.clouder.lib.errors import NameRefused

CONFIG = "/etc/clouder/odoo.conf"
FORM = 3
"""Raised when the making of templates changes, so that they are all made anew."""

BESIDE = ("reset", "old")
"""What stands beside a database for a while: the copy being made, the former one."""

_MODULE = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_XML_ID = re.compile(r"[a-z_][a-z0-9_]*\.[A-Za-z0-9_.-]{1,128}", re.ASCII)
# As in Odoo's list: fr_BE, es_419, sr@Cyrl.
_LANG = re.compile(r"[a-z]{2,3}(_([A-Z]{2}|[0-9]{3}))?(@[A-Za-z]{2,16})?", re.ASCII)
_ONE_SHOT = ("--stop-after-init", "--no-http", "--workers=0", "--max-cron-threads=0")


@dataclass(frozen=True)
class Recipe:
    """All that decides what a fresh database is like.

    :param place: the services it lives in; templates are not shared between them
    :param code: the images that its code comes from
    """

    place: str
    code: str
    modules: tuple[str, ...]
    lang: str
    groups: tuple[str, ...]
    demo: bool = False

    @property
    def name(self) -> str:
        """Return the name of the template database."""
        return f"tpl_{self._digest(**asdict(self))}"

    @property
    def making(self) -> str:
        """Return the name of the database while it is being made."""
        return f"{self.name}_making"

    @property
    def kind(self) -> str:
        """Return what stays the same when only the code changes."""
        return self._digest(**{**asdict(self), "code": ""})

    @staticmethod
    def _digest(**values: object) -> str:
        text = json.dumps([FORM, values], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def install_command(self) -> list[str]:
        """Return the command that installs the modules into the empty database."""
        argv = [*odoo_command(self.making), f"--init={','.join(self.modules)}"]
        if self.lang != "en_US":
            argv.append(f"--load-language={self.lang}")
        if self.demo:
            argv.append("--with-demo")
        return argv

    def prepare_command(self) -> list[str]:
        """Return the command that reads ``prepare.py`` and makes it ready."""
        return shell_command(self.making)


def odoo_command(database: str) -> list[str]:
    """Return the command that does something to one database and ends."""
    return ["odoo", f"--config={CONFIG}", f"--database={database}", *_ONE_SHOT]


def shell_command(database: str) -> list[str]:
    """Return the command that reads a script and runs it in one database."""
    return [
        "odoo",
        "shell",
        f"--config={CONFIG}",
        f"--database={database}",
        "--no-http",
        "--log-level=warn",
    ]


def module_names(text: str) -> tuple[str, ...]:
    """Return the modules that a list, separated by commas or spaces, names; sorted.

    The list may be empty: ``base`` is always there.

    :raise NameRefused: one of the names cannot be a module's
    """
    names = {name for name in re.split(r"[\s,]+", text) if name} | {"base"}
    for name in names:
        if not _MODULE.fullmatch(name):
            raise NameRefused(
                f"{name[:60]!a} cannot be the name of an Odoo module.",
                "Write technical names, such as sale_management, separated by commas.",
            )
    return tuple(sorted(names))


def group_ids(text: str) -> tuple[str, ...]:
    """Return the external ids of groups that a list names; sorted.

    :raise NameRefused: one of them cannot be an external id
    """
    found = {xml_id for xml_id in re.split(r"[\s,]+", text) if xml_id}
    for xml_id in found:
        if not _XML_ID.fullmatch(xml_id):
            raise NameRefused(
                f"{xml_id[:60]!a} cannot be the external id of a group.",
                "Write ids like base.group_user, separated by commas.",
            )
    return tuple(sorted(found))


def check_lang(code: str) -> str:
    """Return ``code`` if it can be a language's.

    :raise NameRefused: it cannot
    """
    if not _LANG.fullmatch(code):
        raise NameRefused(
            f"{code[:20]!a} cannot be a language.", "Write it like fr_FR."
        )
    return code


def beside(word: str, database: str) -> str:
    """Return the name of what stands beside ``database``; ``word`` is one of BESIDE."""
    return f"{word}_{hashlib.sha256(database.encode()).hexdigest()[:24]}"
