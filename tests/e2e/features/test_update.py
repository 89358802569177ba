"""New program files reach the bases whose code changed, and only those."""

from ..conftest import deploy
from .test_odoo import admin_of

MANIFEST = (
    "{'name': 'Greeting', 'version': '19.0.%s', 'license': 'LGPL-3', 'data': ['d.xml']}"
)
DATA = (
    "<odoo><record id='p' model='res.partner'><field name='name'>%s</field>"
    "</record></odoo>"
)
FOLDER = "/opt/odoo/addons/e2e_greeting"


def recipe(base, version, greeting):
    """Return the Dockerfile of program files with the addon in one version."""
    lines = [
        base.rstrip(),
        f"RUN mkdir -p {FOLDER} && : > {FOLDER}/__init__.py",
        f'RUN echo "{MANIFEST % version}" > {FOLDER}/__manifest__.py',
        f'RUN echo "{DATA % greeting}" > {FOLDER}/d.xml',
    ]
    return "\n".join(lines)


def update_files(infra, files, image, text):
    """Update the Files sub-service to a new recipe, and wait for it."""
    infra.api("clouder.image", "write", [image], {"dockerfile": text})
    status = infra.api.follow(infra.api("clouder.service", "upgrade", [files]))
    assert status["state"] == "done", infra.api.story(status)


def test_new_files_update_the_bases_that_use_them(infra, engine):
    api = infra.api
    files = api.find(
        "clouder.service",
        ("parent_id", "=", infra.odoo),
        ("application_id.code", "=", "odoo-files"),
    )
    image = api.read("clouder.service", files, "image_id")[0]
    # What the driver writes when the record has no recipe of its own.
    body = "RUN mkdir -p /opt/odoo/addons"
    before = engine.containers.get(container(infra)).id
    update_files(infra, files, image, recipe(body, "1.0", "Hello"))
    assert engine.containers.get(container(infra)).id != before

    type_id = api.read("clouder.service", infra.odoo, "type_id")[0]
    option = api.find(
        "clouder.application.type.option",
        ("type_id", "=", type_id),
        ("name", "=", "install_modules"),
    )
    greeting = infra.running_base(
        "greeting", option_ids=[(0, 0, {"name": option, "value": "e2e_greeting"})]
    )
    plain = infra.running_base("plain")
    browser = admin_of(infra, greeting)
    assert browser.call("res.partner", "search_count", [["name", "=", "Hello"]]) == 1

    update_files(infra, files, image, recipe(body, "2.0", "Good day"))
    for base in (greeting, plain):
        api.settle("clouder.base", base)
    browser = admin_of(infra, greeting)
    assert browser.call("res.partner", "search_count", [["name", "=", "Good day"]]) == 1
    updated = [
        line["text"]
        for line in api("clouder.job", "log", [api.last_job("clouder.base", plain)])
    ]
    assert not any("e2e_greeting" in text for text in updated)

    deploy(api, infra.odoo)


def container(infra):
    """Return the name of the container that runs the tested Odoo."""
    name = infra.api.read("clouder.service", infra.odoo, "name")
    return f"{name}-odoo-exec"
