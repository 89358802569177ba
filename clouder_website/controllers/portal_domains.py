"""A customer's own domains: added, looked at, and taken away."""

from odoo.exceptions import ValidationError
from odoo.http import request

from .portal_verbs import PortalInstanceVerbs


def host_of(text):
    """Return the host name in what people type or paste: an address, an accent, a dot.

    What cannot be one is returned as it is: the model says what is wrong with it.
    """
    host = text.strip().lower().split("://")[-1].split("/")[0].rstrip(".")
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


class PortalInstanceDomains(PortalInstanceVerbs):
    def _verbs(self):
        return super()._verbs() | {
            "domain": self._domain,
            "domain-check": self._domain_check,
            "domain-remove": self._domain_remove,
        }

    def _done_words(self):
        return super()._done_words() | {
            "domain": request.env._("The domain is noted. Now have its DNS lead here."),
            "domain-check": request.env._("The domain is being looked at."),
            "domain-remove": request.env._("The domain is removed."),
        }

    def _domain(self, base_sudo, post):
        name = host_of(self._text(post, "domain"))
        if name in base_sudo.alias_ids.mapped("name"):
            raise ValidationError(
                request.env._("%s is there already: nothing was done.", name)
            )
        # sudo: the caller has found the base to be the user's own; the model checks the name
        request.env["clouder.base.alias"].sudo().create(
            {"base_id": base_sudo.id, "name": name, "www": bool(post.get("www"))}
        )
        return self._back(base_sudo, "domain")

    def _domain_check(self, base_sudo, post):
        self._own_alias(base_sudo, post).check()
        return self._back(base_sudo, "domain-check")

    def _domain_remove(self, base_sudo, post):
        self._own_alias(base_sudo, post).unlink()
        return self._back(base_sudo, "domain-remove")

    def _own_alias(self, base_sudo, post):
        """Return the own domain that the form names.

        :raise NotFound: there is none, or it is another instance's
        """
        wanted = self._text(post, "alias")
        alias_sudo = base_sudo.alias_ids.filtered(lambda one: str(one.id) == wanted)
        if not alias_sudo:
            raise request.not_found()
        return alias_sudo
