"""Docker engines: the only place of Clouder that speaks to them.

======================  =======================================================
``connection.py``       the kept-alive connection, unix socket or TLS
``mapping.py``          foreign errors become ours
``stream.py``           taken-over connections, for exec and attach
``output.py``           lines for a log, the whole for the caller
``execute.py``          commands in running containers
``once.py``             commands in throw-away containers
``files.py``            files as tar streams
``networks.py``         networks, one for each environment
``volumes.py``          named volumes
``images.py``           build, pull, tag, remove
``containers.py``       single containers
``replace.py``          ensure, commit, roll back
``client.py``           all of them together
======================  =======================================================
"""

from .client import Engine
from .connection import Tls
from .output import ExecResult

__all__ = ["Engine", "ExecResult", "Tls"]
