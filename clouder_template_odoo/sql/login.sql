-- Let one account in once, within some minutes. Only a digest of the token is kept.
-- Parameters: account (poweruser | administrator), digest, minutes.
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    person integer;
BEGIN
    SELECT res_id INTO person FROM ir_model_data WHERE (module, name) = (
        CASE wanted ->> 'account' WHEN 'poweruser' THEN '__clouder__' ELSE 'base' END,
        CASE wanted ->> 'account' WHEN 'poweruser' THEN 'poweruser' ELSE 'user_admin' END);
    SELECT id INTO person FROM res_users WHERE id = person AND active;
    -- Out of reach of what the people of the base can read or write.
    CREATE TABLE IF NOT EXISTS clouder_login (
        digest text PRIMARY KEY, user_id integer NOT NULL, expires timestamptz NOT NULL);
    DELETE FROM clouder_login WHERE expires < clock_timestamp() OR user_id = person;
    IF person IS NOT NULL THEN
        INSERT INTO clouder_login (digest, user_id, expires)
        VALUES (wanted ->> 'digest', person,
            clock_timestamp() + make_interval(mins => (wanted ->> 'minutes')::integer));
    END IF;
    PERFORM set_config('clouder.result', CASE WHEN person IS NULL THEN 'missing' ELSE 'done' END, false);
END
$clouder$;
SELECT 'clouder_login:' || current_setting('clouder.result');
