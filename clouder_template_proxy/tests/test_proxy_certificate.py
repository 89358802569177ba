import datetime
from unittest import mock

from odoo.tests import tagged

from odoo.addons.clouder.lib.http import HttpFailed

from ..lib import chain
from ..lib.certificate import self_signed
from .common import ProxyCase

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def pair(name):
    """Return a certificate and its key, PEM text."""
    key, mark, rest = self_signed(name, NOW).partition("-----BEGIN CERTIFICATE-----")
    return mark + rest, key


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
