"""Pure helpers of the PostgreSQL template: they import neither Odoo nor an engine."""
