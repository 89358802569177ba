"""When the steps of a job begin and end, seen from outside in its committed rows."""

import threading
import time

from .world import connect

LOOK_S = 0.01
QUERY = """
    SELECT step.hook, step.state
      FROM clouder_job_step step JOIN clouder_job job ON step.job_id = job.id
     WHERE job.res_model = %s AND job.res_id = (SELECT max(id) FROM {table})
       AND job.id > %s
"""


class Watcher(threading.Thread):
    """Looks at the steps of the next job on the newest record of a model.

    ``seen`` maps (hook, state) to the moment (``time.monotonic``) it was seen first.
    """

    def __init__(self, model):
        super().__init__(daemon=True)
        self.model = model
        self.seen = {}
        self.connection = connect()
        self.ended = threading.Event()
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM clouder_job")
            self.after = cursor.fetchone()[0]

    def run(self):
        query = QUERY.format(table=self.model.replace(".", "_"))
        with self.connection.cursor() as cursor:
            while not self.ended.is_set():
                cursor.execute(query, (self.model, self.after))
                now = time.monotonic()
                for key in cursor.fetchall():
                    self.seen.setdefault(key, now)
                self.ended.wait(LOOK_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.ended.set()
        self.join()
        self.connection.close()

    def steps(self):
        """Return the moments of each step: hook to (begin, end), in order."""
        done = sorted(
            (moment, hook)
            for (hook, state), moment in self.seen.items()
            if state == "done"
        )
        return {
            hook: (self.seen.get((hook, "running"), moment), moment)
            for moment, hook in done
        }

    def work(self):
        """Return when the first step began, when the last one ended, and what took time.

        :return: (moment, moment, dict of name to seconds, in order)
        """
        steps = list(self.steps().items())
        first, last = steps[0][1][0], steps[-1][1][1]
        parts = {f"step {hook}": end - begin for hook, (begin, end) in steps}
        idle = last - first - sum(parts.values())
        return first, last, {**parts, "between the steps": idle}
