"""What moderation needs to answer for itself: names of policies, hiding and holds, presets, notifications.

Old processes live on beside it: they read a standing that they do not know as not servable.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Add columns and tables; nothing that is there changes its meaning."""
    _widen_assets()
    _create_looks()
    _create_people()
    _create_notifications()
    _create_seals()


def _widen_assets() -> None:
    op.add_column("assets", sa.Column("restricted_to", sa.String))
    op.add_column("assets", sa.Column("hold", sa.Text))
    op.add_column("assets", sa.Column("backup", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_assets_uploader", "assets", ["cloud", "uploader", "created_at", "asset_id"])
    op.add_column("asset_versions", sa.Column("decided_at", sa.BigInteger))
    op.add_column("asset_versions", sa.Column("erased_at", sa.BigInteger))
    op.execute("UPDATE asset_versions SET decided_at = created_at WHERE status = 'rejected'")
    kept = sa.text("status = 'rejected' AND erased_at IS NULL")
    op.create_index(
        "ix_asset_versions_rejected",
        "asset_versions",
        ["decided_at"],
        sqlite_where=kept,
        postgresql_where=kept,
    )
    op.create_index("ix_asset_versions_pixel_digest", "asset_versions", ["pixel_digest"])
    op.add_column("moderations", sa.Column("policy_name", sa.Text))
    op.add_column("moderations", sa.Column("note", sa.Text))
    op.add_column("moderations", sa.Column("uploader", sa.Text))
    # until now a reason was whatever somebody wrote
    op.execute("UPDATE moderations SET note = reason, reason = NULL")
    op.execute(
        "UPDATE moderations SET uploader = (SELECT assets.uploader FROM assets"
        " JOIN asset_versions ON asset_versions.asset_id = assets.asset_id"
        " WHERE asset_versions.version_id = moderations.version_id)"
    )
    op.create_index(
        "ix_moderations_uploader",
        "moderations",
        ["cloud", "uploader", "kind", "status", "created_at", "version_id"],
    )


def _create_looks() -> None:
    op.create_index("ix_labels_newest", "labels", ["provider", "created_at"])
    op.create_table(
        "looks",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("pixel_digest", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("recipe", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("failure", sa.Text),
        sa.PrimaryKeyConstraint("cloud", "pixel_digest", "provider", "recipe"),
    )
    op.create_table(
        "throttles",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("rate", sa.Double, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "usage",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "day", "name"),
    )


def _create_people() -> None:
    op.create_table(
        "reports",
        sa.Column(
            "version_id",
            sa.String,
            sa.ForeignKey("asset_versions.version_id", ondelete="RESTRICT"),
            nullable=False,
        ),
        sa.Column("reporter", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("version_id", "reporter"),
    )
    op.create_table(
        "presets",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("name", _Name, nullable=False),
        sa.Column("unsigned", sa.Boolean, nullable=False),
        sa.Column("settings", _Json, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "name"),
    )


def _create_notifications() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_triggers_cloud", "triggers", ["cloud", "event_type"])
    op.create_table(
        "notifications",
        sa.Column("id", _Serial, primary_key=True),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("facts", _Json, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("delivered_at", sa.BigInteger),
        sa.Column("dead_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_asset", "notifications", ["asset_id", "uri", "id"])
    op.create_index("ix_notifications_delivered", "notifications", ["delivered_at"])
    dead = sa.text("dead_at IS NOT NULL")
    op.create_index(
        "ix_notifications_dead", "notifications", ["cloud", "id"], sqlite_where=dead, postgresql_where=dead
    )


def _create_seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("last_id", _Serial, primary_key=True, autoincrement=False),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("marks", sa.Text, nullable=False),
        sa.Column("mac", sa.String, nullable=False),
        sa.Column("key_id", sa.String, nullable=False),
        sa.Column("sealed_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("first_id", name="uq_audit_seals_first_id"),
    )
    for column in ("actor", "action"):
        op.create_index(f"ix_audit_{column}", "audit", ["cloud", column, "id"])
    op.create_index("ix_audit_cloud", "audit", ["cloud", "id"])
    _protect_seals()


def _protect_seals() -> None:
    """A seal is as final as the lines below it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_seals_no_{verb.lower()} BEFORE {verb} ON audit_seals "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def downgrade() -> None:
    """What was said with the new tables has no place in the old ones."""
    raise NotImplementedError("the second migration cannot be undone: restore a backup")
