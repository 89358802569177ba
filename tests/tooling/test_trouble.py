"""An installation of our addons must be silent; Odoo's own warnings are not ours."""

import pytest

from devtool.database import root_cause, trouble

STAMP = "2026-01-01 00:00:00,000 1"


@pytest.mark.parametrize(
    "line",
    [
        "WARNING db odoo.addons.clouder.models.node: the node is strange",
        "ERROR db odoo.addons.test_clouder.tests.x: no",
        "WARNING db odoo.modules.loading: The models ['clouder.x'] have no access rules",
        "WARNING db py.warnings: /srv/clouder/clouder/models/a.py:3: DeprecationWarning: b",
        "WARNING db py.warnings: /x/dist-packages/odoo/orm/registry.py:5: UserWarning: "
        "clouder.base: inconsistent 'precompute'",
    ],
)
def test_ours(line):
    assert trouble(f"{STAMP} {line}\n") == [f"{STAMP} {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "INFO clouder odoo.addons.clouder.models.node: all is well",
        "WARNING clouder odoo.addons.mail.models.mail: something of Odoo's",
        "WARNING clouder py.warnings: /root/.cache/clouder/odoo-19/usr/lib/python3/"
        "dist-packages/odoo/x.py:1: DeprecationWarning: y",
        "WARNING ? odoo.tools.config: unknown option 'clouder_secret_key_file' in the "
        "config file at /var/lib/clouder/demo/odoo.conf, option stored as-is",
    ],
)
def test_not_ours(line):
    assert trouble(f"{STAMP} {line}\n") == []


def test_root_cause_is_what_the_last_failure_began_with():
    output = (
        "Traceback (most recent call last):\nodoo.exceptions.UserError: told before\n"
        "2026-01-01 ERROR db odoo.registry: Failed to load registry \n"
        "Traceback (most recent call last):\n  File ...\n"
        "clouder.lib.errors.SecretKeyError: The key is missing.\n\nThe above exception "
        "was the direct cause of the following exception:\n"
        "odoo.tools.convert.ParseError: while parsing\n"
    )
    assert root_cause(output) == "The key is missing."


def test_no_traceback_has_no_cause():
    assert root_cause("INFO: all is well") == ""
