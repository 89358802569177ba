"""Pure helpers of the mail template: they import neither Odoo nor an engine."""
