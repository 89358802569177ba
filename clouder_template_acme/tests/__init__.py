from . import test_access
from . import test_acme_driver
from . import test_authority
from . import test_budget
from . import test_certify
from . import test_certify_alias
from . import test_certify_cron
from . import test_schedule
