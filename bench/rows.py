"""Many bases in the database of the control plane, without deploying them."""

NAME = "bulk-"
BASES = f"SELECT id FROM clouder_base WHERE name LIKE '{NAME}%%'"
# What one base brings with it, and by which column it hangs on the base.
LINES = (
    ("clouder_base_option", "base_id", ""),
    ("clouder_base_link", "base_id", ""),
    ("clouder_job", "res_id", "AND copied.res_model = 'clouder.base'"),
    ("mail_message", "res_id", "AND copied.model = 'clouder.base'"),
)


def have(world, model_base, count):
    """Have ``count`` bases in the rows: copies of a real one, its route included."""
    forget(world)
    host = "substr(number.name, 1) || '.' || domain.name"
    source = (
        f"clouder_base copied JOIN clouder_domain domain ON domain.id = copied.domain_id, "
        f"(SELECT '{NAME}' || n AS name FROM generate_series(1, {int(count)}) n) number"
    )
    _copy(
        world,
        "clouder_base",
        {"name": "number.name", "fulldomain": host, "title": "initcap(number.name)"},
        source,
        f"copied.id = {int(model_base)}",
    )
    for table, column, more in LINES:
        changed = {column: "made.id"}
        if table == "clouder_base_link" and _has(world, table, "route_host"):
            changed["route_host"] = "made.fulldomain"
        _copy(
            world,
            table,
            changed,
            f"{table} copied, clouder_base made",
            f"copied.{column} = {int(model_base)} {more} AND made.name LIKE '{NAME}%%'",
        )
    world.sql("VACUUM ANALYZE")


def forget(world):
    """Remove them again."""
    for table, column, more in LINES:
        more = more.replace("copied.", "")
        world.sql(f"DELETE FROM {table} WHERE {column} IN ({BASES}) {more}")
    world.sql(f"DELETE FROM clouder_base WHERE id IN ({BASES})")


def _columns(world, table):
    return [
        name
        for (name,) in world.sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
            "AND attnum > 0 AND NOT attisdropped AND attname <> 'id'",
            table,
        )
    ]


def _has(world, table, column):
    return column in _columns(world, table)


def _copy(world, table, changed, source, condition):
    """Insert rows of ``table`` like the one called ``copied``, with some columns changed."""
    if table == "mail_message":
        changed = {**changed, "message_id": "gen_random_uuid()::text"}
    if table == "clouder_job":
        changed = {**changed, "queue_uuid": "NULL"}
    columns = _columns(world, table)
    values = [changed.get(name, f'copied."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    world.sql(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "
        f"FROM {source} WHERE {condition}"
    )
