"""Runs in an Odoo container: the one-time way into a base that Clouder gives.

The token comes behind the ``#`` of the address, which browsers keep to themselves: no
server, log or proxy ever sees it there. The page sends it once, in the body of a form
that only this page can send, and takes it out of the browser's history.
"""

import hashlib
import logging
import secrets

from odoo import SUPERUSER_ID, http
from odoo.addons.web.controllers.utils import _get_login_redirect_url
from odoo.http import request

_logger = logging.getLogger(__name__)

TOKEN_MOST = 128
ROUTE = "/clouder/login"
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style nonce="{nonce}">body{{font:18px/1.5 sans-serif;max-width:32em;margin:15vh auto;
padding:0 1em;color:#333}}button{{font:inherit;padding:.4em 1em}}</style></head>
<body><h1>{title}</h1>
<form id="enter" method="post" action="{route}" {hidden}>
<input type="hidden" name="csrf_token" value="{csrf}">
<input type="hidden" name="token" value=""><button>{enter}</button></form>
<p id="told">{text}</p>
<script nonce="{nonce}">
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const form = document.getElementById("enter");
if (token && !form.hidden) {{
    form.elements.token.value = token;
    form.submit();
}}
</script></body></html>
"""
TEXTS = {
    "en": {
        "enter": "Log in",
        "wait": ("One moment", "If nothing happens, allow JavaScript here."),
        "over": (
            "Not valid any more",
            "This way in was used, or its time is over. Ask for a new one.",
        ),
    },
    "fr": {
        "enter": "Se connecter",
        "wait": ("Un instant", "Si rien ne se passe, autorisez ici JavaScript."),
        "over": (
            "Plus valable",
            "Cet accès a déjà servi, ou son temps est passé. Demandez-en un nouveau.",
        ),
    },
}
SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
POLICY = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
)


def answer(name, form=True, status=200):
    """Return the page with the texts ``name``, in the visitor's language."""
    nonce = secrets.token_urlsafe(16)
    lang = request.httprequest.accept_languages.best_match(TEXTS) or "en"
    title, text = TEXTS[lang][name]
    body = PAGE.format(
        nonce=nonce,
        lang=lang,
        title=title,
        text=text,
        enter=TEXTS[lang]["enter"],
        route=ROUTE,
        hidden="" if form else "hidden",
        csrf=request.csrf_token() if form else "",
    )
    headers = {**SAFE, "Content-Security-Policy": POLICY.format(nonce=nonce)}
    return request.make_response(body, list(headers.items()), status=status)


class ClouderLogin(http.Controller):
    """Lets in who brings a token that Clouder left in this database."""

    @http.route(ROUTE, type="http", auth="none", methods=["GET"], readonly=True)
    def ask(self, **_ignored):
        """Show the page that sends the token; looking at it uses nothing up."""
        if not request.db:
            raise request.not_found()
        return answer("wait")

    @http.route(ROUTE, type="http", auth="none", methods=["POST"], readonly=False)
    def enter(self, token="", **_ignored):
        """Use the token up and log its account in."""
        if not request.db:
            raise request.not_found()
        user = self._take(token)
        if not user:
            _logger.warning("A one-time login was refused")
            return answer("over", form=False, status=403)
        _logger.info("One-time login of %s (%s)", user.login, user.id)
        return self._begin(user)

    @staticmethod
    def _take(token):
        """Remove the line of ``token``; return its account if it may still come in."""
        # sudo: nobody is logged in yet; what the token says decides which account is read
        cr, env = request.env.cr, request.env(user=SUPERUSER_ID, su=True)
        users = env["res.users"]
        cr.execute("SELECT to_regclass('clouder_login') IS NOT NULL")
        if not token or len(token) > TOKEN_MOST or not cr.fetchone()[0]:
            return users
        digest = hashlib.sha256(f"{cr.dbname}\0{token}".encode()).hexdigest()
        cr.execute(
            "DELETE FROM clouder_login WHERE digest IN ("
            "SELECT digest FROM clouder_login WHERE digest = %s FOR UPDATE SKIP LOCKED"
            ") RETURNING user_id, expires > clock_timestamp()",
            [digest],
        )
        row = cr.fetchone()
        if not row or not row[1]:
            return users
        return users.browse(row[0]).exists().filtered("active")

    @staticmethod
    def _begin(user):
        """Begin a new session of ``user``; a second factor is still asked for."""
        session = request.session
        session.logout(keep_db=True)
        session["pre_login"], session["pre_uid"] = user.login, user.id
        if not user._mfa_url():
            session.finalize(request.env)
            user.with_user(user)._update_last_login()
            request.update_env(user=session.uid)
        return request.redirect(_get_login_redirect_url(user.id), 303)
