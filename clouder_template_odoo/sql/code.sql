-- Note the code that a database was brought to. Parameters: modules {name: digest}.
INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)
VALUES (
    'clouder.modules', current_setting('clouder.parameters')::jsonb ->> 'modules',
    1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date
WHERE ir_config_parameter.value IS DISTINCT FROM excluded.value;
