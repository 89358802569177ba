from . import test_clouder_driver
from . import test_hosted_runner
