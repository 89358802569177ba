-- Take back what mail.sql gave: the base sends nothing and takes nothing.
DO $clouder$
DECLARE
    server integer;
    domain integer;
    account integer;
BEGIN
    SELECT res_id INTO server FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_server';
    DELETE FROM ir_mail_server WHERE id = server;
    DELETE FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_server';

    SELECT res_id INTO account FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_account';
    DELETE FROM res_users_apikeys WHERE user_id = account;
    UPDATE res_users SET active = false WHERE id = account AND active;

    IF to_regclass('mail_alias_domain') IS NOT NULL THEN
        SELECT res_id INTO domain FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_domain';
        UPDATE res_company SET alias_domain_id = NULL WHERE alias_domain_id = domain;
        -- What an alias of the same name, or a message, still points to stays.
        BEGIN
            UPDATE mail_alias SET alias_domain_id = NULL, alias_full_name = alias_name
            WHERE alias_domain_id = domain;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
        BEGIN
            DELETE FROM mail_alias_domain WHERE id = domain;
        EXCEPTION WHEN foreign_key_violation THEN
            NULL;
        END;
        DELETE FROM ir_model_data WHERE module = '__clouder__' AND name = 'mail_domain';
    END IF;
END
$clouder$;
