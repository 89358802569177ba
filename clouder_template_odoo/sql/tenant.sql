-- Make a copied database the tenant's own; write only what differs.
-- Parameters: identity, url, items {name: {value, digest}}.
-- The parameter clouder.applied keeps the digest of each item that was set: a setting
-- that the tenant changed since stays his, one that Clouder changed is set again.
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    items jsonb := wanted -> 'items';
    before jsonb;
    applied jsonb;
    company integer;
    administrator integer;
    poweruser integer;
    person integer;
    written integer := 0;
    item record;
    signal text;
    -- The counters are integers of four bytes.
    seconds_before_2026 CONSTANT bigint := 1767225600;
BEGIN
    SELECT value::jsonb INTO before FROM ir_config_parameter WHERE key = 'clouder.applied';
    applied := coalesce(before, '{}');
    SELECT res_id INTO company FROM ir_model_data WHERE module = 'base' AND name = 'main_company';
    SELECT res_id INTO administrator FROM ir_model_data WHERE module = 'base' AND name = 'user_admin';
    SELECT res_id INTO poweruser FROM ir_model_data WHERE module = '__clouder__' AND name = 'poweruser';

    IF applied ->> 'identity' IS DISTINCT FROM wanted ->> 'identity' THEN
        UPDATE ir_config_parameter SET value = gen_random_uuid()::text
        WHERE key IN ('database.secret', 'database.uuid');
        UPDATE ir_config_parameter SET value = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        WHERE key = 'database.create_date';
        -- Made anew by Odoo when they are needed.
        DELETE FROM ir_config_parameter WHERE key LIKE 'mail.web_push_vapid_%';
        applied := jsonb_build_object('identity', wanted ->> 'identity');
        -- A worker may still have another database of this name in its memory: the
        -- counters by which it notices a change rise above what that one had.
        FOR signal IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'orm\_signaling\_%' LOOP
            EXECUTE format(
                'SELECT setval(pg_get_serial_sequence(%L, ''id''), greatest(max(id), %s)) FROM %I',
                signal, extract(epoch FROM now())::bigint - seconds_before_2026, signal
            );
            EXECUTE format('INSERT INTO %I DEFAULT VALUES', signal);
        END LOOP;
    END IF;

    FOR item IN VALUES ('web.base.url', wanted ->> 'url'), ('web.base.url.freeze', 'True') LOOP
        UPDATE ir_config_parameter SET value = item.column2
        WHERE key = item.column1 AND value IS DISTINCT FROM item.column2;
        IF FOUND THEN
            written := written + 1;
        ELSIF NOT EXISTS (SELECT FROM ir_config_parameter WHERE key = item.column1) THEN
            INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)
            VALUES (item.column1, item.column2, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC');
            written := written + 1;
        END IF;
    END LOOP;

    FOR item IN
        SELECT key AS name, value ->> 'value' AS value, value ->> 'digest' AS digest FROM jsonb_each(items)
        WHERE value ->> 'digest' IS DISTINCT FROM applied ->> key
    LOOP
        CASE item.name
        WHEN 'title' THEN
            UPDATE res_company SET name = item.value WHERE id = company;
            SELECT partner_id INTO person FROM res_company WHERE id = company;
            UPDATE res_partner SET name = item.value, complete_name = item.value, commercial_company_name = item.value
            WHERE id = person;
            IF to_regclass('website') IS NOT NULL THEN
                EXECUTE 'UPDATE website SET name = $1 WHERE id = (SELECT min(id) FROM website)' USING item.value;
            END IF;
        WHEN 'admin_login' THEN
            UPDATE res_users SET login = item.value WHERE id = administrator;
        WHEN 'admin_password' THEN
            UPDATE res_users SET password = item.value WHERE id = administrator;
        WHEN 'poweruser_login' THEN
            UPDATE res_users SET login = item.value, active = true WHERE id = poweruser;
            UPDATE res_partner SET name = item.value, complete_name = item.value, active = true
            WHERE id = (SELECT partner_id FROM res_users WHERE id = poweruser);
        WHEN 'poweruser_password' THEN
            UPDATE res_users SET password = item.value WHERE id = poweruser;
        WHEN 'admin_email', 'poweruser_email' THEN
            SELECT partner_id INTO person FROM res_users
            WHERE id = CASE item.name WHEN 'admin_email' THEN administrator ELSE poweruser END;
            UPDATE res_partner SET email = item.value WHERE id = person;
            IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'res_partner'::regclass AND attname = 'email_normalized') THEN
                EXECUTE 'UPDATE res_partner SET email_normalized = lower($1) WHERE id = $2' USING item.value, person;
            END IF;
        END CASE;
        applied := applied || jsonb_build_object(item.name, item.digest);
    END LOOP;

    IF applied ? 'poweruser_login' AND NOT items ? 'poweruser_login' THEN
        UPDATE res_users SET active = false WHERE id = poweruser;
        applied := applied - 'poweruser_login' - 'poweruser_password' - 'poweruser_email';
    END IF;

    IF applied IS DISTINCT FROM before THEN
        INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)
        VALUES ('clouder.applied', applied::text, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date;
        written := written + 1;
    END IF;
    IF written > 0 THEN
        -- Running workers have the former values in their caches.
        FOREACH signal IN ARRAY ARRAY['orm_signaling_default', 'orm_signaling_stable'] LOOP
            IF to_regclass(signal) IS NOT NULL THEN
                EXECUTE format('INSERT INTO %I DEFAULT VALUES', signal);
            END IF;
        END LOOP;
    END IF;
END
$clouder$;
