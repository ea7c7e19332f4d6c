"""What the console needs: people and their links, who has which picture of the queue, pictures by label.

Old processes live on beside it: they know nothing of these tables, and lose nothing by it. What they judge
meanwhile is not found by its labels.

Revision ID: 0003
"""

import re
from typing import Any

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
    _create_search()
    _create_transformations()


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


#: Entries whose labels are copied at a time.
_CHUNK = 500


def _create_search() -> None:
    """Pictures by their standing and by what was seen in them, newest first."""
    columns = ["cloud", "status", "created_at", "asset_id"]
    op.create_index("ix_assets_newest_of_standing", "assets", columns)
    op.create_table(
        "seen",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column(
            "version_id",
            sa.String,
            sa.ForeignKey("asset_versions.version_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("cloud", "label", "at", "version_id"),
    )
    op.create_index("ix_seen_version_id", "seen", ["version_id"])
    _copy_labels()


def _copy_labels() -> None:
    entries = sa.table(
        "moderations",
        sa.column("version_id", sa.String),
        sa.column("seq", sa.Integer),
        sa.column("cloud", sa.String),
        sa.column("detail", _Json),
        sa.column("created_at", sa.BigInteger),
        sa.column("updated_at", sa.BigInteger),
    )
    key = sa.tuple_(entries.c.version_id, entries.c.seq)
    place = ("", -1)
    while rows := _entries_behind(entries, key, place):
        place = (rows[-1].version_id, rows[-1].seq)
        found = [row for each in rows for row in _seen_in(each)]
        if found:
            _write_seen(found)


def _entries_behind(entries: sa.TableClause, key: sa.Tuple, place: tuple[str, int]) -> list[sa.Row[Any]]:
    chosen = sa.select(entries).where(key > sa.tuple_(*place)).order_by(*key.clauses).limit(_CHUNK)
    return list(op.get_bind().execute(chosen))


def _seen_in(entry: sa.Row[Any]) -> list[dict[str, object]]:
    labels = (entry.detail or {}).get("explanation", ())
    names = {_key(str(label[name])) for label in labels for name in ("name", "parent_name") if label[name]}
    at = entry.updated_at or entry.created_at
    return [
        {"cloud": entry.cloud, "label": name, "at": at, "version_id": entry.version_id}
        for name in sorted(names)
    ]


def _key(label: str) -> str:
    """As names of labels are compared: in small letters, with one sign between words."""
    folded = re.sub("[^a-z0-9]+", "_", label.lower().replace("&", "and")).strip("_")
    return folded or label.lower()


def _write_seen(rows: list[dict[str, object]]) -> None:
    op.get_bind().execute(
        sa.text(
            "INSERT INTO seen (cloud, label, at, version_id) VALUES (:cloud, :label, :at, :version_id)"
            " ON CONFLICT DO NOTHING"
        ),
        rows,
    )


def _create_transformations() -> None:
    """Transformations with a name, and what a picture shows where, which gravities look for."""
    op.create_table(
        "transformations",
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("name", _Name, nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cloud", "name"),
    )
    op.create_index("ix_derived_transform_key", "derived", ["transform_key"])
    op.add_column("asset_versions", sa.Column("coordinates", _Json))


def downgrade() -> None:
    """People and their work have no place in the old tables."""
    raise NotImplementedError("the third migration cannot be undone: restore a backup")
