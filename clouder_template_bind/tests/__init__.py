from . import test_bind_driver
from . import test_bind_names
from . import test_bind_failing_zone
from . import test_bind_lost_answer
