-- Take the login of a role away: drop it, or lock it while something still belongs to it.
-- Parameters: role.
DO $clouder$
DECLARE
    name text := current_setting('clouder.parameters')::jsonb ->> 'role';
    number oid;
BEGIN
    SELECT oid INTO number FROM pg_roles WHERE rolname = name;
    IF NOT FOUND THEN
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
