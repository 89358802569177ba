"""What README.md says of the repository is so."""

import re
from pathlib import Path

from devtool import odoo_conf
from devtool.commands import outcome
from devtool.settings import INSTANCES

REPO = Path(__file__).parents[2]
README = (REPO / "README.md").read_text()


def test_it_shows_what_up_prints() -> None:
    demo = INSTANCES["demo"]
    base = {
        "url": f"http://hello.demo.localhost:{demo.proxy_http}",
        "secure_url": f"https://hello.demo.localhost:{demo.proxy_https}",
        "authority": "/var/lib/clouder/demo/authority.pem",
        "login": "admin",
        "password": "…",
    }
    lines = outcome(f"http://127.0.0.1:{demo.http_port}", "…", base)
    assert "\n".join(f"    {line}" for line in lines) + "\n\n" in README


def test_the_sections_that_others_name_are_there() -> None:
    sections = set(re.findall(r"^## (.+)$", README, re.MULTILINE))
    for name in ("setup.py", "requirements.txt"):
        named = re.findall(r'"(\w+)" in README\.md', (REPO / name).read_text())
        assert named
        assert set(named) <= sections


def test_the_configuration_is_the_one_that_dev_writes() -> None:
    [channels] = re.findall(r"^    channels = (\S+)$", README, re.MULTILINE)
    assert channels == odoo_conf.CHANNELS


def test_webhooks_cannot_hold_all_workers() -> None:
    code = (REPO / "clouder/models/webhook_delivery.py").read_text()
    [channel] = re.findall(r'^CHANNEL = "(\S+)"$', code, re.MULTILINE)
    limits = dict(part.split(":") for part in odoo_conf.CHANNELS.split(","))
    assert 0 < int(limits[channel]) < int(limits["root"])
