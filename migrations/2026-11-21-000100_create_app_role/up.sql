-- The role that the service works as. It owns nothing, so that what it may change is decided by
-- GRANTs and shown by tests. Where the migrating login may not create roles, an administrator
-- creates it beforehand and grants it to the service's login.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kivuko_app') THEN
        CREATE ROLE kivuko_app NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole cluster: another database's migration may have been quicker.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT USAGE ON SCHEMA public TO kivuko_app;
