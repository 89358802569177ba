from . import odoo_template
