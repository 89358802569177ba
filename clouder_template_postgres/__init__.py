from . import drivers
