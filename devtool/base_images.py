"""The Debian images that every Dockerfile starts from: pulled, else made here."""

import shutil
import tempfile
from pathlib import Path

from . import apt
from .console import Stop
from .engine_api import Engine, EngineError
from .proc import CommandFailed, run
from .settings import Settings

SUITES = ("bookworm", "trixie")
# What Debian's own slim images leave out as well.
LEFT_OUT = (
    "./var/cache/apt/archives/*.deb",
    "./var/lib/apt/lists/*",
    "./var/log/*.log",
    "./usr/share/doc/*",
    "./usr/share/locale/*",
    "./usr/share/man/*/*",
    "./dev/*",
)
PULL_SECONDS = 30


def ensure(settings: Settings, engine: Engine, suite: str) -> str:
    """Give the engine the image `debian:<suite>-slim`.

    :return: what was done, in words
    :raise Stop: no registry answers and it cannot be made here either
    """
    tag = f"{suite}-slim"
    if engine.has_image(f"debian:{tag}"):
        return "there"
    archive = settings.cache / "images" / f"debian-{tag}.tar"
    if not archive.exists():
        try:
            _pull(engine, tag)
        except EngineError as error:
            _build(settings, suite, archive, str(error))
        else:
            return "pulled"
    try:
        _load(engine, archive, tag)
    except EngineError as error:
        raise Stop(f"The engine refused the image debian:{tag}: {error}") from error
    return "made with debootstrap"


def _pull(engine: Engine, tag: str) -> None:
    query = {"fromImage": "debian", "tag": tag}
    answer = engine.call("POST", "/images/create", query=query, timeout=PULL_SECONDS)
    for _event in engine.events(answer):
        pass


def _load(engine: Engine, archive: Path, tag: str) -> None:
    query = {"fromSrc": "-", "repo": "debian", "tag": tag, "changes": 'CMD ["bash"]'}
    with archive.open("rb") as body:
        answer = engine.call(
            "POST", "/images/create", query=query, body=body, timeout=300
        )
        for _event in engine.events(answer):
            pass


def _build(settings: Settings, suite: str, archive: Path, reason: str) -> None:
    if not settings.root:
        raise Stop(
            f"No image registry answers ({reason}) and only root can make the base "
            f"image debian:{suite}-slim with debootstrap: run as root once."
        )
    apt.ensure(settings, ["debootstrap"])
    archive.parent.mkdir(parents=True, exist_ok=True)
    log = settings.log("debootstrap")
    root = Path(tempfile.mkdtemp(dir=archive.parent, prefix=f"{suite}-"))
    address = apt.mirror(settings)
    try:
        run(["debootstrap", "--variant=minbase", suite, str(root), address], log=log)
        _complete_sources(settings, root, suite, address)
        part = archive.with_suffix(".part")
        excludes = [f"--exclude={pattern}" for pattern in LEFT_OUT]
        run(["tar", "-C", str(root), *excludes, "-cf", str(part), "."], log=log)
        part.rename(archive)
    except CommandFailed as error:
        raise Stop(
            f"Neither an image registry ({reason}) nor debootstrap gave the base image "
            f"debian:{suite}-slim: {error}"
        ) from error
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _complete_sources(settings: Settings, root: Path, suite: str, address: str) -> None:
    """Add the update and security archives, which debootstrap leaves out."""
    here = apt.release()
    extra = [
        (address_, suite_.replace(here, suite, 1))
        for address_, suite_ in apt.sources(settings)
        if suite_ in (f"{here}-updates", f"{here}-security")
    ]
    lines = [f"deb {a} {s} main\n" for a, s in [(address, suite), *extra]]
    (root / "etc/apt/sources.list").write_text("".join(lines))
