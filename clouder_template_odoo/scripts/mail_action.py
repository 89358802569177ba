# What the mail server asks: whether an address exists, or to take a message.
asked = env.context.get("clouder_mail") or {}
if asked.get("message"):
    try:
        env["mail.thread"].with_user(1).message_process(
            None, b64decode(asked["message"])
        )
        action = {"delivered": True}
    except ValueError:
        action = {"refused": "Nobody here takes this message"}
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
