"""DNS in plain Python: records, signed updates, looks at a server; no Odoo."""
