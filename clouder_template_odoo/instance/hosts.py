"""Runs in an Odoo container: a base is found under further host names, too.

Odoo looks for a database by the host name of the request. For a further name the proxy
says in a header which base it stands for; it removes such a header of a visitor's own.
"""

from odoo import http

HEADER = "HTTP_X_CLOUDER_HOST"


def _known_host(host):
    """Return the host name of the base that is asked for."""
    asked = http.request and http.request.httprequest.environ
    own = host is None or (asked and host == asked.get("HTTP_HOST"))
    return (asked and own and asked.get(HEADER)) or host


def _by_base(filter_):
    def db_filter(dbs, host=None):
        return filter_(dbs, host=_known_host(host))

    return db_filter


http.db_filter = _by_base(http.db_filter)
