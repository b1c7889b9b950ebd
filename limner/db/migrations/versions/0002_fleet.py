"""Callbacks with their deliveries, a fair line before each engine, nodes, and on PostgreSQL the queue's own tables."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD_SCOPES, NEW_SCOPES = "images.generate tasks.read", "images.generate tasks.read callbacks.manage"


def upgrade() -> None:
    op.add_column("accounts", Column("priority", Integer, nullable=False, server_default="0"))
    op.add_column("applications", Column("callback_serial", Integer, nullable=False, server_default="0"))
    op.add_column("applications", Column("callback_overlap_until", BigInteger))
    op.add_column("tasks", Column("turn", BigInteger, nullable=False, server_default="0"))
    op.add_column("tasks", Column("crashes", Integer, nullable=False, server_default="0"))
    op.add_column("tasks", Column("node", Text))
    queued, pending = text("status = 'queued'"), text("status = 'pending'")
    in_hand = text("status = 'in_progress'")
    op.drop_index("tasks_unfinished", "tasks")
    op.create_index("tasks_in_hand", "tasks", ["node"], sqlite_where=in_hand, postgresql_where=in_hand)
    op.create_index(
        "tasks_line", "tasks", ["engine", "turn", "id"], sqlite_where=queued, postgresql_where=queued
    )
    op.create_index(
        "tasks_line_account",
        "tasks",
        ["account_id", "engine", "turn"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
    op.create_table(
        "deliveries",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("application_id", Text, nullable=False),
        Column("task_id", Text, ForeignKey("tasks.id")),
        Column("url", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_at", BigInteger),
        Column("node", Text),
        Column("created_at", BigInteger, nullable=False),
        Column("finished_at", BigInteger),
        Index("deliveries_account", "account_id", "created_at"),
        Index("deliveries_task", "task_id"),
    )
    op.create_index("deliveries_due", "deliveries", ["next_at"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "attempts",
        Column("id", Text, primary_key=True),
        Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
        Column("number", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("milliseconds", Integer, nullable=False),
        Column("status_code", Integer),
        Column("response", Text),
        Column("problem", Text),
        Index("attempts_delivery", "delivery_id", "number"),
    )
    op.create_table(
        "nodes",
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("models", Text, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("beat", BigInteger, nullable=False),
        Column("beat_at", BigInteger, nullable=False),
    )
    # who could do everything still can
    op.execute(text("UPDATE credentials SET scopes = :new WHERE scopes = :old").bindparams(new=NEW_SCOPES, old=OLD_SCOPES))
    if op.get_bind().dialect.name == "postgresql":
        _queue()


def _queue() -> None:
    """Make Procrastinate's tables as the version that is locked has them; a later one brings its own migrations."""
    from procrastinate.schema import SchemaManager
    from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

    # the driver's own cursor: the script is full of percent signs, which a statement with parameters would eat
    driver = op.get_bind().connection.driver_connection
    driver.execute(SchemaManager(SyncPsycopgConnector()).get_schema())
