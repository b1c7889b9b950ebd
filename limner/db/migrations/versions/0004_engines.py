"""What engines tell of their pictures, and how a picture that comes back is known."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", Column("report", Text))
    op.add_column("assets", Column("plan", Text))
    op.add_column("assets", Column("version", Text))
    op.create_index("assets_account_sha256", "assets", ["account_id", "sha256"])
