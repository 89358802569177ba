from . import test_bind_driver
from . import test_bind_names
