"""The programs in the README do what the README says, over both doors."""

import ast
import os
import pathlib
import re
import subprocess
import sys

import pytest

from ..client import Browser, api_key

README = pathlib.Path(__file__).parents[3] / "README.md"
PROGRAMS = dict(
    re.findall(r"```python\n# (examples/\w+\.py)\n(.*?)```", README.read_text(), re.S)
)


@pytest.fixture(scope="module")
def surroundings(infra):
    api = infra.api
    return {
        **os.environ,
        "CLOUDER_URL": api.url,
        "CLOUDER_DB": api.db,
        "CLOUDER_LOGIN": api.login,
        "CLOUDER_PASSWORD": api.password,
        "CLOUDER_KEY": api_key(api),
        "CLOUDER_DOMAIN": api.read("clouder.domain", infra.domain, "name"),
        "CLOUDER_PREFIX": api.read("clouder.environment", infra.environment, "prefix"),
        "CLOUDER_SERVICE": api.read("clouder.service", infra.odoo, "name"),
    }


def test_both_programs_are_there():
    assert sorted(PROGRAMS) == ["examples/json2_base.py", "examples/xmlrpc_base.py"]


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_program_makes_a_base(name, tmp_path, surroundings):
    program = tmp_path / pathlib.Path(name).name
    program.write_text(PROGRAMS[name])
    ordered = program.stem.replace("_", "-")
    ran = subprocess.run(
        [sys.executable, str(program)],
        env={**surroundings, "CLOUDER_NAME": ordered},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    made = ast.literal_eval(ran.stdout.strip().splitlines()[-1])
    assert made["url"].startswith(f"http://{ordered}.")
    host = f"{ordered}.{surroundings['CLOUDER_DOMAIN']}"
    browser = Browser(host)
    assert browser.login(made["admin_name"], made["admin_password"])
    partner = browser.call("res.partner", "create", [{"name": "From a script"}])
    assert browser.call("res.partner", "read", partner, ["name"])[0]["name"]
