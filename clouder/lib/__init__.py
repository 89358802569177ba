"""The pure core of Clouder: no odoo import, fully typed, tested without a database."""
