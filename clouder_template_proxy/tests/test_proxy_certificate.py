import datetime
from unittest import mock

from odoo.tests import tagged

from odoo.addons.clouder.lib.http import HttpFailed

from ..lib import chain
from ..lib.certificate import self_signed
from .common import ProxyCase, issued

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
WILDCARD = ("example.com", "*.example.com")


def pair(name):
    """Return a certificate and its key, PEM text."""
    key, mark, rest = self_signed(name, NOW).partition("-----BEGIN CERTIFICATE-----")
    return mark + rest, key


def lasting(*names, days=90):
    """Return the values of a certificate for ``names`` that ends in some days."""
    key, certificate = issued(names, days=days)
    return {"cert_cert": certificate, "cert_key": key}


@tagged("post_install", "-at_install")
class TestProxyCertificate(ProxyCase):
    """Whose certificate is served, and whether it really is."""

    def shown(self, certificate):
        """Have the proxy show ``certificate`` (PEM), or nothing."""

        def look(service, port, host, timeout=10):
            self.assertEqual(port, "https")
            if certificate is None:
                raise HttpFailed("Nobody answers.")
            return chain.der(certificate)

        return look

    def test_where_it_comes_from(self):
        base = self.make_base("shop")
        self.assertFalse(base.cert_origin)
        certificate, key = pair("shop.example.com")
        base.cert_cert = certificate
        self.assertFalse(base.cert_origin, "half of it is none")
        base.cert_key = key
        self.assertEqual(base.cert_origin, "uploaded")
        self.assertEqual(base.cert_expires_at, datetime.datetime(2035, 12, 30))
        base.write({"cert_cert": False, "cert_key": False})
        self.assertFalse(base.cert_origin or base.cert_expires_at)
        base._store_certificate(key, certificate)
        self.assertEqual(base.cert_origin, "acme")
        copied = self.make_base("other", cert_cert=certificate, cert_key=key)
        self.assertEqual(copied.cert_origin, "uploaded")

    def test_one_is_replaced_by_another(self):
        base = self.make_base("shop")
        for _time in range(2):
            certificate, key = pair("shop.example.com")
            self.env.flush_all()
            self.env.invalidate_all()
            base.write({"cert_cert": certificate, "cert_key": key})
            self.assertEqual(base._certificate_pem(), key + certificate)

    def test_an_issued_one_leaves_nothing_to_apply(self):
        base = self.make_base("shop")
        base.write({"state": "running", "deployed_at": "2026-01-01", "to_apply": False})
        certificate, key = pair("shop.example.com")
        base._store_certificate(key, certificate)
        self.assertFalse(base.to_apply)
        base.write({"cert_cert": False, "cert_key": False})
        self.assertTrue(base.to_apply)

    def test_the_order_of_certificates(self):
        base = self.make_base("shop")
        default = chain.der(base._certificate_expected(self.proxy))
        wildcard, key = pair("example.com")
        self.domain.write({"cert_cert": wildcard, "cert_key": key})
        self.assertEqual(base._certificate_expected(self.proxy), wildcard)
        own, key = pair("shop.example.com")
        base.write({"cert_cert": own, "cert_key": key})
        self.assertEqual(base._certificate_expected(self.proxy), own)
        self.assertNotIn(default, (chain.der(own), chain.der(wildcard)))

    def test_an_expired_one_of_its_own_does_not_stand_before_a_wildcard(self):
        base = self.make_base("shop", **lasting("shop.example.com", days=-1))
        with self.nginx() as nginx:
            self.deploy(base)
            self.assertIn("server_name shop.example.com;", nginx.names())
            own = base.cert_cert
            self.assertEqual(base._certificate_expected(self.proxy), own)
            for values, wins in (
                (lasting(*WILDCARD, days=-1), own),
                (lasting("example.com"), own),
                (lasting(*WILDCARD), None),
            ):
                self.domain.write(values)
                expected = base._certificate_expected(self.proxy)
                self.assertEqual(expected, wins or self.domain.cert_cert)
            self.deploy(base)
            self.assertNotIn("server_name shop.example.com;", nginx.names())
            self.assertIn("server_name example.com *.example.com;", nginx.names())
            base.write(lasting("shop.example.com"))
            self.deploy(base)
            self.assertIn("server_name shop.example.com;", nginx.names())

    def test_it_is_replaced_by_itself_when_it_expires(self):
        base = self.make_base("shop", **lasting("shop.example.com"))
        self.domain.write(lasting(*WILDCARD))
        with self.nginx() as nginx:
            self.deploy(base)
            base.state = "running"
            nginx.runner.tls_certificate = self.shown(base.cert_cert)
            base._check_served()
            base._certificate_looked_at()
            self.assertFalse(base._busy_jobs())
            base.cert_expires_at = "2020-01-01"
            base._check_served()
            limit = "clouder.job_queue_limit"
            self.env["ir.config_parameter"].set_param(limit, 0)
            base._certificate_looked_at()
            self.assertFalse(
                base._busy_jobs(), "a full queue: when it is looked at next"
            )
            self.env["ir.config_parameter"].set_param(limit, 1000)
            base._certificate_looked_at()
            job = base._busy_jobs()
            self.assertEqual(job.action, "publish")
            self.assertEqual(job.step_ids.mapped("hook"), ["base_publish"])
            base._certificate_looked_at()
            self.assertEqual(base._busy_jobs(), job)
            base._run_hook("base_publish")
            self.assertNotIn("server_name shop.example.com;", nginx.names())
        job._end("failed", "Something odd.")
        self.assertEqual((base.state, base.error), ("running", False))

    def test_the_wildcard_s_key_stays_with_its_owner(self):
        """Others choose their proxies themselves, and could look into them."""
        self.domain.write({"public": True, **lasting(*WILDCARD)})
        customer = self.env["res.partner"].create({"name": "Customer"})
        theirs = self.env["clouder.environment"].create(
            {"name": "Theirs", "prefix": "theirs", "partner_id": customer.id}
        )
        application = self.proxy.application_id
        proxy = self.make_service(application, "proxy", theirs)
        base = self.make_base("shop", environment_id=theirs.id)
        base.link_ids.filtered(lambda one: one.target == self.proxy).target = proxy
        wildcard, default = self.domain.cert_cert, proxy._option("default_certificate")
        with self.nginx() as nginx:
            self.deploy(base)
            self.assertFalse(proxy._certificate_blocks())
            key = self.domain._secret("cert_key").encode()
            self.assertFalse(
                [one for one in nginx.files.values() if key in one.content]
            )
        self.assertIn(base._certificate_expected(proxy), default)
        base.state = "running"
        self.assertFalse(self.domain._certificate_places())
        for change in (
            lambda: proxy.write({"public": True}),
            lambda: theirs.write({"partner_id": self.domain.partner_id.id}),
        ):
            with self.subTest(), self.cr.savepoint() as point:
                change()
                self.assertEqual(base._certificate_expected(proxy), wildcard)
                self.assertEqual(len(proxy._certificate_blocks()), 1)
                self.node.partner_id = customer
                self.assertFalse(proxy._certificate_blocks())
                self.node.partner_id = self.env.ref("base.partner_admin")
                self.assertEqual(len(proxy._certificate_blocks()), 1)
                point.rollback()
            self.env.invalidate_all()

    def test_what_nobody_renews_is_a_problem(self):
        def found():
            self.env.flush_all()
            problems = self.env["clouder.problem"].search(
                [("kind", "=", "certificate")]
            )
            self.assertEqual(problems.exists(), problems)
            return {(one.res_model, one.name) for one in problems}

        base = self.make_base("shop", **lasting("shop.example.com", days=10))
        self.assertFalse(found(), "it is not deployed")
        base.state = "running"
        self.domain.write(lasting(*WILDCARD, days=3))
        both = {
            ("clouder.base", "shop.example.com"),
            ("clouder.domain", "example.com"),
        }
        self.assertEqual(found(), both)
        problem = self.env["clouder.problem"].search(
            [("name", "=", "shop.example.com")]
        )
        self.assertIn(str(base.cert_expires_at.date()), problem.error)
        self.assertEqual(problem.environment_id, self.environment)
        self.assertEqual(problem.action_open_record()["res_id"], base.id)
        base.write(lasting("shop.example.com", days=20))
        self.assertEqual(found(), both - {("clouder.base", "shop.example.com")})

    def test_what_is_really_shown(self):
        certificate, key = pair("shop.example.com")
        with self.nginx() as nginx:
            base = self.make_base("shop", cert_cert=certificate, cert_key=key)
            self.deploy(base)
            for shown, seen, state in (
                (certificate, "same", "deploying"),
                (pair("other.example.com")[0], "other", "broken"),
                (certificate, "same", "working"),
                (None, "unreachable", "broken"),
            ):
                nginx.runner.tls_certificate = self.shown(shown)
                fault = base._check_served()
                with self.subTest(seen=seen):
                    self.assertEqual(bool(fault), seen != "same")
                    self.assertEqual(base.cert_served, seen)
                    self.assertEqual(base.link_ids.state, state)

    def test_a_dead_proxy_is_asked_once(self):
        asked, left = [], []
        cron = type(self.env["ir.cron"])

        def look(service, port, host, timeout=10):
            asked.append(service)
            raise HttpFailed("Nobody answers.")

        def progress(_self, processed=0, *, remaining=None):
            left.append(remaining)
            return 1

        with (
            self.nginx() as nginx,
            mock.patch.object(cron, "_commit_progress", progress),
        ):
            bases = self.env["clouder.base"]
            for name in ("one", "two", "three"):
                certificate, key = pair(f"{name}.example.com")
                bases += self.make_base(name, cert_cert=certificate, cert_key=key)
            for base in bases:
                self.deploy(base)
            bases.state = "running"
            nginx.runner.tls_certificate = look
            bases._cron_served()
            self.assertEqual(asked, [self.proxy])
            self.assertEqual(set(bases.mapped("cert_served")), {"unreachable"})
            self.assertEqual(set(bases.link_ids.mapped("state")), {"broken"})
            bases._cron_served()
            self.assertEqual(asked, [self.proxy], "not again within the hour")
        self.assertEqual([one for one in left if one is not None], [3, 0])

    def test_a_wildcard_is_looked_at_through_one_of_its_bases(self):
        wildcard, key = pair("example.com")
        self.domain.write({"cert_cert": wildcard, "cert_key": key})
        with self.nginx() as nginx:
            for name in ("one", "two"):
                base = self.make_base(name)
                self.deploy(base)
                base.state = "running"
            nginx.runner.tls_certificate = self.shown(wildcard)
            [(link, _host, expected)] = self.domain._certificate_places()
            self.assertEqual((link.target, expected), (self.proxy, wildcard))
            self.assertFalse(self.domain._check_served())
        self.assertEqual(self.domain.cert_served, "same")

    def test_which_names_it_is_for(self):
        certificate, _key = pair("*.example.com")
        self.assertTrue(chain.covers(certificate, ["shop.example.com"]))
        for name in ("example.com", "a.b.example.com", "shop.example.org"):
            self.assertFalse(chain.covers(certificate, [name]))
        self.assertFalse(chain.covers("", ["example.com"]))
