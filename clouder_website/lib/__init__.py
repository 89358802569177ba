"""Plain Python of the order form: no Odoo in here."""
