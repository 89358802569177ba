"""The container of a mail server, as the publication sees it."""

from odoo.exceptions import UserError

from odoo.addons.clouder import keyring
from odoo.addons.clouder.lib.errors import EngineMissing
from odoo.addons.clouder.lib.spec import File

from ..lib import publication
from ..lib.container import OWNERS
from ..lib.tables import render

SECRETS = ("passwd", "bases.json", ".key")


class Place:
    """Reads and writes through the runner of the service's node.

    :param service: ``clouder.service`` of the mail server
    """

    def __init__(self, service):
        self.service = service
        self.runner = service._runner()

    def get(self, path):
        """Return the content of a file, empty when there is none."""
        try:
            return self.runner.file_get(self.service, path)
        except EngineMissing:
            return b""

    def put(self, files):
        """Write files with their owners."""
        self.runner.files_put(
            self.service,
            [
                File(
                    path=path,
                    content=one.text.encode(),
                    mode=one.mode,
                    uid=OWNERS[one.owner],
                    gid=OWNERS[one.owner],
                    secret=path.endswith(SECRETS),
                )
                for path, one in files.items()
            ],
        )

    def run(self, argv):
        """Run a command in the container."""
        self.runner.exec(self.service, list(argv))


def publish(service):
    """Have the container of ``service`` serve the mail of its links.

    Whoever calls holds the lock of the service. What is wrong with Clouder's own mail
    goes to the log: the bases' mail does not wait for it.

    :return: whether something had to be written
    """
    limit = int(service._option("hourly_limit") or 0)
    domains = [link._mail_domain() for link in service._mail_links()]
    try:
        own = service._own_mail()
    except UserError as error:
        service.env["clouder.job"]._log(str(error), "warning")
    else:
        domains += [own] if own else []
    return publication.publish(
        Place(service), render(domains, limit, keyring.vault().hmac_key)
    )
