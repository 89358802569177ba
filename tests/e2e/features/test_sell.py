"""An Odoo of one's own, made in the backend alone, is ordered by a known customer."""

import secrets

import pytest

from ..conftest import DOMAIN
from ..visitor import customer, enter

SUGGESTED = ()
MODULE = "contacts"


@pytest.fixture
def verticalised(infra):
    """Do what the README says, step by step; return the code of the new application."""
    api = infra.api
    code = f"odoo-{secrets.token_hex(3)}"
    model = api.find("clouder.application", ("code", "=", "odoo-crm"))
    values = {"name": f"Odoo {code}", "code": code}
    dialog = api.create(
        "clouder.application.duplicate",
        values,
        active_model="clouder.application",
        active_id=model,
    )
    action = api("clouder.application.duplicate", "action_duplicate", [dialog])
    made = action["res_id"]
    groups = "base.group_erp_manager,base.group_partner_manager"
    wanted = {"install_modules": MODULE, "poweruser_group": groups}
    for name, value in wanted.items():
        line = api.find(
            "clouder.application.option",
            ("application_id", "=", made),
            ("name.name", "=", name),
        )
        api("clouder.application.option", "write", [line], {"value": value})
    api("clouder.application", "write", [made], {"next_service_id": infra.odoo})
    assert api.read("clouder.application", made, "public"), "as the one it is made of"
    website = {"web_create_type": "base", "web_published": True}
    api("clouder.application", "write", [made], website)
    api("clouder.domain", "write", [infra.domain], {"public": True})
    yield code
    gone = {"web_published": False, "next_service_id": False}
    api("clouder.application", "write", [made], gone)
    api("clouder.domain", "write", [infra.domain], {"public": False})


def test_it_is_ordered_a_minute_later(infra, verticalised):
    visitor = customer(infra.api)
    assert visitor.page("/instances").xpath(f"//a[@href='/instances/{verticalised}']")
    name = f"sold-{secrets.token_hex(3)}"
    progress = visitor.order(
        verticalised, name=name, title="School", domain=str(infra.domain), lang="en_US"
    )
    assert "/instances/progress/" in progress, "a known customer confirms no mail"
    browser, status = enter(visitor.way_in(progress))
    assert status == 303
    assert browser.host == f"{name}.{DOMAIN}"
    base = infra.api.find("clouder.base", ("name", "=", name))
    assert visitor.page("/my/instances").xpath(f"//a[@href='/my/instances/{base}']")
    modules = infra.api.read("clouder.base", base, "fulldomain", "state")
    assert modules == {"id": base, "fulldomain": browser.host, "state": "running"}
    found = browser.call(
        "ir.module.module", "search_count",
        [["name", "=", MODULE], ["state", "=", "installed"]],
    )  # fmt: skip
    assert found == 1
