"""What the fields of Clouder 0.10 and older are called now."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__, default_lang="en_US")

_LINK = {"name": "tag_id", "deployed": "state"}

# Fields that have another name now and take the same values.
RENAMED = {
    "clouder.application": {
        "auto_update": "update_strategy",
        "next_container_id": "next_service_id",
        "next_server_id": "next_node_id",
    },
    "clouder.application.link": {"container": "service", "name": "tag_id"},
    "clouder.application.type.option": {"application_type_id": "type_id"},
    "clouder.base": {"container_id": "service_id", "metadata_ids": "option_ids"},
    "clouder.base.link": {"container_id": "target", **_LINK},
    "clouder.node": {"environment_id": "environment_ids", "ip": "public_ip"},
    "clouder.service": {"metadata_ids": "option_ids", "server_id": "node_id"},
    "clouder.service.link": {"container_id": "target", **_LINK},
    "clouder.service.port": {"use_hostport": "hostport"},
}

# Fields that say the opposite of what they said under another name.
REVERSED = {
    "clouder.application": {"container": "dummy"},
    "clouder.base": {"nosave": "auto_backup"},
    "clouder.service": {"nosave": "auto_backup"},
}

_BY_ENGINE = _lt("give the address of the node's Docker Engine in engine_url")
_BY_NAME = _lt("volumes are named ones of the node's engine")
_BY_ENVIRONMENT = _lt("who may use it stands in its environment, in user_ids")
_ONE_BY_ONE = _lt("create each base for itself")

# Fields that nothing has taken the place of, and what to do instead.
GONE = {
    "clouder.base": {
        "child_ids": _ONE_BY_ONE,
        "dh_param": _lt("the proxy needs none"),
        "parent_id": _ONE_BY_ONE,
        "partner_id": _BY_ENVIRONMENT,
        "partner_ids": _BY_ENVIRONMENT,
    },
    "clouder.image": {
        "current_version": _lt("it stands on the application"),
        "privileged": _lt("no container is privileged"),
    },
    "clouder.image.volume": {"hostpath": _BY_NAME},
    "clouder.node": {
        "domain_id": _lt("write the whole host name in name"),
        "login": _BY_ENGINE,
        "private_key": _BY_ENGINE,
        "public_key": _BY_ENGINE,
        "ssh_port": _BY_ENGINE,
    },
    "clouder.service": {
        "container": _lt("its application says so, in dummy"),
        "partner_id": _BY_ENVIRONMENT,
        "partner_ids": _BY_ENVIRONMENT,
        "scale": _lt("a service has one container"),
        "volumes_from_ids": _lt("its image says so, in volumes_from"),
    },
    "clouder.service.volume": {"hostpath": _BY_NAME, "volume_id": _BY_NAME},
}
