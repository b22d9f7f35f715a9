-- The role stays: other databases of the cluster may use it.
REVOKE USAGE ON SCHEMA public FROM kivuko_app;
