from odoo.tests import BaseCase, tagged

from ..lib import sql
from ..lib.failure import reason

HOSTILE = [
    "'; DROP TABLE x; --",
    '"; DROP TABLE x; --',
    "\\'; \\! touch /tmp/canary",
    "$clouder$; --",
    ":'x' :\"x\" :x",
    "line\n\\! touch /tmp/canary",
    "`touch /tmp/canary`",
    "é ß 中 \\",
]


@tagged("post_install", "-at_install")
class TestSql(BaseCase):
    def test_literal_doubles_quotes_and_nothing_else(self):
        for text in HOSTILE:
            quoted = sql.literal(text)
            self.assertEqual(quoted[0] + quoted[-1], "''")
            self.assertEqual(quoted[1:-1].replace("''", "'"), text)
            self.assertNotIn("'", quoted[1:-1].replace("''", ""))

    def test_identifier_doubles_quotes(self):
        self.assertEqual(sql.identifier('a"b'), '"a""b"')

    def test_what_no_database_can_hold_is_refused(self):
        for quote in (sql.literal, sql.identifier):
            for text in ("a\x00b", "\ud800"):
                with self.assertRaises(sql.SqlRefused):
                    quote(text)
        for name in ("", "x" * 64, "é" * 32):
            with self.assertRaises(sql.SqlRefused):
                sql.identifier(name)

    def test_connect_takes_plain_names_only(self):
        self.assertEqual(
            sql.connect("shop.example.test", "demo_odoo"),
            '\\connect "shop.example.test" "demo_odoo"\n',
        )
        for name in [*HOSTILE, "-x", "a b", "dbname=x", "", "A"]:
            with self.assertRaises(sql.SqlRefused):
                sql.connect(name, "demo")
            with self.assertRaises(sql.SqlRefused):
                sql.connect("demo", name)

    def test_parameters_are_one_literal(self):
        for text in HOSTILE:
            line = sql.parameters({"name": text})
            self.assertEqual(line.count("\n"), 1, "a line break would end the literal")
            self.assertTrue(line.endswith("\\gset clouder_\n"))

    def test_creation_looks_first(self):
        script = sql.create_database("a.test", "owner", "tpl", closed=True)
        look, act = script.split("\\if", 1)
        self.assertIn("NOT EXISTS", look)
        self.assertIn(
            'CREATE DATABASE "a.test" OWNER "owner" TEMPLATE "tpl" IS_TEMPLATE true;',
            act,
        )
        self.assertIn('REVOKE CONNECT ON DATABASE "a.test" FROM PUBLIC', act)

    def test_what_is_somebody_elses_is_neither_used_nor_dropped(self):
        script = sql.create_database("a.test", "owner", mark="it's 1")
        places = [
            script.index("CREATE DATABASE"),
            script.index("RAISE EXCEPTION"),
            script.index("COMMENT ON DATABASE \"a.test\" IS 'it''s 1'"),
        ]
        self.assertEqual(places, sorted(places))
        look = sql.drop_database("a.test", "owner", "it's 1").split("\\if", 1)[0]
        self.assertIn("AND NOT EXISTS", look)
        self.assertIn("<> 'it''s 1'", look)
        self.assertIn("<> 'owner'", look)

    def test_exchange_is_one_transaction(self):
        script = sql.put_in_place("copy", "live", "old")
        self.assertEqual(script.count("BEGIN;"), 1)
        self.assertTrue(script.endswith("COMMIT;\n"))
        self.assertLess(
            script.index('"live" RENAME TO "old"'),
            script.index('"copy" RENAME TO "live"'),
        )

    def test_reason_is_the_first_error(self):
        output = (
            "NOTICE:  nothing\n"
            'psql:<stdin>:3: ERROR:  database "x" does not exist\n'
            "psql:<stdin>:4: ERROR:  another\n"
        )
        self.assertEqual(reason(output), 'database "x" does not exist')
        self.assertEqual(reason(""), "it printed nothing")
        self.assertEqual(reason("OCI runtime exec failed\n"), "OCI runtime exec failed")
