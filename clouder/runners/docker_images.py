import hashlib
import json
import re

from odoo import api, models

from ..lib.errors import EngineMissing, EngineRefused
from ..lib.labels import LABEL_FINGERPRINT

LABEL_FROM = "clouder.from"
OUR_IMAGES = "clouder/"
FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE | re.MULTILINE)
UPGRADE = re.compile(r"^Inst (\S+) \[(\S+)\]", re.MULTILINE)
ASK_DEBIAN = [
    "sh",
    "-c",
    "apt-get -qq -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root update"
    " && apt-get -qq --simulate upgrade",
]
DEBIAN_NEEDS = ("CHOWN", "DAC_OVERRIDE", "FOWNER")


class ClouderRunnerDocker(models.AbstractModel):
    """Images: pulled from a registry, or built from the Dockerfile of their record."""

    _inherit = "clouder.runner.docker"

    @api.private
    def image_ensure(self, version, node, fresh=False):
        if version.parent_id:
            self.image_ensure(version.parent_id, node)
        if version.pull_reference:
            digest, fingerprint = self._image_pull(version, node), False
        else:
            digest, fingerprint = self._image_build(version, node, fresh)
        placement = version._placement(node)
        if placement.digest != digest or version.state != "built":
            version._note_built(node, digest, fingerprint)
        return digest

    @api.model
    def _image_pull(self, version, node):
        """Return the id of an image that is used as it is."""
        engine = self._engine(node)
        there = self._image_there(version, node)
        if there:
            return there["Id"]
        digest = engine.image_pull(version.pull_reference, self._listener())
        if digest is None:
            there = engine.image_inspect(version.pull_reference)
            if there is None:
                raise EngineMissing(
                    f"The image {version.pull_reference} is neither on node {node.name} "
                    "nor in a registry that the node reaches.",
                    "Check its name and the node's way to the registry.",
                )
            digest = there["Id"]
        engine.image_tag(digest, version.reference)
        return digest

    @api.model
    def _image_build(self, version, node, fresh):
        """Return the id and the fingerprint of an image that is built from its record."""
        engine = self._engine(node)
        files = {
            file.path.lstrip("/"): file.content
            for file in version._driver().image_files(version.image_id)
        }
        fingerprint = self._fingerprint(version, files)
        there = self._image_there(version, node)
        if there and self._image_labels(there).get(LABEL_FINGERPRINT) == fingerprint:
            return there["Id"], fingerprint
        base = self._image_base(version, node, pull=fresh)
        digest = engine.image_build(
            version.reference,
            version.dockerfile,
            files,
            labels={
                **self._labels(version),
                LABEL_FINGERPRINT: fingerprint,
                LABEL_FROM: base,
            },
            nocache=fresh,
            on_output=self._listener(),
        )
        return digest, fingerprint

    @api.model
    def _image_there(self, version, node):
        """Return what the engine says of the image of ``version``, None without one.

        It is known by its id: the tag may have been given to another image since, by
        another Clouder that uses the same engine. One that was only taken away is given
        again: what has no tag is taken for rubbish by whoever cleans an engine up.
        """
        engine = self._engine(node)
        noted = version._placement(node).digest
        found = engine.image_inspect(noted) if noted else None
        tagged = engine.image_inspect(version.reference)
        if found and not tagged:
            engine.image_tag(noted, version.reference)
        return found or tagged

    @api.model
    def _fingerprint(self, version, files):
        """Return a digest of what an image version is built from."""
        contents = {
            path: hashlib.sha256(content).hexdigest() for path, content in files.items()
        }
        form = json.dumps([version.dockerfile, contents], sort_keys=True)
        return hashlib.sha256(form.encode()).hexdigest()

    @api.model
    def _image_labels(self, found):
        return (found.get("Config") or {}).get("Labels") or {}

    @api.model
    def _image_base(self, version, node, pull):
        """Return the id of what a version is built on, fetched when missing or asked.

        :return: str, empty when neither the node nor a registry has it
        """
        engine = self._engine(node)
        found = FROM.search(version.dockerfile or "")
        reference = found.group(1) if found else "scratch"
        if reference == "scratch":
            return ""
        there = engine.image_inspect(reference)
        if reference.startswith(OUR_IMAGES) or (there and not pull):
            return there["Id"] if there else ""
        pulled = engine.image_pull(reference, self._listener())
        return pulled or (there["Id"] if there else "")

    @api.private
    def image_outdated(self, version, node):
        engine = self._engine(node)
        there = self._image_there(version, node)
        if there is None:
            return []
        if version.pull_reference:
            pulled = engine.image_pull(version.pull_reference, self._listener())
            newer = pulled and pulled != there["Id"]
            return [version.pull_reference] if newer else []
        base = self._image_base(version, node, pull=True)
        labels = self._image_labels(there)
        if base and base != labels.get(LABEL_FROM, base):
            return [FROM.search(version.dockerfile).group(1)]
        found = self._upgrades(version, node, there["Id"])
        if found and base:
            # What the base image has in the same release would come back as it is.
            found -= self._upgrades(version, node, base)
        return sorted(name for name, _release in found)

    @api.model
    def _upgrades(self, version, node, image):
        """Return the Debian packages of an image that have a newer release.

        :param image: id or reference
        :return: set of (name, release that the image has)
        """
        try:
            result = self._engine(node).run_once(
                image,
                ASK_DEBIAN,
                user="root",
                network="bridge",
                read_only=False,
                cap_add=DEBIAN_NEEDS,
                labels=self._labels(version),
                check=False,
                cancelled=self._canceller(),
            )
        except EngineRefused as error:
            self._log(str(error), "warning")
            return set()
        if result.status:
            self._log(f"{version.reference}: no package manager answers", "warning")
        return set(UPGRADE.findall(result.output))

    @api.private
    def image_remove(self, version, node):
        engine = self._engine(node)
        # An image that is pulled bears no label of ours: only our name for it goes.
        database = "" if version.pull_reference else self._database()
        if engine.image_remove(version.reference, database):
            self._log(f"The image {version.reference} is gone from node {node.name}")

    @api.private
    def image_run(self, version, node, argv, **options):
        given = {
            "labels": self._labels(version),
            "on_output": self._log,
            "cancelled": self._canceller(),
            **options,
        }
        return self._engine(node).run_once(self._image_id(version, node), argv, **given)

    @api.model
    def _image_id(self, version, node):
        """Return by what the engine surely knows the image of ``version`` (str)."""
        return version._placement(node).digest or version.reference
