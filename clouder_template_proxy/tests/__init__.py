from . import test_proxy_driver
from . import test_proxy_publish
