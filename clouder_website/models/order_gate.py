from odoo import api, fields, models
from odoo.tools import SQL

ENTRY = """
    INSERT INTO clouder_order_gate (key, passes) VALUES (%s, 1)
    ON CONFLICT (key) DO UPDATE SET passes = clouder_order_gate.passes + 1
"""


class ClouderOrderGate(models.Model):
    """Lets the transactions that decide about one customer pass one after the other.

    A transaction reads what was so when it began. Two that count a customer's instances
    at the same time would both find room. Here the second one waits for the first, and
    then fails as not serialisable: Odoo runs it again, and it counts anew.
    """

    _name = "clouder.order.gate"
    _description = "Gate of a Customer's Orders"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    passes = fields.Integer(readonly=True)

    _key_uniq = models.Constraint("UNIQUE (key)", "There is one gate for each key.")

    @api.model
    @api.private
    def pass_through(self, key):
        """Hold back others with the same ``key`` until this transaction has ended.

        :raise psycopg2.errors.SerializationFailure: somebody passed meanwhile
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(ENTRY, key))
