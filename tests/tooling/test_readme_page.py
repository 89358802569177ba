"""What README.md says of the repository is so."""

import configparser
import re
import textwrap
from pathlib import Path

from clouder_lib.limits import STEP_S

from devtool import odoo_conf, settings
from devtool.commands import outcome
from devtool.settings import INSTANCES, Postgres

REPO = Path(__file__).parents[2]
README = (REPO / "README.md").read_text()
# What each machine has in another place.
PLACES = {("clouder", "secret_key_file")}


def test_it_shows_what_up_prints() -> None:
    demo = INSTANCES["demo"]
    base = {
        "url": f"http://hello.demo.localhost:{demo.proxy_http}",
        "secure_url": f"https://hello.demo.localhost:{demo.proxy_https}",
        "authority": "/var/lib/clouder/demo/authority.pem",
        "login": "admin",
        "password": "…",
        "order": f"http://127.0.0.1:{demo.http_port}/instances",
    }
    lines = outcome(f"http://127.0.0.1:{demo.http_port}", "…", base)
    assert "\n".join(f"    {line}" for line in lines) + "\n\n" in README


def test_the_sections_that_others_name_are_there() -> None:
    sections = set(re.findall(r"^## (.+)$", README, re.MULTILINE))
    for name in ("setup.py", "requirements.txt"):
        named = re.findall(r'"(\w+)" in README\.md', (REPO / name).read_text())
        assert named
        assert set(named) <= sections


def parsed(text: str) -> dict[tuple[str, str], str]:
    """Return a configuration by section and option."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {
        (section, option): value
        for section in parser.sections()
        for option, value in parser.items(section)
    }


def test_the_configuration_is_the_one_that_dev_writes(tmp_path: Path) -> None:
    [block] = re.findall(r"^    \[options\]\n(?:    .+\n)+", README, re.MULTILINE)
    told = parsed(textwrap.dedent(block))
    environ = {"HOME": str(tmp_path), "CLOUDER_STATE": str(tmp_path)}
    chosen, demo = settings.load(environ), INSTANCES["demo"]
    odoo_conf.write(chosen, demo, Postgres(host="/run/pg"))
    written = parsed(odoo_conf.path(chosen, demo).read_text())
    assert set(told) >= PLACES
    same = set(told) - PLACES
    assert {one: told[one] for one in same} == {one: written.get(one) for one in same}


def test_the_configuration_leaves_a_step_its_time() -> None:
    for option in ("limit_time_real", "limit_time_cpu"):
        [seconds] = re.findall(rf"^    {option} = (\d+)$", README, re.MULTILINE)
        assert int(seconds) >= STEP_S


def test_webhooks_cannot_hold_all_workers() -> None:
    code = (REPO / "clouder/models/webhook_delivery.py").read_text()
    [channel] = re.findall(r'^CHANNEL = "(\S+)"$', code, re.MULTILINE)
    limits = dict(part.split(":") for part in odoo_conf.CHANNELS.split(","))
    assert 0 < int(limits[channel]) < int(limits["root"])


def test_each_library_of_ours_has_its_reason() -> None:
    """And what is called unused is imported nowhere."""
    [reasons] = re.findall(r"^Libraries, and why: (.+?)\n\n", README, re.M | re.S)
    text = (REPO / "requirements.txt").read_text()
    own = text.partition("# --- Clouder's own\n")[2].partition("\n# ---")[0]
    pinned = re.findall(r"^([\w-]+)==", own, re.M)
    assert pinned
    assert [name for name in pinned if f"`{name}`" not in reasons] == []
    unused = re.findall(r"`([\w-]+)`", reasons.partition("not used")[2])
    modules = [name.rpartition("-")[2] for name in unused]
    assert set(unused) <= set(pinned)
    imports = re.compile(rf"^\s*(?:import|from) (?:{'|'.join(modules)})\b", re.M)
    addons = [path.parent for path in REPO.glob("*/__manifest__.py")]
    files = [path for addon in addons for path in addon.rglob("*.py")]
    assert [path for path in files if imports.search(path.read_text())] == []


def test_the_seconds_of_a_base_are_those_of_the_bench() -> None:
    results = (REPO / "bench/RESULTS.md").read_text()
    section = results.partition("## A base from its template to HTTP 200")[2]
    [median] = re.findall(r"\| Clouder \| ([\d.]+) s \|", section.partition("\n## ")[0])
    [told] = re.findall(r"took ([\d.]+) seconds\s+in the median", README)
    assert told == median


def test_the_website_tab_has_what_the_steps_name() -> None:
    [step] = re.findall(r"^\d\. \*Website\* (.+?)^\d\. ", README, re.M | re.S)
    addon = REPO / "clouder_website"
    tab = (addon / "views/clouder_application_views.xml").read_text()
    code = (addon / "models/application_web.py").read_text()
    assert '<page string="Website"' in tab
    labels = set(re.findall(r"\*([A-Z][^*]+)\*", step)) - {"Public"}
    assert len(labels) == 6
    assert [label for label in labels if f'"{label}"' not in code] == []


def test_nothing_that_is_there_is_called_missing() -> None:
    """Where it says what there is not, no addon that there is may be named."""
    [limits] = re.findall(r"^## Limits, said openly\n(.+?)\n## ", README, re.M | re.S)
    missing = " ".join(re.findall(r"^\* ([^.]*not there yet)", limits, re.M)).lower()
    there = {"bind": "dns", "postfix": "mail", "acme": "certificate"}
    for addon, word in there.items():
        assert (REPO / f"clouder_template_{addon}").is_dir()
        assert word not in missing
