"""The versions of the schema, run by `limner.db.migrate`."""
