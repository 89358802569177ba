-- Have a role that may log in with a password, and nothing more.
-- Parameters: role, verifier.
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    present pg_authid;
BEGIN
    SELECT * INTO present FROM pg_authid WHERE rolname = wanted ->> 'role';
    IF NOT FOUND THEN
        EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', wanted ->> 'role', wanted ->> 'verifier');
    ELSIF present.rolpassword IS DISTINCT FROM wanted ->> 'verifier' OR NOT present.rolcanlogin THEN
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', wanted ->> 'role', wanted ->> 'verifier');
    END IF;
END
$clouder$;
