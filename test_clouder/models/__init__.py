from . import fault
