"""What the wire's clients ask for besides: folders, fields, context, facts, chunks, fetched pictures, access.

Old processes live on beside it, and lose nothing. But they know nothing of access rules: set none before all
processes are of this release.

Revision ID: 0004
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Add columns that may be empty, and tables."""
    _extend_assets()
    _compare_by_bytes()
    _create_contexts()
    _create_definitions()
    _create_sources()
    _create_call_rates()
    _create_moved()


def _extend_assets() -> None:
    op.add_column("assets", sa.Column("display_name", sa.Text))
    op.add_column("assets", sa.Column("access_control", sa.Text))
    op.add_column("assets", sa.Column("metadata", _Json))
    op.add_column("assets", sa.Column("headers", _Json))
    op.add_column("assets", sa.Column("quality_override", sa.Text))
    op.add_column("assets", sa.Column("stamps", _Json))
    op.add_column("asset_versions", sa.Column("facts", _Json))
    op.drop_index("ix_assets_standing", "assets")
    standing = ["cloud", "type", "public_id", "asset_id", "revision", "status", "access_control"]
    op.create_index("ix_assets_standing", "assets", standing)
    op.create_index("ix_assets_folder", "assets", ["cloud", "folder", "created_at", "asset_id"])


def _compare_by_bytes() -> None:
    """Let folders and tags be found by how they begin. SQLite compares bytes as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("assets", "folder", type_=_Name)
        op.alter_column("tags", "tag", type_=_Name)


def _create_contexts() -> None:
    """What assets say of themselves, to be found by it. `value` is cut to what an index holds."""
    op.create_table(
        "contexts",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column(
            "asset_id", sa.String, sa.ForeignKey("assets.asset_id", ondelete="CASCADE"), nullable=False
        ),
        sa.PrimaryKeyConstraint("cloud", "key", "asset_id"),
    )
    op.create_index("ix_contexts_key", "contexts", ["cloud", "key", "created_at", "asset_id"])
    op.create_index("ix_contexts_value", "contexts", ["cloud", "key", "value", "created_at", "asset_id"])
    op.create_index("ix_contexts_asset_id", "contexts", ["asset_id"])
    op.create_table(
        "metadata_values",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column(
            "asset_id", sa.String, sa.ForeignKey("assets.asset_id", ondelete="CASCADE"), nullable=False
        ),
        sa.PrimaryKeyConstraint("cloud", "external_id", "value", "created_at", "asset_id"),
    )
    key = ["cloud", "external_id", "created_at", "asset_id"]
    op.create_index("ix_metadata_values_key", "metadata_values", key)
    op.create_index("ix_metadata_values_asset_id", "metadata_values", ["asset_id"])


def _create_definitions() -> None:
    """What administrators define: folders, fields of structured metadata, mappings, presets by default."""
    op.create_table(
        "folders",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("path", _Name, nullable=False),
        sa.Column("parent", _Name, nullable=False),
        sa.Column("external_id", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "path"),
    )
    op.create_index("ix_folders_parent", "folders", ["cloud", "parent", "path"])
    _fill_folders()
    op.create_table(
        "metadata_fields",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("external_id", _Name, nullable=False),
        sa.Column("definition", _Json, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("cloud", "external_id"),
    )
    op.create_table(
        "upload_mappings",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("folder", _Name, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "folder"),
    )
    op.create_table(
        "default_presets",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("surface", sa.String, nullable=False),
        sa.Column("preset", _Name, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "surface"),
    )


def _fill_folders() -> None:
    """Give the folders that assets name their rows, and those that these lie in."""
    assets = sa.table("assets", *(sa.column(name) for name in ("cloud", "folder", "created_at")))
    named = sa.select(assets.c.cloud, assets.c.folder, sa.func.min(assets.c.created_at))
    found: dict[tuple[str, str], int] = {}
    for cloud, path, at in op.get_bind().execute(named.group_by(assets.c.cloud, assets.c.folder)):
        while path:
            found[cloud, path] = min(at, found.get((cloud, path), at))
            path = path.rpartition("/")[0]
    columns = ("cloud", "path", "parent", "external_id", "created_at")
    op.bulk_insert(
        sa.table("folders", *(sa.column(name) for name in columns)),
        [
            dict(zip(columns, (cloud, path, path.rpartition("/")[0], secrets.token_hex(16), at), strict=True))
            for (cloud, path), at in found.items()
        ],
    )


def _create_sources() -> None:
    """Files that come in pieces, and pictures that are fetched from elsewhere."""
    op.create_table(
        "chunks",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("upload", sa.String, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.Column("taken_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("cloud", "upload", "start"),
    )
    op.create_index("ix_chunks_stored_at", "chunks", ["stored_at"])
    op.create_table(
        "fetched",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("public_id", _Name, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("fresh_until", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Text),
        sa.Column("token", sa.String),
        sa.Column("until", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "public_id"),
    )
    failed = sa.text("failed IS NOT NULL")
    op.create_index(
        "ix_fetched_failed", "fetched", ["fresh_until"], sqlite_where=failed, postgresql_where=failed
    )


def _create_call_rates() -> None:
    """How often keys have called in the latest hour."""
    op.create_table(
        "call_rates",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
    )


def _create_moved() -> None:
    """What came over from another service."""
    op.create_table(
        "moved",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("version_id", sa.String, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "name"),
    )
    op.create_index("ix_moved_origin", "moved", ["cloud", "origin", "seen_at", "asset_id"])


def downgrade() -> None:
    """What clients say here has no place in the old tables."""
    raise NotImplementedError("the fourth migration cannot be undone: restore a backup")
