"""Why a job gives its worker away and goes on later; no try is counted."""

from ..lib.errors import ClouderError


class WaitForJob(ClouderError):
    """This job cannot go on before another one has ended; no try is counted.

    :param str message: what is waited for
    :param first: called with the waiting job, in a transaction that stays, unlike the
        step's own; e.g. to queue the job that is waited for
    :param job: the job that is waited for, where it is there already
    """

    transient = True

    def __init__(self, message, first=None, job=None):
        super().__init__(message)
        self.first = first
        self.job = job


class NodeFull(ClouderError):
    """As many jobs run on the node as may; this one gives its worker to another node.

    :param str message: what is waited for
    :param int seconds: when to ask again
    """

    transient = True

    def __init__(self, message, seconds):
        super().__init__(message)
        self.seconds = seconds
