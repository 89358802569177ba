"""The program in the README is the one in examples/, and does what the README says."""

import os
import pathlib
import re
import subprocess
import sys

from ..client import api_key

REPO = pathlib.Path(__file__).parents[3]
PROGRAMS = dict(
    re.findall(
        r"```python\n# (examples/\w+\.py)\n(.*?)```",
        (REPO / "README.md").read_text(),
        re.S,
    )
)


def test_it_shows_a_program():
    assert list(PROGRAMS) == ["examples/shortest.py"]
    for path, text in PROGRAMS.items():
        assert (REPO / path).read_text() == text


def test_the_shortest_program(infra):
    base = infra.running_base()
    ran = subprocess.run(
        [sys.executable, str(REPO / "examples/shortest.py")],
        env={
            **os.environ,
            "CLOUDER_URL": infra.api.url,
            "CLOUDER_DB": infra.api.db,
            "CLOUDER_KEY": api_key(infra.api),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{infra.api.read('clouder.base', base, 'url')} running" in ran.stdout
