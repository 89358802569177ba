from . import fault
from . import runner_fault
