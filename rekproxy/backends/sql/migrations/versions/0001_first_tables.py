"""The first tables: assets and their verdicts, jobs, the audit, and the epoch.

Revision ID: 0001
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create everything, and draw the epoch."""
    _create_counters()
    _create_assets()
    _create_verdicts()
    _create_upkeep()
    _protect_audit()


def _create_counters() -> None:
    """The epoch and the sequence of revisions."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "sequence",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.execute(
        sa.text("INSERT INTO meta (name, value) VALUES ('epoch', :epoch)").bindparams(
            epoch=secrets.token_hex(16)
        )
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE revisions")
    else:
        op.execute("INSERT INTO sequence (name, value) VALUES ('revision', 0)")


def _create_assets() -> None:
    """What exists, and what it was."""
    op.create_table(
        "assets",
        sa.Column("asset_id", sa.String, primary_key=True),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("public_id", _Name, nullable=False),
        sa.Column("version_id", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("access_mode", sa.String, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("tags", _Json, nullable=False),
        sa.Column("context", _Json, nullable=False),
        sa.Column("notification_url", sa.Text),
        sa.Column("uploader", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("cloud", "type", "public_id"),
    )
    op.create_index(
        "ix_assets_standing", "assets", ["cloud", "type", "public_id", "asset_id", "revision", "status"]
    )
    op.create_index("ix_assets_name", "assets", ["cloud", "public_id"])
    op.create_index("ix_assets_newest", "assets", ["cloud", "created_at", "asset_id"])
    op.create_index("ix_assets_newest_of_type", "assets", ["cloud", "type", "created_at", "asset_id"])
    op.create_index(
        "ix_assets_pending",
        "assets",
        ["cloud", "version_id"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "asset_versions",
        sa.Column("version_id", sa.String, primary_key=True),
        sa.Column(
            "asset_id", sa.String, sa.ForeignKey("assets.asset_id", ondelete="RESTRICT"), nullable=False
        ),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("etag", sa.String, nullable=False),
        sa.Column("pixel_digest", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("has_alpha", sa.Boolean, nullable=False),
        sa.Column("original_filename", sa.Text),
        sa.Column("pin_uri", sa.Text),
        sa.Column("pin_size", sa.BigInteger),
        sa.Column("pin_etag", sa.Text),
        sa.Column("pin_version", sa.Text),
        sa.Column("pin_mtime_ns", sa.BigInteger),
        sa.Column("renditions", _Json, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_asset_versions_asset_id", "asset_versions", ["asset_id"])
    op.create_index("ix_asset_versions_digest", "asset_versions", ["digest"])
    op.create_index("ix_asset_versions_pin_uri", "asset_versions", ["pin_uri"])
    op.create_table(
        "tags",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column(
            "asset_id", sa.String, sa.ForeignKey("assets.asset_id", ondelete="RESTRICT"), nullable=False
        ),
        sa.PrimaryKeyConstraint("cloud", "tag", "created_at", "asset_id"),
    )
    op.create_index("ix_tags_asset_id", "tags", ["asset_id"])


def _create_verdicts() -> None:
    """Who decided what, on whose word."""
    op.create_table(
        "moderations",
        sa.Column(
            "version_id",
            sa.String,
            sa.ForeignKey("asset_versions.version_id", ondelete="RESTRICT"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("response", _Json),
        sa.Column("detail", _Json, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("version_id", "seq"),
    )
    op.create_index(
        "ix_moderations_listing", "moderations", ["cloud", "kind", "status", "created_at", "version_id"]
    )
    op.create_table(
        "decisions",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("pixel_digest", sa.String, nullable=False),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "pixel_digest", "asset_id"),
    )
    op.create_table(
        "labels",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("pixel_digest", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("adapter", sa.String, nullable=False),
        sa.Column("recipe", sa.String, nullable=False),
        sa.Column("floor", sa.Double, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("coverage", _Json),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "pixel_digest", "provider", "model", "adapter", "recipe"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _Serial, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("version_id", sa.String),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("before", sa.String),
        sa.Column("after", sa.String),
        sa.Column("detail", _Json, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_asset", "audit", ["cloud", "asset_id", "id"])


def _create_upkeep() -> None:
    """Bytes to account for, and work to do."""
    op.create_table(
        "blobs",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "derived",
        sa.Column("id", _Serial, primary_key=True),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("transformation", sa.Text, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("transform_key", sa.String, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("asset_id", "revision", "transform_key", "format"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "derived_deps",
        sa.Column("derived_id", _Serial, sa.ForeignKey("derived.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("dep_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("derived_id", "dep_id"),
    )
    op.create_index("ix_derived_deps_dep_id", "derived_deps", ["dep_id"])
    op.create_table(
        "jobs",
        sa.Column("id", _Serial, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("dedupe_key", sa.Text),
        sa.Column("payload", _Json, nullable=False),
        sa.Column("run_after", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_token", sa.String),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("dead_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["run_after", "id"],
        sqlite_where=sa.text("dead_at IS NULL"),
        postgresql_where=sa.text("dead_at IS NULL"),
    )
    op.create_index("ix_jobs_dedupe_key", "jobs", ["dedupe_key"])


def _protect_audit() -> None:
    """Let the database itself refuse to change or remove a line of the audit."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError("the first migration cannot be undone")
