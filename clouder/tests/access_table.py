"""Every role, every model, every right: the table that the tests of access walk."""

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
ROLES = ("user", "deployer", "application_manager", "administrator")
KINDS = ("own", "foreign", "public")

# What the roles, in their order, may do with own / foreign / public records.
CATALOGUE = ("r/-/r", "r/-/r", "rwcd/-/r", "rwcd/rwcd/rwcd")
HOSTED = ("r/-/r", "rwcd/-/r", "rwcd/-/r", "rwcd/rwcd/rwcd")
PRIVATE = ("r/-/-", "rwcd/-/-", "rwcd/-/-", "rwcd/rwcd/rwcd")
OBSERVED = ("r/-/-", "r/-/-", "r/-/-", "r/r/r")
SHARED = ("r/r/r", "r/r/r", "r/r/r", "rwcd/rwcd/rwcd")
TABLE = {
    "clouder.application.type": ("r/r/r", "r/r/r", "r/r/r", "rw/rw/rw"),
    "clouder.application.type.option": SHARED,
    "clouder.application.tag": SHARED,
    "clouder.application.template": SHARED,
    "clouder.application": CATALOGUE,
    "clouder.application.option": CATALOGUE,
    "clouder.application.link": CATALOGUE,
    "clouder.image": CATALOGUE,
    "clouder.image.port": CATALOGUE,
    "clouder.image.volume": CATALOGUE,
    "clouder.image.version": CATALOGUE,
    "clouder.image.placement": ("r/-/r", "r/-/r", "r/-/r", "r/r/r"),
    "clouder.domain": CATALOGUE,
    "clouder.provider": ("-/-/-", "r/r/r", "r/r/r", "rwcd/rwcd/rwcd"),
    "clouder.environment": ("r/-/-", "rwc/-/-", "rwc/-/-", "rwcd/rwcd/rwcd"),
    "clouder.node": ("r/-/r", "r/-/r", "r/-/r", "rwcd/rwcd/rwcd"),
    "clouder.service": HOSTED,
    "clouder.service.option": PRIVATE,
    "clouder.service.link": HOSTED,
    "clouder.service.port": HOSTED,
    "clouder.service.volume": HOSTED,
    "clouder.container": OBSERVED,
    "clouder.base": HOSTED,
    "clouder.base.option": PRIVATE,
    "clouder.base.link": PRIVATE,
    "clouder.base.alias": PRIVATE,
    "clouder.backup": OBSERVED,
    "clouder.backup.repository": OBSERVED,
    "clouder.job": OBSERVED,
    "clouder.job.step": OBSERVED,
    "clouder.job.line": OBSERVED,
    "clouder.problem": OBSERVED,
    "clouder.webhook": ("-/-/-", "rwcd/-/-", "rwcd/-/-", "rwcd/rwcd/rwcd"),
    "clouder.webhook.delivery": ("-/-/-", "r/-/-", "r/-/-", "r/r/r"),
}
# People without a role: what they may do with own / foreign / public records, where that
# is anything at all. An addon that gives them something says so by an entry of its own.
OUTSIDERS = {
    "base.group_user": {},
    "base.group_portal": {},
    "base.group_public": {},
}
NOTHING = "-/-/-"
