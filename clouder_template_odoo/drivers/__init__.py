from . import odoo
from . import odoo_command
from . import odoo_template
from . import odoo_base
from . import odoo_update
from . import odoo_reset
from . import odoo_mail
from . import odoo_account
