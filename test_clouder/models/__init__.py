from . import fault
from . import link
from . import res_users
from . import runner_fault
