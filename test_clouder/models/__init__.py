from . import fault
from . import link
from . import runner_fault
