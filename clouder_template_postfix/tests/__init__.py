from . import test_postfix_driver
from . import test_postfix_link
