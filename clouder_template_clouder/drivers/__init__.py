from . import clouder
