"""The tables, as the running code sees them; `migrations/` is how a database gets there."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

#: The newest migration. A test compares it with the scripts, so that a start need not import Alembic.
REVISION = "0004"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

#: Row numbers that the database gives; SQLite only does so for a plain INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")

#: Names are compared and ranged over byte by byte on both databases.
_Name = Text().with_variant(Text(collation="C"), "postgresql")

#: Python's `None` is SQL's NULL, not JSON's.
_Json = JSON(none_as_null=True)

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

#: SQLite's installation-wide sequence of revisions, in one row. PostgreSQL has a real one, `revisions`.
sequence = Table(
    "sequence",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

#: `status` is the standing: the verdict on the current version, or what hides the asset. `access_control` is
#: the wire's list of rules as JSON text, if there are any. `folder` is where people find it, `stamps` when
#: what of it was changed last.
assets = Table(
    "assets",
    metadata,
    Column("asset_id", String, primary_key=True),
    Column("cloud", String, nullable=False),
    Column("type", String, nullable=False),
    Column("public_id", _Name, nullable=False),
    Column("version_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("access_mode", String, nullable=False),
    Column("folder", _Name, nullable=False),
    Column("tags", _Json, nullable=False),
    Column("context", _Json, nullable=False),
    Column("notification_url", Text),
    Column("uploader", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("restricted_to", String),
    Column("hold", Text),
    Column("backup", Boolean, nullable=False, server_default=false()),
    Column("display_name", Text),
    Column("access_control", Text),
    Column("metadata", _Json),
    Column("headers", _Json),
    Column("quality_override", Text),
    Column("stamps", _Json),
    UniqueConstraint("cloud", "type", "public_id"),
    Index(
        "ix_assets_standing", "cloud", "type", "public_id", "asset_id", "revision", "status", "access_control"
    ),
    Index("ix_assets_name", "cloud", "public_id"),
    Index("ix_assets_newest", "cloud", "created_at", "asset_id"),
    Index("ix_assets_newest_of_type", "cloud", "type", "created_at", "asset_id"),
    Index("ix_assets_uploader", "cloud", "uploader", "created_at", "asset_id"),
    Index("ix_assets_newest_of_standing", "cloud", "status", "created_at", "asset_id"),
    Index("ix_assets_folder", "cloud", "folder", "created_at", "asset_id"),
    Index(
        "ix_assets_pending",
        "cloud",
        "version_id",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
)

asset_versions = Table(
    "asset_versions",
    metadata,
    Column("version_id", String, primary_key=True),
    Column("asset_id", String, ForeignKey("assets.asset_id", ondelete="RESTRICT"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("etag", String, nullable=False),
    Column("pixel_digest", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", String, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("has_alpha", Boolean, nullable=False),
    Column("original_filename", Text),
    Column("pin_uri", Text),
    Column("pin_size", BigInteger),
    Column("pin_etag", Text),
    Column("pin_version", Text),
    Column("pin_mtime_ns", BigInteger),
    Column("renditions", _Json, nullable=False),
    Column("status", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("decided_at", BigInteger),
    Column("erased_at", BigInteger),
    Column("coordinates", _Json),
    Column("facts", _Json),
    Index("ix_asset_versions_asset_id", "asset_id"),
    Index("ix_asset_versions_digest", "digest"),
    Index("ix_asset_versions_pixel_digest", "pixel_digest"),
    Index("ix_asset_versions_pin_uri", "pin_uri"),
    Index(
        "ix_asset_versions_rejected",
        "decided_at",
        sqlite_where=text("status = 'rejected' AND erased_at IS NULL"),
        postgresql_where=text("status = 'rejected' AND erased_at IS NULL"),
    ),
)

#: `uploader` is that of the version, so that a listing by it reads no more than its page.
moderations = Table(
    "moderations",
    metadata,
    Column(
        "version_id", String, ForeignKey("asset_versions.version_id", ondelete="RESTRICT"), nullable=False
    ),
    Column("seq", Integer, nullable=False),
    Column("cloud", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("policy", Text, nullable=False),
    Column("response", _Json),
    Column("detail", _Json, nullable=False),
    Column("decided_by", Text),
    Column("reason", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger),
    Column("policy_name", Text),
    Column("note", Text),
    Column("uploader", Text),
    PrimaryKeyConstraint("version_id", "seq"),
    Index("ix_moderations_listing", "cloud", "kind", "status", "created_at", "version_id"),
    Index("ix_moderations_uploader", "cloud", "uploader", "kind", "status", "created_at", "version_id"),
)

#: Which versions a detector saw a label in, to be found by it: keys of names, of their parents too.
#: They go with their version: processes of the release before know nothing of them.
seen = Table(
    "seen",
    metadata,
    Column("cloud", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("version_id", String, ForeignKey("asset_versions.version_id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("cloud", "label", "at", "version_id"),
    Index("ix_seen_version_id", "version_id"),
)

tags = Table(
    "tags",
    metadata,
    Column("cloud", String, nullable=False),
    Column("tag", _Name, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("asset_id", String, ForeignKey("assets.asset_id", ondelete="RESTRICT"), nullable=False),
    PrimaryKeyConstraint("cloud", "tag", "created_at", "asset_id"),
    Index("ix_tags_asset_id", "asset_id"),
)

#: Context by key and value, to be found by it; `value` is cut to what an index holds.
contexts = Table(
    "contexts",
    metadata,
    Column("cloud", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("asset_id", String, ForeignKey("assets.asset_id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("cloud", "key", "asset_id"),
    Index("ix_contexts_key", "cloud", "key", "created_at", "asset_id"),
    Index("ix_contexts_value", "cloud", "key", "value", "created_at", "asset_id"),
    Index("ix_contexts_asset_id", "asset_id"),
)

#: Values of structured metadata, to be found by them, a row for each value of a set; cut as those of context.
metadata_values = Table(
    "metadata_values",
    metadata,
    Column("cloud", String, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("asset_id", String, ForeignKey("assets.asset_id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("cloud", "external_id", "value", "created_at", "asset_id"),
    Index("ix_metadata_values_key", "cloud", "external_id", "created_at", "asset_id"),
    Index("ix_metadata_values_asset_id", "asset_id"),
)

#: What a person last decided about the pixels of one asset; outlives the asset.
decisions = Table(
    "decisions",
    metadata,
    Column("cloud", String, nullable=False),
    Column("pixel_digest", String, nullable=False),
    Column("asset_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "pixel_digest", "asset_id"),
)

labels = Table(
    "labels",
    metadata,
    Column("cloud", String, nullable=False),
    Column("pixel_digest", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("model", String, nullable=False),
    Column("adapter", String, nullable=False),
    Column("recipe", String, nullable=False),
    Column("floor", Double, nullable=False),
    Column("labels", Text, nullable=False),
    Column("coverage", _Json),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "pixel_digest", "provider", "model", "adapter", "recipe"),
    Index("ix_labels_newest", "provider", "created_at"),
)

#: Who is looking at some pixels now, so that nobody pays for them a second time.
looks = Table(
    "looks",
    metadata,
    Column("cloud", String, nullable=False),
    Column("pixel_digest", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("recipe", String, nullable=False),
    Column("token", String, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("failure", Text),
    PrimaryKeyConstraint("cloud", "pixel_digest", "provider", "recipe"),
)

#: Rates that every process shares. `next_at` is when the next call may be made, in microseconds.
throttles = Table(
    "throttles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", BigInteger, nullable=False),
    Column("rate", Double, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

#: Calls of each key in the latest hour (whole hours since 1970).
call_rates = Table(
    "call_rates",
    metadata,
    Column("name", Text, primary_key=True),
    Column("hour", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
)

#: What was used and what was saved, by day (UTC, `2026-11-23`).
usage = Table(
    "usage",
    metadata,
    Column("cloud", String, nullable=False),
    Column("day", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "day", "name"),
)

#: Who reported which version, and how often. A decision ends a round: later reports count anew.
reports = Table(
    "reports",
    metadata,
    Column(
        "version_id", String, ForeignKey("asset_versions.version_id", ondelete="RESTRICT"), nullable=False
    ),
    Column("reporter", Text, nullable=False),
    Column("reason", Text),
    Column("note", Text),
    Column("round", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("version_id", "reporter"),
)

presets = Table(
    "presets",
    metadata,
    Column("cloud", String, nullable=False),
    Column("name", _Name, nullable=False),
    Column("unsigned", Boolean, nullable=False),
    Column("settings", _Json, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "name"),
)

#: Named transformations, and others that unsigned URLs may ask for in strict mode: these are called as they
#: are written. `definition` is canonical text.
transformations = Table(
    "transformations",
    metadata,
    Column("cloud", String, nullable=False),
    Column("name", _Name, nullable=False),
    Column("named", Boolean, nullable=False),
    Column("definition", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "name"),
)

triggers = Table(
    "triggers",
    metadata,
    Column("id", String, primary_key=True),
    Column("cloud", String, nullable=False),
    Column("uri", Text, nullable=False),
    Column("event_type", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_triggers_cloud", "cloud", "event_type"),
)

#: What is to be told to one address; `id` is the sequence. `body` is fixed by the first attempt.
notifications = Table(
    "notifications",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("event_id", String, nullable=False),
    Column("cloud", String, nullable=False),
    Column("asset_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("uri", Text, nullable=False),
    Column("facts", _Json, nullable=False),
    Column("body", Text),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("dead_at", BigInteger),
    Column("error", Text),
    Index("ix_notifications_asset", "asset_id", "uri", "id"),
    Index("ix_notifications_delivered", "delivered_at"),
    Index(
        "ix_notifications_dead",
        "cloud",
        "id",
        sqlite_where=text("dead_at IS NOT NULL"),
        postgresql_where=text("dead_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", String, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
)

derived = Table(
    "derived",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("asset_id", String, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("transformation", Text, nullable=False),
    Column("format", String, nullable=False),
    Column("transform_key", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("cloud", String, nullable=False, server_default=""),
    Column("used_at", BigInteger, nullable=False, server_default=text("0")),
    Column("uses", BigInteger, nullable=False, server_default=text("0")),
    UniqueConstraint("asset_id", "revision", "transform_key", "format"),
    Index("ix_derived_key", "key"),
    Index("ix_derived_used", "used_at", "id"),
    Index("ix_derived_transform_key", "transform_key"),
    sqlite_autoincrement=True,
)

derived_deps = Table(
    "derived_deps",
    metadata,
    Column("derived_id", _Serial, ForeignKey("derived.id", ondelete="RESTRICT"), nullable=False),
    Column("dep_id", String, nullable=False),
    PrimaryKeyConstraint("derived_id", "dep_id"),
    Index("ix_derived_deps_dep_id", "dep_id"),
)

#: Bytes and files by cloud and tier, written by triggers on `derived` and `asset_versions`. PostgreSQL's
#: append a row a statement, so that nobody waits for a row; upkeep adds them up.
stored = Table(
    "stored",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("cloud", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("files", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("kind", String, nullable=False),
    Column("cloud", String, nullable=False),
    Column("dedupe_key", Text),
    Column("payload", _Json, nullable=False),
    Column("run_after", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_token", String),
    Column("lease_until", BigInteger),
    Column("dead_at", BigInteger),
    Column("error", Text),
    Column("created_at", BigInteger, nullable=False),
    Index(
        "ix_jobs_due",
        "run_after",
        "id",
        sqlite_where=text("dead_at IS NULL"),
        postgresql_where=text("dead_at IS NULL"),
    ),
    Index("ix_jobs_dedupe_key", "dedupe_key"),
    Index(
        "ix_jobs_kind",
        "kind",
        "created_at",
        sqlite_where=text("dead_at IS NULL"),
        postgresql_where=text("dead_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("cloud", String, nullable=False),
    Column("asset_id", String, nullable=False),
    Column("version_id", String),
    Column("actor", Text, nullable=False),
    Column("action", String, nullable=False),
    Column("before", String),
    Column("after", String),
    Column("detail", _Json, nullable=False),
    Index("ix_audit_asset", "cloud", "asset_id", "id"),
    Index("ix_audit_actor", "cloud", "actor", "id"),
    Index("ix_audit_action", "cloud", "action", "id"),
    Index("ix_audit_cloud", "cloud", "id"),
    sqlite_autoincrement=True,
)

#: Batches of the audit, each sealed with a keyed MAC over its lines and the seal before it. No two begin at
#: the same line, so the chain never forks. `marks` are 32 hex digits of each line: they tell the altered one.
audit_seals = Table(
    "audit_seals",
    metadata,
    Column("last_id", _Serial, primary_key=True, autoincrement=False),
    Column("first_id", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("marks", Text, nullable=False),
    Column("mac", String, nullable=False),
    Column("key_id", String, nullable=False),
    Column("sealed_at", BigInteger, nullable=False),
    UniqueConstraint("first_id"),
)

#: People who may sign in to the console. `clouds` is `None` for all; a higher `session_epoch` ends sessions.
users = Table(
    "users",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("name", _Name, nullable=False),
    Column("password_hash", Text),
    Column("role", String, nullable=False),
    Column("clouds", _Json),
    Column("preferences", _Json, nullable=False),
    Column("session_epoch", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    UniqueConstraint("name"),
)

#: Links that sign a person in once. Only the digest of what stands in one is kept.
login_links = Table(
    "login_links",
    metadata,
    Column("digest", String, primary_key=True),
    Column("user_id", String, ForeignKey("users.user_id", ondelete="RESTRICT"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_login_links_user_id", "user_id"),
)

#: Who is looking at which version of the review queue, and until when.
leases = Table(
    "leases",
    metadata,
    Column("version_id", String, primary_key=True),
    Column("cloud", String, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("ix_leases_cloud", "cloud", "until"),
)

#: Versions that somebody left to a person who may decide more.
escalations = Table(
    "escalations",
    metadata,
    Column("version_id", String, primary_key=True),
    Column("cloud", String, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Column("at", BigInteger, nullable=False),
    Index("ix_escalations_cloud", "cloud", "at"),
)

#: Folders: those that somebody made, and those that assets name, each with all that it lies in. Processes of
#: the release before give a folder that only they name no row.
folders = Table(
    "folders",
    metadata,
    Column("cloud", String, nullable=False),
    Column("path", _Name, nullable=False),
    Column("parent", _Name, nullable=False),
    Column("external_id", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "path"),
    Index("ix_folders_parent", "cloud", "parent", "path"),
)

#: Fields of structured metadata, in the order of `position`. One that is deleted keeps its external id.
metadata_fields = Table(
    "metadata_fields",
    metadata,
    Column("cloud", String, nullable=False),
    Column("external_id", _Name, nullable=False),
    Column("definition", _Json, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    PrimaryKeyConstraint("cloud", "external_id"),
)

#: Where pictures of a folder that are not there are fetched from.
upload_mappings = Table(
    "upload_mappings",
    metadata,
    Column("cloud", String, nullable=False),
    Column("folder", _Name, nullable=False),
    Column("template", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "folder"),
)

#: The preset of uploads that name none, by where they come in (`api`, `console`).
default_presets = Table(
    "default_presets",
    metadata,
    Column("cloud", String, nullable=False),
    Column("surface", String, nullable=False),
    Column("preset", _Name, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "surface"),
)

#: Pieces of files that come in several requests. `upload` is a digest of who sends it and what they call it.
chunks = Table(
    "chunks",
    metadata,
    Column("cloud", String, nullable=False),
    Column("upload", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("digest", String, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("taken_until", BigInteger),
    PrimaryKeyConstraint("cloud", "upload", "start"),
    Index("ix_chunks_stored_at", "stored_at"),
)

#: What is known of pictures that are fetched by their URL; `token` and `until` are of who fetches one now.
fetched = Table(
    "fetched",
    metadata,
    Column("cloud", String, nullable=False),
    Column("public_id", _Name, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fresh_until", BigInteger, nullable=False),
    Column("failed", Text),
    Column("token", String),
    Column("until", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "public_id"),
    Index(
        "ix_fetched_failed",
        "fresh_until",
        sqlite_where=text("failed IS NOT NULL"),
        postgresql_where=text("failed IS NOT NULL"),
    ),
)

#: What came over from another service (`origin`), by a digest of its name there. It holds no name itself, so
#: that an asset which is erased leaves none behind. `mark` is a digest of all that was told of it.
moved = Table(
    "moved",
    metadata,
    Column("cloud", String, nullable=False),
    Column("name", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("mark", String, nullable=False),
    Column("type", String, nullable=False),
    Column("asset_id", String, nullable=False),
    Column("version_id", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("cloud", "name"),
    Index("ix_moved_origin", "cloud", "origin", "seen_at", "asset_id"),
)
