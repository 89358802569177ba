from . import test_base
from . import test_job
from . import test_service
