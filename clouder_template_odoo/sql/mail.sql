-- Have the base send through its mail server and take its mail; write only what differs.
-- Parameters: host, port, user, password, domain, key {index, hash}.
-- In a neutralised copy the mail server is there, of the copy itself, but archived.
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    neutral boolean;
    server integer;
    domain integer;
    account integer;
    result text := 'done';
    signal text;
BEGIN
    SELECT coalesce(lower(value) IN ('true', 't', '1'), false) INTO neutral
    FROM ir_config_parameter WHERE key = 'database.is_neutralized';
    neutral := coalesce(neutral, false);

    SELECT id INTO server FROM ir_mail_server WHERE id = (
        SELECT res_id FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_server');
    IF server IS NULL THEN
        INSERT INTO ir_mail_server (
            name, smtp_authentication, smtp_encryption, sequence, active,
            create_uid, write_uid, create_date, write_date)
        VALUES ('Clouder', 'login', 'starttls', 5, NOT neutral,
            1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
        RETURNING id INTO server;
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
        VALUES ('__clouder__', 'mail_server', 'ir.mail_server', server, true)
        ON CONFLICT (module, name) DO UPDATE SET res_id = excluded.res_id;
    END IF;
    UPDATE ir_mail_server
    SET smtp_host = wanted ->> 'host', smtp_port = (wanted ->> 'port')::integer,
        smtp_user = wanted ->> 'user', smtp_pass = wanted ->> 'password',
        from_filter = wanted ->> 'domain', active = active AND NOT neutral
    WHERE id = server AND (smtp_host, smtp_port, smtp_user, smtp_pass, from_filter, active)
        IS DISTINCT FROM (wanted ->> 'host', (wanted ->> 'port')::integer, wanted ->> 'user',
            wanted ->> 'password', wanted ->> 'domain', active AND NOT neutral);

    IF to_regclass('mail_alias_domain') IS NOT NULL THEN
        SELECT id INTO domain FROM mail_alias_domain WHERE name = wanted ->> 'domain' ORDER BY id LIMIT 1;
        IF domain IS NULL THEN
            INSERT INTO mail_alias_domain (
                name, sequence, bounce_alias, catchall_alias, default_from,
                create_uid, write_uid, create_date, write_date)
            VALUES (wanted ->> 'domain', 1, 'bounce', 'catchall', 'notifications',
                1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
            RETURNING id INTO domain;
        END IF;
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
        VALUES ('__clouder__', 'mail_domain', 'mail.alias.domain', domain, true)
        ON CONFLICT (module, name) DO UPDATE SET res_id = excluded.res_id
        WHERE ir_model_data.res_id IS DISTINCT FROM excluded.res_id;
        UPDATE res_company SET alias_domain_id = domain WHERE alias_domain_id IS NULL;
        UPDATE mail_alias SET alias_domain_id = domain,
            alias_full_name = alias_name || '@' || (wanted ->> 'domain')
        WHERE alias_domain_id IS NULL AND alias_name IS NOT NULL;

        SELECT id INTO account FROM res_users WHERE id = (
            SELECT res_id FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_account');
        IF account IS NULL THEN
            result := 'account';
        ELSE
            UPDATE res_users SET active = true WHERE id = account AND NOT active;
            DELETE FROM res_users_apikeys
            WHERE user_id = account AND index <> (wanted -> 'key' ->> 'index');
            INSERT INTO res_users_apikeys (name, user_id, scope, index, key)
            SELECT 'Clouder', account, 'rpc', wanted -> 'key' ->> 'index', wanted -> 'key' ->> 'hash'
            WHERE NOT EXISTS (SELECT FROM res_users_apikeys WHERE user_id = account);
        END IF;
    END IF;

    -- Running workers have the former values in their caches.
    FOREACH signal IN ARRAY ARRAY['orm_signaling_default', 'orm_signaling_stable'] LOOP
        IF to_regclass(signal) IS NOT NULL THEN
            EXECUTE format('INSERT INTO %I DEFAULT VALUES', signal);
        END IF;
    END LOOP;
    PERFORM set_config('clouder.result', result, false);
END
$clouder$;
SELECT 'clouder_mail:' || current_setting('clouder.result');
