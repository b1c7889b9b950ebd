"""People: users, sessions and their tokens; inboxes; and what admins decide and do."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for limit in ("requests_per_minute", "images_per_minute", "concurrent_images"):
        op.add_column("accounts", Column(limit, Integer))
    op.add_column("credentials", Column("last_used_at", BigInteger))
    op.create_table(
        "users",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("email", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("password_hash", Text),
        Column("subject", Text, unique=True),
        Column("role", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("disabled_at", BigInteger),
        Column("failures", Integer, nullable=False),
        Column("locked_until", BigInteger),
        Column("signed_in_at", BigInteger),
        Index("users_account", "account_id"),
    )
    op.create_table(
        "sessions",
        Column("id", Text, primary_key=True),
        Column("user_id", Text, ForeignKey("users.id"), nullable=False),
        Column("hash", Text, nullable=False, unique=True),
        Column("user_agent", Text, nullable=False),
        Column("address", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Index("sessions_user", "user_id"),
    )
    op.create_table(
        "one_time_tokens",
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("hash", Text, nullable=False, unique=True),
        Column("user_id", Text, ForeignKey("users.id")),
        Column("email", Text),
        Column("made_by", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Column("used_at", BigInteger),
    )
    op.create_table(
        "account_tokens",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("name", Text, nullable=False),
        Column("hash", Text, nullable=False, unique=True),
        Column("hint", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger),
        Column("revoked_at", BigInteger),
        Column("last_used_at", BigInteger),
        Index("account_tokens_account", "account_id"),
    )
    op.create_table(
        "inboxes",
        Column("id", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
        Column("application_id", Text),
        Column("status_code", Integer, nullable=False),
        Column("delay", Integer, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Index("inboxes_account", "account_id"),
    )
    op.create_table(
        "messages",
        Column("id", Text, primary_key=True),
        Column("inbox_id", Text, ForeignKey("inboxes.id"), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("headers", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("size", Integer, nullable=False),
        Column("signature", Text, nullable=False),
        Column("status_code", Integer, nullable=False),
        Column("delay", Integer, nullable=False),
        Index("messages_inbox", "inbox_id", "id"),
    )
    op.create_table(
        "model_overrides",
        Column("id", Text, primary_key=True),
        Column("enabled", Integer),
        Column("engine", Text),
        Column("prices", Text),
        Column("changed_at", BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        Column("id", Text, primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("actor", Text, nullable=False),
        Column("act", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("detail", Text),
    )
