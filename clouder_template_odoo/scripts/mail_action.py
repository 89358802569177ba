# What the mail server asks: whether an address exists, or to take a message.
asked = env.context.get("clouder_mail") or {}
if asked.get("message"):
    # Only what has no route is refused for good. Any other error goes up: Odoo takes all
    # back, and the mail server tries again. The code of an action knows neither `with`
    # nor the names of exceptions.
    savepoint = env.cr.savepoint()
    try:
        env["mail.thread"].with_user(1).message_process(
            None, b64decode(asked["message"])
        )
        action = {"delivered": True}
    except Exception as error:
        savepoint.close(rollback=True)
        if not str(error).startswith("No possible route found"):
            raise
        action = {"refused": "Nobody here takes this message"}
    else:
        savepoint.close(rollback=False)
else:
    local, at, domain = (asked.get("recipient") or "").lower().rpartition("@")
    # sudo: in the customer's database: the account that takes mail has no rights
    aliases = env["mail.alias"].sudo()
    known = aliases.search_count(
        [
            ("alias_name", "=", local),
            "|",
            ("alias_domain_id.name", "=", domain),
            ("alias_incoming_local", "=", True),
        ],
        limit=1,
    )
    # sudo: in the customer's database: the account that takes mail has no rights
    for one in env["mail.alias.domain"].sudo().search([("name", "=", domain)]):
        if local in (one.catchall_alias, one.bounce_alias, one.default_from):
            known = True
        if local.startswith(one.bounce_alias + "+"):
            known = True
    action = {"known": bool(local and known)}
