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
    _count_bytes()
    _index_jobs()


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


def _count_bytes() -> None:
    """How often derived images are used, and how many bytes there are: sums that no scan has to find."""
    op.add_column("derived", sa.Column("cloud", sa.String, nullable=False, server_default=""))
    for name in ("used_at", "uses"):
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))
        op.add_column("derived", column)
    op.execute(
        "UPDATE derived SET used_at = created_at, cloud = COALESCE("
        "(SELECT cloud FROM assets WHERE assets.asset_id = derived.asset_id), '')"
    )
    op.create_index("ix_derived_key", "derived", ["key"])
    op.create_index("ix_derived_used", "derived", ["used_at", "id"])
    op.create_table(
        "stored",
        sa.Column("id", _Serial, primary_key=True),
        sa.Column("cloud", sa.String, nullable=False),
        sa.Column("tier", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("files", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO stored (cloud, tier, bytes, files)"
        " SELECT cloud, 'derived', SUM(bytes), COUNT(*) FROM derived GROUP BY cloud"
    )
    op.execute(
        "INSERT INTO stored (cloud, tier, bytes, files)"
        " SELECT assets.cloud, 'original', SUM(v.bytes), COUNT(*) FROM asset_versions v"
        " JOIN assets ON assets.asset_id = v.asset_id"
        " WHERE v.pin_uri IS NULL AND v.erased_at IS NULL GROUP BY assets.cloud"
    )
    (_count_in_postgresql if op.get_bind().dialect.name == "postgresql" else _count_in_sqlite)()


_OWN = "{row}.pin_uri IS NULL AND {row}.erased_at IS NULL"
_OWNER = "(SELECT cloud FROM assets WHERE asset_id = {row}.asset_id)"


def _count_in_sqlite() -> None:
    """One row for each cloud and tier, as a transaction has the whole file anyway."""
    for verb, row, sign in (("INSERT", "NEW", "+"), ("DELETE", "OLD", "-")):
        _count_row(f"{verb} ON derived", row, sign, f"{row}.cloud", "derived", "TRUE")
        owner, own = _OWNER.format(row=row), _OWN.format(row=row)
        _count_row(f"{verb} ON asset_versions", row, sign, owner, "original", own)
    erased = f"{_OWN.format(row='OLD')} AND NEW.erased_at IS NOT NULL"
    owner = _OWNER.format(row="OLD")
    _count_row("UPDATE OF erased_at ON asset_versions", "OLD", "-", owner, "original", erased)


def _count_row(event: str, row: str, sign: str, cloud: str, tier: str, when: str) -> None:
    """A trigger that adds the bytes of a row to its cloud and tier, or takes them away."""
    mine = f"cloud = {cloud} AND tier = '{tier}'"
    name = "count_" + event.lower().replace(" on ", "_").replace(" ", "_")
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} WHEN {when} BEGIN"  # noqa: S608 - all of it is ours
        f" INSERT INTO stored (cloud, tier, bytes, files) SELECT {cloud}, '{tier}', 0, 0"
        f" WHERE NOT EXISTS (SELECT 1 FROM stored WHERE {mine});"
        f" UPDATE stored SET bytes = bytes {sign} {row}.bytes, files = files {sign} 1"
        f" WHERE id = (SELECT MIN(id) FROM stored WHERE {mine}); END"
    )


def _count_in_postgresql() -> None:
    """A row for each statement: a sum in one row would make decisions wait for each other."""
    made = "SELECT cloud, bytes FROM changed"
    kept = (
        "SELECT assets.cloud, changed.bytes FROM changed"  # noqa: S608 - all of it is ours
        " JOIN assets ON assets.asset_id = changed.asset_id"
        f" WHERE {_OWN.format(row='changed')}"
    )
    for table, tier, rows in (("derived", "derived", made), ("asset_versions", "original", kept)):
        op.execute(
            f"CREATE FUNCTION count_{table}()"  # noqa: S608 - all of it is ours
            " RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO stored (cloud, tier, bytes, files)"
            f" SELECT cloud, '{tier}', SUM(bytes) * TG_ARGV[0]::int, COUNT(*) * TG_ARGV[0]::int"
            f" FROM ({rows}) AS counted GROUP BY cloud; RETURN NULL; END $$"
        )
        for verb, which, sign in (("INSERT", "NEW", 1), ("DELETE", "OLD", -1)):
            op.execute(
                f"CREATE TRIGGER count_{verb.lower()} AFTER {verb} ON {table}"
                f" REFERENCING {which} TABLE AS changed"
                f" FOR EACH STATEMENT EXECUTE FUNCTION count_{table}('{sign}')"
            )
    op.execute(
        "CREATE FUNCTION count_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO stored (cloud, tier, bytes, files)"
        " SELECT cloud, 'original', -OLD.bytes, -1 FROM assets WHERE asset_id = OLD.asset_id;"
        " RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER count_erased AFTER UPDATE OF erased_at ON asset_versions FOR EACH ROW"
        f" WHEN ({_OWN.format(row='OLD')} AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION count_erased()"
    )


def _index_jobs() -> None:
    """The oldest job of a kind is asked for every second, however many others wait."""
    alive = sa.text("dead_at IS NULL")
    op.create_index(
        "ix_jobs_kind", "jobs", ["kind", "created_at"], sqlite_where=alive, postgresql_where=alive
    )


def downgrade() -> None:
    """What was said with the new tables has no place in the old ones."""
    raise NotImplementedError("the second migration cannot be undone: restore a backup")
