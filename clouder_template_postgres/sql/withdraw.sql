-- Take the login of a role away: drop it, or lock it while something still belongs to it.
-- Parameters: role, mark (a role that bears another one is left alone).
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    name text := wanted ->> 'role';
    number oid;
BEGIN
    SELECT oid INTO number FROM pg_roles WHERE rolname = name;
    IF NOT FOUND OR shobj_description(number, 'pg_authid') <> wanted ->> 'mark' THEN
        RETURN;
    END IF;
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = name;
    IF EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = number) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN', name);
    ELSE
        EXECUTE format('DROP ROLE %I', name);
    END IF;
END
$clouder$;
