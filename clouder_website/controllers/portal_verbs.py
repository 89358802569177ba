"""What a customer asks for on the page of an instance."""

import logging

import psycopg2

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from odoo.addons.clouder.lib.errors import ClouderError

from .portal import URL, PortalInstances

_logger = logging.getLogger(__name__)

TEXT_LIMIT = 300


class PortalInstanceVerbs(PortalInstances):
    """One route for all verbs: whose the instance is comes first, then what is asked."""

    @http.route(
        f"{URL}/<int:base_id>/<string:verb>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def my_instance_verb(self, base_id, verb, **post):
        """Carry out ``verb`` on an instance of the user, and show what came of it."""
        base_sudo = self._instance(base_id)
        act = self._verbs().get(verb)
        if not act:
            raise request.not_found()
        if verb not in base_sudo._portal_verbs():
            return self._instance_page(
                base_sudo, status=409, error=self._not_now(base_sudo)
            )
        try:
            with request.env.cr.savepoint():
                return act(base_sudo, post)
        except (UserError, ClouderError, psycopg2.IntegrityError) as error:
            request.env.invalidate_all()
            return self._instance_page(
                base_sudo, status=422, error=self._reason(error, base_sudo, verb)
            )

    def _verbs(self):
        """Return what carries out each verb: called with the base (sudo) and the form."""
        return {
            "open": self._open,
            "password": self._password,
            "restart": self._restart,
            "reset": self._reset,
            "title": self._title,
            "delete": self._delete,
            "keep": self._keep,
        }

    def _done_words(self):
        return super()._done_words() | {
            "restart": request.env._("The instance restarts."),
            "relink": request.env._(
                "The address of the instance and what else it is linked to are set up "
                "anew. Its program serves other instances, too, and runs on."
            ),
            "reset": request.env._("The data are replaced."),
            "title": request.env._("The title is changed."),
            "delete": request.env._(
                "The deletion is planned. You can take it back until then."
            ),
            "keep": request.env._("The deletion is taken back."),
        }

    def _not_now(self, base_sudo):
        """Return why a verb is refused in the present state."""
        if base_sudo._portal_busy():
            return request.env._(
                "Something is done to this instance at the moment. Ask again when it "
                "has ended."
            )
        return request.env._("This cannot be done in the present state.")

    def _reason(self, error, base_sudo, verb):
        """Return what the customer is told of ``error``.

        What is wrong with his own input he reads; what is wrong with the machinery is
        for those who run it.
        """
        if isinstance(error, ValidationError):
            return str(error)
        _logger.warning("%s of base %s: %s", verb, base_sudo.id, error)
        return request.env._(
            "This could not be done just now. Try again in a few minutes, or ask us."
        )

    def _text(self, post, name):
        """Return what was typed into the field ``name``, of a sensible length.

        :raise ValidationError: no database can keep it
        """
        text = str(post.get(name) or "").strip()[:TEXT_LIMIT]
        if "\x00" in text:
            raise ValidationError(request.env._("This is no text: nothing was done."))
        return text

    def _confirmed(self, base_sudo, post):
        """Check that the address of the instance was typed.

        :raise ValidationError: something else was
        """
        if self._text(post, "confirm").lower() != base_sudo.fulldomain:
            raise ValidationError(
                request.env._(
                    "Type the address %s to confirm: nothing was done.",
                    base_sudo.fulldomain,
                )
            )

    def _back(self, base_sudo, verb):
        return request.redirect(f"{URL}/{base_sudo.id}?done={verb}", code=303)

    def _open(self, base_sudo, post):
        """Lead into the instance, logged in; the address counts once, and not for long."""
        way_in = base_sudo.login_once(base_sudo.poweruser_name)
        response = request.redirect(way_in, code=303, local=False)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _password(self, base_sudo, post):
        """Show the new password on this very page; nothing keeps it for a second look."""
        password = base_sudo.renew_password("poweruser")
        secret = {"login": base_sudo.poweruser_name, "password": password}
        return self._instance_page(base_sudo, secret=secret)

    def _restart(self, base_sudo, post):
        base_sudo.restart()
        own = base_sudo.service_id._is_own_of(base_sudo)
        return self._back(base_sudo, "restart" if own else "relink")

    def _reset(self, base_sudo, post):
        self._confirmed(base_sudo, post)
        base_sudo.reset()
        return self._back(base_sudo, "reset")

    def _title(self, base_sudo, post):
        base_sudo.title = self._text(post, "title")
        base_sudo.deploy()
        return self._back(base_sudo, "title")

    def _delete(self, base_sudo, post):
        self._confirmed(base_sudo, post)
        base_sudo.request_deletion()
        base_sudo._portal_tell_deletion()
        return self._back(base_sudo, "delete")

    def _keep(self, base_sudo, post):
        base_sudo.cancel_deletion()
        base_sudo._portal_forget_deletion()
        return self._back(base_sudo, "keep")
