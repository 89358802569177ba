-- Have a role that may log in with a password, and nothing more.
-- Parameters: role, verifier, mark (whose it is; empty for the superuser).
DO $clouder$
DECLARE
    wanted jsonb := current_setting('clouder.parameters')::jsonb;
    present pg_authid;
    holder text;
BEGIN
    SELECT * INTO present FROM pg_authid WHERE rolname = wanted ->> 'role';
    holder := shobj_description(present.oid, 'pg_authid');
    IF wanted ->> 'mark' <> '' AND holder <> wanted ->> 'mark' THEN
        RAISE EXCEPTION 'the role % belongs to another link', wanted ->> 'role';
    END IF;
    IF present.oid IS NULL THEN
        EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', wanted ->> 'role', wanted ->> 'verifier');
    ELSIF present.rolpassword IS DISTINCT FROM wanted ->> 'verifier' OR NOT present.rolcanlogin THEN
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', wanted ->> 'role', wanted ->> 'verifier');
    END IF;
    IF wanted ->> 'mark' <> '' AND holder IS NULL THEN
        EXECUTE format('COMMENT ON ROLE %I IS %L', wanted ->> 'role', wanted ->> 'mark');
    END IF;
END
$clouder$;
