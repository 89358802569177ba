"""Brings what a proxy serves to what the records say."""

import contextlib
import functools
import http.client

from odoo.addons.clouder.lib.errors import ClouderError, ConditionTimeout
from odoo.addons.clouder.lib.spec import File
from odoo.addons.clouder.lib.wait import wait_for

from ..lib import publication
from ..lib.certificate import CertificateRefused
from ..lib.render import default_file, render_main, render_maps, render_sites
from ..lib.routes import GENERATION_HOST

WWW_DATA = 33
FRESH_FOLDER = ["sh", "-c", 'rm -rf -- "$1" && mkdir -- "$1"', "fresh-folder"]
PROBE_SECONDS = 5
SERVED_SECONDS = 30


class ConfigurationRefused(ClouderError):
    """nginx does not take a configuration; it goes on serving the former one.

    :param tail: what nginx said
    """

    def __init__(self, message, tail=""):
        super().__init__(message, "The former configuration is still served.")
        self.tail = tail

    @property
    def detail(self):
        """Return what nginx said."""
        return self.tail


class Publisher:
    """One publication on one proxy; the caller holds the proxy's lock.

    :param service: ``clouder.service`` of the proxy, sudo
    """

    def __init__(self, service):
        self.service = service
        self.runner = service._runner()

    @functools.cached_property
    def certificate(self):
        """Return the default certificate with its key (PEM text)."""
        return self.service._option("default_certificate") or ""

    @functools.cached_property
    def blocks(self):
        """Return the server blocks for the certificates of bases and domains."""
        return self.service._certificate_blocks()

    def publish(self, drained=True):
        """Have the proxy serve the present routes, and see that it does.

        Nothing is written when it does so already.

        :param bool drained: wait until no worker of the former configuration takes
            requests; without, until nginx took the new one: whoever needs the rest asks
            :meth:`await_generation`
        :return: the generation that serves them (int)
        :raise ConfigurationRefused: nginx does not take it
        :raise ConditionTimeout: the proxy does not answer
        """
        maps = render_maps(self.service._routes())
        last = self._last()
        sites = self._sites(last)
        target = self._target(last, maps, sites)
        if target.sites != last.sites and not self._admit(last, target, maps, sites):
            target = self._target(last, maps, None)
        if target != last:
            self._switch(last, target, maps, drained)
        self._note(target, reloads=int(target != last))
        return target.generation

    def await_generation(self, number, seconds=SERVED_SECONDS):
        """Wait until all workers serve the generation ``number`` or a later one.

        :param seconds: at most so long
        :raise ConditionTimeout: they do not
        """
        self._await(
            lambda live, _words: live and live.generation >= number,
            f"serves generation {number}",
            min(seconds, SERVED_SECONDS),
        )

    def look(self):
        """Return what the proxy says that it serves (Live, or None) and its very words."""
        try:
            _status, _headers, body = self.runner.http_get(
                self.service, "http", GENERATION_HOST, "/", timeout=PROBE_SECONDS
            )
            return publication.parse_live(body), ""
        except (ClouderError, OSError, http.client.HTTPException, ValueError) as error:
            return None, str(error)

    def _last(self):
        """Return what is served, or where it was put when the proxy does not answer."""
        live, words = self.look()
        if publication.DRAINING in words:
            live = self._settled()
        if live:
            return live
        known = self.service.proxy_live
        remembered = publication.from_dict(known) if known else publication.NOTHING
        return publication.unknown_content(remembered)

    def _settled(self):
        """Return what is served once a reload that somebody left alone is over."""
        with contextlib.suppress(ConditionTimeout):
            self._await(lambda live, _words: live, "has reloaded", PROBE_SECONDS)
        return self.look()[0]

    def _target(self, last, maps, sites):
        number = self.service.generation_wanted + 1
        return publication.next_live(last, number, maps, sites)

    def _sites(self, last):
        """Return the server blocks, or None when nginx refused the very same before."""
        sites = render_sites(self.service._site(), self.certificate, self.blocks)
        refused = sites.digest == self.service.proxy_refused
        return None if refused and last.sites.digest else sites

    def _admit(self, last, target, maps, sites):
        """Write changed server blocks where they are not served yet; try them.

        :return: whether nginx takes them; if not, the service says why
        :raise ConfigurationRefused: there are no former ones to go on with
        """
        folder = sites.folder(target.sites.slot)
        # Made here, so that it belongs to nginx, who has to remove it later.
        self.runner.exec(self.service, [*FRESH_FOLDER, folder])
        pems, unusable = self._pems()
        if unusable:
            sites = render_sites(
                self.service._site(), self.certificate, self.blocks, unusable
            )
        self._put(
            *self._changed(last, target, maps),
            publication.part_file(target, sites),
            *((f"{folder}/{name}", pem.encode()) for name, pem in pems.items()),
            publication.pointer_file(target, publication.CANDIDATE),
            (publication.CANDIDATE_MAIN, render_main(publication.CANDIDATE)),
        )
        message = self._try(publication.CANDIDATE_MAIN)
        values = {"proxy_refused": False, "proxy_refusal": False}
        if message:
            values = {"proxy_refused": sites.digest, "proxy_refusal": message}
            self._log(f"nginx refuses the server blocks: {message}", "warning")
        self._write(values)
        if message and not last.sites.digest:
            raise self._refused(message)
        return not message

    def _changed(self, last, target, maps):
        return [publication.part_file(target, maps)] if target.maps != last.maps else []

    def _pems(self):
        """Return the certificate files, and the blocks whose certificate is unusable."""
        pems, unusable = {default_file(self.certificate): self.certificate}, []
        for block, base in self.blocks.items():
            try:
                pems[block.file] = base._certificate_pem()
            except CertificateRefused as error:
                unusable.append(block)
                self._log(f"{base.display_name}: {error}", "warning")
        return pems, unusable

    def _try(self, main):
        """Return what nginx says against the configuration ``main``, "" for nothing."""
        result = self.runner.exec(
            self.service, ["nginx", "-t", "-q", "-c", main], check=False
        )
        return (result.error or result.output).strip() if result.status else ""

    def _switch(self, last, target, maps, drained):
        """Have nginx load ``target``; go back to ``last`` when it does not."""

        def loaded(live, words):
            # Nothing drained before: so it is the former generation that does now.
            taken = not drained and publication.DRAINING in words
            return live == target or taken

        self._put(*self._changed(last, target, maps), publication.pointer_file(target))
        self.runner.signal(self.service, "HUP")
        number = target.generation
        try:
            self._await(loaded, f"serves generation {number}")
        except ConditionTimeout as error:
            message = self._try(publication.MAIN)
            if last.maps.digest:
                self._put(publication.pointer_file(last))
            raise (self._refused(message) if message else error) from error

    def _refused(self, message):
        return ConfigurationRefused(
            f"{self.service.name}: nginx refuses the new configuration.", message
        )

    def _await(self, wanted, words, seconds=None):
        """Wait until ``wanted`` is content with what :meth:`look` returns."""

        def probe():
            live, words = self.look()
            seen = f"generation {live.generation}" if live else words
            return bool(wanted(live, words)), seen

        condition = f"{self.service.name} {words}"
        deadline = SERVED_SECONDS if seconds is None else seconds
        wait_for(
            condition, probe, deadline, first_pause=0.01, factor=1.2, max_pause=0.1
        )

    def _note(self, live, reloads=0):
        self._write(
            {
                "generation_wanted": max(
                    live.generation, self.service.generation_wanted
                ),
                "generation_served": live.generation,
                "reload_count": self.service.reload_count + reloads,
                "proxy_live": live.to_dict(),
            }
        )

    def _write(self, values):
        changed = {
            name: new
            for name, new in values.items()
            if (self.service[name] or False) != (new or False)
        }
        if changed:
            self.service.write(changed)

    def _put(self, *files):
        self.runner.files_put(
            self.service,
            [
                File(path, content, 0o400, WWW_DATA, WWW_DATA, path.endswith(".pem"))
                for path, content in files
            ],
        )

    def _log(self, text, level="info"):
        self.service._driver()._log(text, level)
