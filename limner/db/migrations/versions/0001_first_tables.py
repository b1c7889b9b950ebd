"""The first tables.

A version says what the schema was on its day, so it repeats the tables instead of importing them.
`tests/db/test_migrate.py` fails while `schema.py` and the sum of the versions differ.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False, unique=True),
        Column("created_at", BigInteger, nullable=False),
        Column("disabled_at", BigInteger),
        Column("balance", BigInteger, nullable=False),
        Column("requests_tat", BigInteger, nullable=False),
        Column("images_tat", BigInteger, nullable=False),
        Column("running", Integer, nullable=False),
    )
    op.create_table(
        "applications",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("api", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("disabled_at", BigInteger),
        Index("applications_account_api", "account_id", "api", unique=True),
    )
    op.create_table(
        "credentials",
        Column("id", Text, primary_key=True),
        Column("application_id", Text, ForeignKey("applications.id"), nullable=False),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("name", Text, nullable=False),
        Column("hash", Text, nullable=False, unique=True),
        Column("hint", Text, nullable=False),
        Column("scopes", Text, nullable=False),
        Column("images_per_minute", Integer),
        Column("images_tat", BigInteger, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger),
        Column("revoked_at", BigInteger),
        Column("rotated_from", Text, ForeignKey("credentials.id")),
        Index("credentials_account", "account_id"),
    )
    op.create_table(
        "ledger",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("task_id", Text),
        Column("kind", Text, nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("balance", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
        Index("ledger_account", "account_id", "id"),
    )
    op.create_table(
        "tasks",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("application_id", Text, nullable=False),
        Column("credential_id", Text, nullable=False),
        Column("trace_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("engine", Text, nullable=False),
        Column("request", Text, nullable=False),
        Column("images", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("hold", BigInteger, nullable=False),
        Column("cost", BigInteger),
        Column("error", Text),
        Column("idempotency_key", Text),
        Column("fingerprint", Text),
        Column("created_at", BigInteger, nullable=False),
        Column("started_at", BigInteger),
        Column("finished_at", BigInteger),
        Index("tasks_account_created", "account_id", "created_at"),
        Index("tasks_account_trace", "account_id", "trace_id"),
        Index("tasks_account_idempotency", "account_id", "idempotency_key", unique=True),
    )
    op.create_index(
        "tasks_unfinished",
        "tasks",
        ["created_at"],
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    )
    op.create_table(
        "events",
        Column("id", Text, primary_key=True),
        Column("task_id", Text, ForeignKey("tasks.id"), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("detail", Text),
        Index("events_task", "task_id", "id"),
    )
    op.create_table(
        "assets",
        Column("id", Text, primary_key=True),
        Column("task_id", Text, ForeignKey("tasks.id"), nullable=False),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("position", Integer, nullable=False),
        Column("content_type", Text, nullable=False),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("seed", BigInteger, nullable=False),
        Column("revised_prompt", Text),
        Column("scene", Text),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Column("deleted_at", BigInteger),
        Index("assets_task", "task_id", "position"),
    )
    op.create_index(
        "assets_expiring",
        "assets",
        ["expires_at"],
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    )
