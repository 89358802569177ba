"""Debian packages: those that are missing, and a private list for another release."""

import re
from pathlib import Path

from .console import Stop
from .proc import CommandFailed, run
from .settings import Settings

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NO_QUESTIONS = {"DEBIAN_FRONTEND": "noninteractive"}


def installed(package: str) -> bool:
    """Return whether a Debian package is installed and configured."""
    status = Path("/var/lib/dpkg/status")
    if not status.exists():
        return False
    pattern = rf"^Package: {re.escape(package)}\nStatus: install ok installed$"
    return bool(re.search(pattern, status.read_text(errors="replace"), re.MULTILINE))


def ensure(settings: Settings, packages: list[str]) -> str:
    """Install the packages that are missing.

    :return: what was done, in words
    :raise Stop: not root, not Debian, or the package archive cannot be reached
    """
    missing = [package for package in packages if not installed(package)]
    if not missing:
        return "there"
    if not settings.root:
        raise Stop(f"Run as root once, or install these first: {' '.join(missing)}.")
    update(settings)
    try:
        run(
            ["apt-get", "install", "-y", "--no-install-recommends", *missing],
            log=settings.log("apt"),
            env=NO_QUESTIONS,
        )
    except CommandFailed as error:
        raise Stop(f"apt-get could not install {' '.join(missing)}: {error}") from error
    return f"installed {' '.join(missing)}"


def update(settings: Settings, options: list[str] | None = None) -> None:
    """Refresh apt's lists.

    :param options: `-o` words that choose other lists than the machine's
    :raise Stop: the package archive cannot be reached
    """
    try:
        run(["apt-get", *(options or []), "update"], log=settings.log("apt"))
    except CommandFailed as error:
        raise Stop(f"The Debian package archive cannot be reached: {error}") from error


def sources(settings: Settings) -> list[tuple[str, str]]:
    """Return (address, suite) of the machine's own Debian archives of section main."""
    listed = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(CODENAME) $(COMPONENT)",
            "Created-By: Packages",
        ],
        log=settings.log("apt"),
    )
    words = [line.split() for line in listed.splitlines()]
    return list(dict.fromkeys((w[0], w[1]) for w in words if w[2:] == ["main"]))


def release() -> str:
    """Return this Debian's code name, e.g. `bookworm`."""
    text = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    return found.group(1) if found else ""


def mirror(settings: Settings) -> str:
    """Return the address of the Debian archive that this machine uses.

    :raise Stop: apt names no such archive
    """
    for address, suite in sources(settings):
        if suite == release():
            return address
    raise Stop(
        "apt has no Debian archive for this release in its sources: this set-up runs "
        "on Debian; elsewhere give CLOUDER_ODOO, CLOUDER_PG and DOCKER_HOST."
    )


def private_options(settings: Settings, suites: list[str]) -> list[str]:
    """Write apt lists of our own for other suites, which the machine's apt never sees.

    :return: the `-o` words that make apt-get use them
    """
    folder = settings.cache / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    address = mirror(settings)
    lines = [f"deb [signed-by={KEYRING}] {address} {suite} main\n" for suite in suites]
    (folder / "sources.list").write_text("".join(lines))
    values = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        # A mirror of sid may lag behind the date its Release file is good for.
        "Acquire::Check-Valid-Until": "false",
        "APT::Sandbox::User": "root",
    }
    return [word for key, value in values.items() for word in ("-o", f"{key}={value}")]
