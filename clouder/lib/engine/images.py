"""Images: build with a live log, pull when a registry has them, look, remove."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..dockerfile import check_reference
from ..errors import (
    EngineError,
    EngineMissing,
    EngineRefused,
    EngineUnreachable,
    ImageBuildFailed,
)
from ..labels import LABEL_DATABASE
from ..secrets import masked
from .connection import Session
from .files import context_of
from .output import Collector, OnOutput
from .stream import STDOUT

BUILD_SILENCE_S = 1800
PULL_SILENCE_S = 300
_NO_REGISTRY = (
    "no such host",
    "dial tcp",
    "i/o timeout",
    "connection refused",
    "server misbehaving",
    "tls handshake timeout",
    "network is unreachable",
    "not found",
    "manifest unknown",
    "access denied",
    "denied",
    "awaiting headers",
    "eof",
)


class ImageOperations(Session):
    """Images of the engine."""

    def image_inspect(self, ref: str) -> dict[str, Any] | None:
        """Return what the engine knows of an image, or None when it has none."""
        check_reference(ref)
        try:
            with self.errors(f"look for image {ref}"):
                api: Any = self.api
                return dict(api.inspect_image(ref))
        except EngineMissing:
            return None

    def image_build(
        self,
        tag: str,
        dockerfile: str,
        files: Mapping[str, bytes] | None = None,
        labels: Mapping[str, str] | None = None,
        nocache: bool = False,
        pull: bool = False,
        on_output: OnOutput | None = None,
    ) -> str:
        """Build an image and return its id.

        :param tag: reference the image gets
        :param files: contents of the files beside the Dockerfile, by relative path
        :param pull: look for a newer base image in its registry first
        :param on_output: called with each line of the build as it comes
        :raise ImageBuildFailed: carries the end of the build's real output
        """
        check_reference(tag)
        context = context_of(dockerfile, files or {})
        collector = Collector(on_output)
        failure = ""
        with self.errors(f"build image {tag}"):
            events = self.api.build(
                fileobj=context,  # type: ignore[arg-type]  # requests takes bytes too
                custom_context=True,
                tag=tag,
                labels=dict(labels or {}),
                nocache=nocache,
                pull=pull,
                rm=True,
                forcerm=True,
                decode=True,
                timeout=BUILD_SILENCE_S,
            )
            failure = _follow_build(events, collector)
        collector.close()
        if failure:
            raise ImageBuildFailed(
                f"The image {tag} did not build: {masked(failure)}", collector.tail()
            )
        built = self.image_inspect(tag)
        if built is None:
            raise ImageBuildFailed(f"The image {tag} was built and is gone.")
        return str(built["Id"])

    def image_pull(self, ref: str, on_output: OnOutput | None = None) -> str | None:
        """Fetch an image from its registry and return its id.

        :return: None when no registry answers or it does not know the image;
            the reason is given to ``on_output``
        :raise EngineError: the engine itself failed
        """
        check_reference(ref)
        reason = self._pull(ref, on_output)
        if reason:
            if on_output is not None:
                on_output(f"{ref} was not pulled: {masked(reason)}")
            return None
        found = self.image_inspect(ref)
        return str(found["Id"]) if found else None

    def _pull(self, ref: str, on_output: OnOutput | None) -> str:
        """Pull, and return why there is nothing, or an empty text."""
        name, tag = split_reference(ref)
        seen = set()
        try:
            with self.errors(f"pull {ref}"):
                events = self.api.pull(name, tag=tag, stream=True, decode=True)
                for event in events:
                    if "error" in event:
                        return str(event["error"])
                    line = _pull_line(event)
                    if line and line not in seen and on_output is not None:
                        on_output(line)
                    seen.add(line)
        except EngineUnreachable:
            raise
        except EngineError as error:
            if any(sign in str(error).lower() for sign in _NO_REGISTRY):
                return str(error)
            raise
        return ""

    def image_tag(self, ref: str, new: str) -> None:
        """Give the image ``ref`` the further reference ``new``."""
        check_reference(ref)
        name, tag = split_reference(check_reference(new))
        with self.errors(f"tag image {ref} as {new}"):
            self.api.tag(ref, name, tag, force=True)

    def image_remove(self, ref: str, database: str = "") -> bool:
        """Remove an image that nothing uses, and return whether there was one.

        :param database: when given, the image must bear this label
        :raise EngineRefused: a container uses it, or it is not ours
        """
        found = self.image_inspect(ref)
        if found is None:
            return False
        labels = (found.get("Config") or {}).get("Labels") or {}
        if database and labels.get(LABEL_DATABASE) != database:
            raise EngineRefused(f"The image {ref} does not belong to this Clouder.")
        with self.errors(f"remove image {ref}"):
            self.api.remove_image(ref)
        return True


def split_reference(ref: str) -> tuple[str, str]:
    """Return an image reference as its repository and its tag or digest."""
    if "@" in ref:
        name, _at, digest = ref.partition("@")
        return name, digest
    head, colon, tag = ref.rpartition(":")
    if colon and "/" not in tag:
        return head, tag
    return ref, "latest"


def _follow_build(events: Iterable[Mapping[str, Any]], collector: Collector) -> str:
    """Collect a build's output, and return the engine's word of failure or nothing."""
    for event in events:
        if "error" in event:
            failure = str(event["error"])
            collector.frame(STDOUT, f"{failure}\n".encode())
            return failure
        text = event.get("stream") or event.get("status")
        if text:
            line = text if text.endswith("\n") else f"{text}\n"
            collector.frame(STDOUT, line.encode())
    return ""


def _pull_line(event: Mapping[str, Any]) -> str:
    status, layer = str(event.get("status", "")), str(event.get("id", ""))
    if "progress" in event or not status:
        return ""
    return f"{layer}: {status}" if layer else status
