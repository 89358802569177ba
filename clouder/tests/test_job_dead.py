from unittest import mock

import psycopg2.errors

from odoo import api
from odoo.tests import tagged

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestDeadJobs(HostingCase):
    """What a server finds in the queue when it starts."""

    def setUp(self):
        super().setUp()
        job = self._service(self.app_store, "db")._enqueue("deploy")
        self.queued = self.env["queue.job"].search([("uuid", "=", job.queue_uuid)])
        self.queued.write({"state": "started", "date_started": "2026-01-01"})
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job_lock (queue_job_id) VALUES (%s)", [self.queued.id]
        )

    def start(self):
        self.env["clouder.job"]._register_hook()
        self.env.invalidate_all()
        return self.queued.state

    def test_the_job_of_a_dead_worker_goes_on(self):
        self.assertEqual(self.start(), "pending")

    def test_a_worker_that_ends_its_job_now_keeps_no_server_away(self):
        """The row has changed since the transaction began, so it cannot be written."""
        ask = api.Environment.execute_query

        def changed(env, query):
            if "UPDATE queue_job" in query.code:
                env.cr.execute("SELECT 1")
                raise psycopg2.errors.SerializationFailure("concurrent update")
            return ask(env, query)

        with mock.patch.object(api.Environment, "execute_query", changed):
            self.assertEqual(self.start(), "started")
