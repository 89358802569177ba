from . import test_postfix_driver
from . import test_postfix_link
from . import test_own_mail
