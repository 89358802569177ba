"""The customer's own instances: the pages of the portal."""

from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

URL = "/my/instances"
SEARCH_LIMIT = 100
# An integer of PostgreSQL ends here.
MAX_ID = 2**31 - 1


class PortalInstances(CustomerPortal):
    """Whose an instance is, is decided in one place: ``_portal_find`` of the base.

    What is not the user's is answered as what does not exist. The records that leave
    here are in superuser mode, for pages that show chosen values only.
    """

    _instances_per_page = 20
    _jobs_per_page = 10

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "instance_count" in counters:
            bases = request.env["clouder.base"]
            own = bases._portal_domain() & Domain("state", "!=", "purged")
            # sudo: counted within the domain of the user's own bases
            values["instance_count"] = bases.sudo().search_count(own)
        return values

    @http.route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def my_instances(self, page=1, **query):
        """List the instances of the user's company."""
        values = self._instance_list_values(page, query)
        return self._private(request.render("clouder_website.portal_instances", values))

    @http.route(
        f"{URL}/<int:base_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def my_instance(self, base_id, **query):
        """Show one instance."""
        base_sudo = self._instance(base_id)
        return self._instance_page(base_sudo, done=query.get("done"))

    @http.route(
        f"{URL}/<int:base_id>/jobs/<int:job_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def my_instance_job(self, base_id, job_id, offset="0", **_query):
        """Say as JSON how a job goes, and its log from an offset on."""
        job_sudo = (
            self._instance(base_id)
            ._portal_jobs()
            .filtered_domain([("id", "=", job_id)])
        )
        if not job_sudo:
            raise request.not_found()
        known = str(offset)[:10]
        start = min(int(known), MAX_ID) if known.isdecimal() else 0
        return self._private(request.make_json_response(job_sudo._portal_status(start)))

    def _instance(self, base_id):
        """Return the user's base ``base_id`` (sudo).

        :raise NotFound: there is none, or it is somebody else's
        """
        base_sudo = request.env["clouder.base"]._portal_find(base_id)
        if not base_sudo:
            raise request.not_found()
        return base_sudo

    def _private(self, response):
        """Keep a page out of caches, foreign frames and the address line of others."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return response

    def _instance_page(self, base_sudo, status=200, **values):
        """Return the page of one instance.

        :param values: ``done`` (a verb that was carried out), ``error`` (str), ``secret``
            (login and password, to be shown this once)
        """
        jobs_sudo = base_sudo._portal_jobs(self._jobs_per_page)
        page = {
            **self._prepare_portal_layout_values(),
            "page_name": "instance",
            "instance": base_sudo,
            "verbs": base_sudo._portal_verbs(),
            "busy": base_sudo._portal_busy(),
            "jobs": jobs_sudo,
            "url": f"{URL}/{base_sudo.id}",
            "done": False,
            "error": False,
            "secret": False,
            **values,
        }
        page["done"] = self._done_words().get(page["done"])
        response = request.render("clouder_website.portal_instance", page)
        response.status_code = status
        return self._private(response)

    def _done_words(self):
        """Return what is said after each verb that was carried out."""
        return {}

    def _instance_list_values(self, page, query):
        bases = request.env["clouder.base"]
        sortings, filters = self._instance_sortings(), self._instance_filters()
        inputs = self._instance_inputs()
        sortby = self._choice(query.get("sortby"), sortings)
        filterby = self._choice(query.get("filterby"), filters)
        search_in = self._choice(query.get("search_in"), inputs)
        search = str(query.get("search") or "").replace("\x00", "")[:SEARCH_LIMIT]
        domain = bases._portal_domain() & filters[filterby]["domain"]
        if search:
            domain &= Domain.OR(
                Domain(name, "ilike", search) for name in inputs[search_in]["fields"]
            )
        choices = {"sortby": sortby, "filterby": filterby}
        found = {"search": search, "search_in": search_in}
        pages = pager(
            url=URL,
            # sudo: counted within the domain of the user's own bases
            total=bases.sudo().search_count(domain),
            page=min(page, MAX_ID),
            step=self._instances_per_page,
            url_args={**choices, **found},
        )
        return {
            **self._prepare_portal_layout_values(),
            **choices,
            **found,
            **self._instances_found(domain, sortings[sortby]["order"], pages),
            "page_name": "instances",
            "default_url": URL,
            "searchbar_sortings": sortings,
            "searchbar_filters": filters,
            "searchbar_inputs": inputs,
        }

    def _instances_found(self, domain, order, pages):
        """Return what the list shows of the bases in ``domain``."""
        bases = request.env["clouder.base"]
        # sudo: within the domain of the user's own bases; the page shows chosen values only
        instances = bases.sudo().search(
            domain,
            order=order,
            limit=self._instances_per_page,
            offset=pages["offset"],
        )
        # sudo: within the domain of the user's own bases; only whether there is one is told
        anything = instances or bases.sudo().search(bases._portal_domain(), limit=1)
        return {"instances": instances, "any_instance": anything, "pager": pages}

    def _choice(self, wanted, choices):
        """Return ``wanted`` when it is one of ``choices``, else the first of them."""
        return wanted if wanted in choices else next(iter(choices))

    def _instance_sortings(self):
        return {
            "name": {"label": request.env._("Address"), "order": "fulldomain, id"},
            "title": {"label": request.env._("Title"), "order": "title, id"},
            "newest": {
                "label": request.env._("Newest"),
                "order": "create_date desc, id desc",
            },
            "state": {
                "label": request.env._("State"),
                "order": "state, fulldomain, id",
            },
        }

    def _instance_filters(self):
        there = Domain("state", "!=", "purged")
        works = Domain("state", "in", ("running", "deploying", "draft"))
        return {
            "all": {"label": request.env._("All"), "domain": there},
            "running": {
                "label": request.env._("Running"),
                "domain": Domain("state", "=", "running"),
            },
            "attention": {
                "label": request.env._("Need a look"),
                "domain": there & ~works,
            },
            "deleted": {"label": request.env._("Deleted"), "domain": ~there},
        }

    def _instance_inputs(self):
        every = ("fulldomain", "title")
        return {
            "all": {
                "input": "all",
                "label": request.env._("Search everywhere"),
                "fields": every,
            },
            "address": {
                "input": "address",
                "label": request.env._("Search in addresses"),
                "fields": every[:1],
            },
            "title": {
                "input": "title",
                "label": request.env._("Search in titles"),
                "fields": every[1:],
            },
        }
