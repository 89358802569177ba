"""Pure helpers of the Odoo template: they import neither Odoo's models nor an engine."""
