"""A base that runs, for the tests of what becomes of it."""

from .hosting_case import HostingCase


class LifeCase(HostingCase):
    """A service that runs, and bases of it that were deployed."""

    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.shop.write({"state": "running", "deployed_at": "2026-01-01"})
        self.driver = type(self.env["clouder.driver"])
        self.called = []

    def watch(self, *hooks):
        """Note the calls of ``hooks`` instead of carrying them out."""
        for hook in hooks:
            self.patch(
                self.driver,
                hook,
                lambda _self, base, hook=hook: self.called.append((hook, base)),
            )

    def base(self, name="hello", state="running", service=None, **values):
        """Return a base that was deployed and is in ``state``.

        :param service: where it lives; an empty one for a service of its own
        """
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": (self.shop if service is None else service).id,
            }
        )
        base.write(
            {
                "state": state,
                "wanted": state,
                "deployed_at": "2026-01-01",
                **values,
            }
        )
        return base

    def ended(self, job_id):
        """Run the job ``job_id`` and return it."""
        job = self.env["clouder.job"].browse(job_id)
        _fake, error = self._run(job)
        self.assertIsNone(error)
        return job
