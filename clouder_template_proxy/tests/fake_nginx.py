"""An nginx that only remembers what it was given."""

import json
import re

from odoo.addons.clouder.lib.engine import ExecResult
from odoo.addons.clouder.lib.errors import EngineRefused

from ..lib import publication
from ..lib.routes import GENERATION_HOST


class FakeNginx:
    """Takes the place of the proxy's container behind a FakeRunner.

    :param fake: the :class:`~odoo.addons.clouder.tests.fake_runner.FakeRunner`
    """

    def __init__(self, fake):
        self.files = {}
        self.served, self.trusted = None, ""
        self.running = True
        self.refusal, self.refuses_reload = "", True
        self.puts, self.signals, self.removed, self.asked = [], [], [], []
        self.answer = (200, {}, b"")
        fake.files_put = self.files_put
        fake.signal = self.signal
        fake.http_get = self.http_get
        fake.exec = self.exec

    def files_put(self, service, files):
        """Take ``files``, as a tar stream would bring them."""
        self.puts.append([file.path for file in files])
        self.files.update({file.path: file for file in files})

    def signal(self, service, name):
        """Load what the pointer names, unless it is refused."""
        self.signals.append(name)
        if not self.running:
            raise EngineRefused(f"The container {service.name} is not running.")
        if not (self.refusal and self.refuses_reload):
            self.served = self.pointer()

    def pointer(self):
        """Return what the pointer file says."""
        text = self.files[publication.POINTER].content.decode()
        return json.loads(re.findall(r"return 200 '(\{.*\})'", text)[0])

    def exec(self, service, argv, check=True):
        """Answer the two commands that publishing needs."""
        if not self.running:
            raise EngineRefused(f"The container {service.name} is not running.")
        if "fresh-folder" in argv:
            self.removed.append(argv[-1])
            self.files = {
                path: file
                for path, file in self.files.items()
                if not path.startswith(f"{argv[-1]}/")
            }
            return ExecResult(0, "", "")
        if argv[0] == "rm":
            self.removed.append(argv[-1])
            self.files.pop(argv[-1], None)
            return ExecResult(0, "", "")
        return ExecResult(int(bool(self.refusal)), "", self.refusal)

    def http_get(self, service, port, host, path, tls=False, timeout=10, ca_pem=""):
        """Answer as the proxy would."""
        self.asked.append((port, host, path, tls))
        self.trusted = ca_pem
        if not self.running or self.served is None:
            raise EngineRefused("Nobody answers.")
        if host == GENERATION_HOST:
            return 200, {}, json.dumps(self.served).encode()
        return self.answer

    def part(self, name):
        """Return the lines of the part ``name`` that is served, without indents."""
        slot = self.served[name]["slot"]
        content = self.files[f"/srv/proxy/{name}-{slot}/{name}.conf"].content
        return {line.strip() for line in content.decode().splitlines()}

    def hosts(self):
        """Return the hosts that have an entry in a map."""
        return {line.split()[0] for line in self.part("maps") if line.endswith(";")}

    def names(self):
        """Return the names of the server blocks."""
        lines = self.part("sites")
        return {line for line in lines if line.startswith("server_name ")}
