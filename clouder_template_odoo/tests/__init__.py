from . import common
from . import test_filestore
from . import test_odoo_base
from . import test_odoo_driver
from . import test_odoo_mail
from . import test_recipe
from . import test_tenant
from . import test_verticalisation
