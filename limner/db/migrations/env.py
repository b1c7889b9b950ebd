"""Alembic's entry: runs the versions on the connection that `limner.db.migrate` opened, in its transaction."""

from __future__ import annotations

from alembic import context

from limner.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
