"""One record of each model, never deployed, on which a test may write anything."""

import secrets

MODELS = (
    "clouder.application",
    "clouder.application.duplicate",
    "clouder.application.option",
    "clouder.application.tag",
    "clouder.application.template",
    "clouder.application.type",
    "clouder.application.type.option",
    "clouder.base",
    "clouder.base.alias",
    "clouder.base.option",
    "clouder.domain",
    "clouder.environment",
    "clouder.image",
    "clouder.image.port",
    "clouder.image.version",
    "clouder.image.volume",
    "clouder.node",
    "clouder.provider",
    "clouder.service",
    "clouder.service.option",
    "clouder.service.port",
    "clouder.service.volume",
    "clouder.webhook",
)


def specimens(infra):
    """Make the records.

    :return: dict of model name to id
    """
    api, token = infra.api, f"h{secrets.token_hex(3)}"
    made = {**_catalogue(api, token), **_places(api, token)}
    made |= _hosted(infra, made, token)
    return made


def _catalogue(api, token):
    kind = api.find("clouder.application.type", ("name", "=", "postgres"))
    made = {"clouder.application.type": kind}

    def make(name, values):
        made[f"clouder.{name}"] = api.create(f"clouder.{name}", values)
        return made[f"clouder.{name}"]

    make("application.tag", {"name": token, "code": token})
    make("application.template", {"name": token})
    option = make("application.type.option", {
        "type_id": kind, "name": f"o{token}", "type": "application",
    })  # fmt: skip
    image = make("image", {
        "name": token, "type_id": kind, "parent_from": "debian:bookworm-slim",
    })  # fmt: skip
    make("image.port", {"image_id": image, "name": "p", "local_port": 99})
    make("image.volume", {"image_id": image, "name": "v", "localpath": "/srv/v"})
    make("image.version", {"image_id": image, "name": "1"})
    application = make("application", {"name": token, "code": token, "type_id": kind})
    make("application.option", {
        "application_id": application, "name": option, "value": "x",
    })  # fmt: skip
    make("application.duplicate", {
        "application_id": application, "name": token, "code": f"{token}-copy",
    })  # fmt: skip
    return made


def _places(api, token):
    partner = api.create("res.partner", {"name": token})
    values = {
        "environment": {"name": token, "prefix": token, "partner_id": partner},
        "node": {"name": token, "public_ip": "192.0.2.7"},
        "provider": {"name": token, "kind": "dns"},
        "domain": {"name": f"{token}.example", "organisation": token},
    }
    made = {
        f"clouder.{name}": api.create(f"clouder.{name}", given)
        for name, given in values.items()
    }
    made["clouder.webhook"] = api.create("clouder.webhook", {
        "name": token, "url": "https://hooks.example/x",
        "environment_id": made["clouder.environment"],
    })  # fmt: skip
    return made


def _hosted(infra, made, token):
    api = infra.api
    tree = {"environment_id": infra.environment, "node_id": infra.node}

    def draft(code):
        application = api.find("clouder.application", ("code", "=", code))
        return api.create(
            "clouder.service",
            {**tree, "application_id": application, "suffix": f"{code}-{token}"},
            clouder_no_deploy=True,
        )

    service, odoo = draft("postgres"), draft("odoo")
    base = api.create(
        "clouder.base",
        infra.base_values(token, service_id=odoo),
        clouder_no_deploy=True,
    )
    api.create("clouder.service.port", {
        "service_id": service, "name": "p", "local_port": 99,
    })  # fmt: skip
    alias = api.create("clouder.base.alias", {
        "base_id": base, "name": f"www.{token}.test",
    })  # fmt: skip
    lines = {
        "clouder.service": service,
        "clouder.base": base,
        "clouder.base.alias": alias,
    }
    for name, domain in {
        "service.option": ("service_id", "=", service),
        "service.port": ("service_id", "=", service),
        "service.volume": ("service_id", "=", service),
        "base.option": ("base_id", "=", base),
    }.items():
        lines[f"clouder.{name}"] = api.find(f"clouder.{name}", domain)
    return lines
