"""What the console needs: people and their links, and who has which picture of the queue.

Old processes live on beside it: they know nothing of these tables, and lose nothing by it.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Add tables; nothing that is there changes."""
    _create_people()
    _create_queue()


def _create_people() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("name", _Name, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("clouds", _Json),
        sa.Column("preferences", _Json, nullable=False),
        sa.Column("session_epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "login_links",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("user_id", sa.String, sa.ForeignKey("users.user_id", ondelete="RESTRICT"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("ix_login_links_user_id", "login_links", ["user_id"])


def _create_queue() -> None:
    op.create_table(
        "leases",
        sa.Column("version_id", sa.String, primary_key=True),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_leases_cloud", "leases", ["cloud", "until"])
    op.create_table(
        "escalations",
        sa.Column("version_id", sa.String, primary_key=True),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_escalations_cloud", "escalations", ["cloud", "at"])


def downgrade() -> None:
    """People and their work have no place in the old tables."""
    raise NotImplementedError("the third migration cannot be undone: restore a backup")
