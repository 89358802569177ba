from . import test_proxy_driver
from . import test_proxy_publish
from . import test_proxy_certificate
