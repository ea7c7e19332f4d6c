"""Every setting, declared once: a test keeps `config/rekproxy.toml` and `docs/settings.md` equal to it."""

import os
import re
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..domain.addresses import Allowed, check_url
from ..domain.chain import parse_chain
from ..domain.notification import addresses
from ..errors import InvalidModerationError, InvalidRequestError, SubscriptionError
from .edges import Edges, EdgeSecret, EdgeTtl, HeaderName, wrong_edges
from .sources import nearest
from .values import (
    DEFAULT_REASONS,
    ROLES,
    SURFACES,
    Bytes,
    Cloud,
    CloudName,
    Count,
    FetchHost,
    Key,
    Listed,
    Network,
    Reason,
    Seconds,
    Secret,
    Surface,
    TokenKey,
    WholeSeconds,
)


def _in_data_dir(name: str) -> Any:
    return lambda data: str(data["data_dir"] / name)


class Settings(BaseModel):
    """Every setting. Sizes are in bytes or pixels, times in seconds. `repr` shows no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    data_dir: Path = Field(Path("var"), description="Folder of the embedded state: catalog, images, keys.")
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['data_dir'] / 'catalog.sqlite3'}",
        repr=False,
        description="The catalog; SQLite in the data folder if not set.",
        examples=["postgresql+psycopg://user:password@host/rekproxy"],
    )
    storage_url: str = Field(
        default_factory=_in_data_dir("originals"),
        description="Where originals are kept: a folder or a bucket; a folder in the data folder if not set.",
        examples=["s3://bucket/originals"],
    )
    derived_url: str = Field(
        default_factory=_in_data_dir("derived"),
        description="Where derived images are kept; they can always be made again.",
        examples=["s3://bucket/derived"],
    )

    cloud_name: CloudName = Field("demo", description="Name of the cloud that the API key below belongs to.")
    api_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        None,
        description="API key of that cloud, with every role; made at first start if not set.",
        examples=["123456789012345"],
    )
    api_secret: Secret | None = Field(
        None,
        repr=False,
        description="Secret of the API key, at least 8 characters.",
    )
    secret_key: Annotated[str, Field(min_length=16)] | None = Field(
        None,
        repr=False,
        description="Signs sessions and preview links, at least 16 characters; made at first start,"
        " but must be set with PostgreSQL, where several machines have to agree on it.",
    )
    clouds: tuple[Cloud, ...] = Field(
        (),
        description="Clouds, and more keys of the first, in the TOML file alone: "
        "[[clouds]] with name, hosts and [[clouds.keys]].",
    )

    detector: str | None = Field(
        None,
        description="Who answers aws_rek: rekognition, opennsfw, or an entry point of rekproxy.detectors."
        " Must be said where uploads are taken; never a silent fall-back.",
        examples=["rekognition"],
    )
    default_moderation: str = Field(
        "aws_rek",
        description="Moderation that every upload gets unless it names aws_rek or manual itself."
        " none approves everything unseen.",
        examples=["aws_rek:violence:0.7", "manual", "aws_rek|manual"],
    )
    moderation_floor: str | None = Field(
        None,
        description="Moderation that no upload may be weaker than.",
        examples=["aws_rek:explicit_nudity:0.8"],
    )
    parent_rule: Literal["explained", "strict"] = Field(
        "explained",
        description="When a parent category is judged beside a named child: explained leaves it to the child,"
        " strict judges it always.",
    )
    coverage: Literal["approve", "hold"] = Field(
        "approve",
        description="Categories that neither the detector can see nor the policy names:"
        " approve without having looked, or hold for a person.",
    )
    moderation_seconds: Seconds = Field(
        25.0, description="How long an upload waits for its verdict before it answers pending."
    )
    testcard: bool = Field(
        True, description="Whether the test card (rekproxy testcard) is rejected by every policy."
    )

    policies: Path | None = Field(
        None,
        examples=["/etc/rekproxy/policies"],
        description="Folder of named policies; those that come with rekproxy if not set.",
    )
    label_floor: Annotated[float, Field(ge=0, le=50)] = Field(
        20.0,
        description="Confidence from which labels are asked for and kept, so that a changed policy can be"
        " judged without asking again.",
    )
    label_days: WholeSeconds = Field(
        90,
        description="How many days kept labels stand for a new look at the same pixels; 0 asks every time.",
    )
    provider_rate: Annotated[float, Field(ge=0, le=10_000)] = Field(
        5.0,
        description="Calls a second to a provider that is paid by the call, shared by all processes; 0 sets"
        " no limit.",
    )

    backup: bool = Field(
        False,
        description="Whether originals that are overwritten or deleted stay restorable, unless an upload"
        " says.",
    )
    max_versions: Count = Field(
        20, description="Most restorable versions of one asset; the oldest beyond are erased."
    )
    rejected_retention_days: WholeSeconds = Field(
        0, description="After how many days the originals of rejected images are erased; 0 keeps them."
    )
    preview_seconds: WholeSeconds = Field(
        0,
        description="How long the link lives by which an uploader may look at an image of their own that is"
        " still pending; 0 gives none.",
    )
    uploader_context: Annotated[str, Field(pattern=r"^[^|=\s]{1,64}$")] = Field(
        "uploader",
        description="Key of the context in which an upload names its uploader; the API key is the uploader"
        " if it is absent.",
    )
    report_hide_after: WholeSeconds = Field(
        0, description="How many different reporters hide an image until a person decides; 0 hides none."
    )
    notification_url: str | None = Field(
        None,
        examples=["https://app.example.com/rekproxy"],
        description="Where notifications go that neither the upload nor its preset names an address for.",
    )
    signature_algorithm: Literal["sha1", "sha256"] = Field(
        "sha1", description="Hash of the signatures that replies and notifications carry."
    )
    audit_key: Annotated[str, Field(min_length=16)] | None = Field(
        None,
        repr=False,
        description="Key that seals the audit, at least 16 characters; derived from secret_key if not set."
        " Keep it where the catalog's administrators cannot read it.",
    )
    reasons: tuple[Reason, ...] = Field(
        DEFAULT_REASONS,
        min_length=1,
        description="Reasons that a decision may carry, in the TOML file alone: [[reasons]] with code, text"
        " (for the uploader) and key (on the keyboard).",
    )

    admin_calls_per_hour: Annotated[int, Field(ge=0, le=1_000_000_000)] = Field(
        100_000,
        description="Calls of the admin API that a key may make in an hour, 0 for any number; a key in the"
        " TOML file may have its own calls_per_hour.",
    )
    session_seconds: Annotated[int, Field(ge=1, le=2_592_000)] = Field(
        43_200, description="How long a person stays signed in to the console."
    )
    delivery_url: str | None = Field(
        None,
        description="Base of every url and secure_url in replies; the request's own address if not set,"
        " which is only allowed on loopback.",
        examples=["https://images.example.com"],
    )
    trusted_proxies: Annotated[tuple[Network, ...], Listed] = Field(
        (), description="Networks whose X-Forwarded-* headers count.", examples=["10.0.0.0/8,::1/128"]
    )
    token_key: TokenKey | None = Field(
        None,
        repr=False,
        description="Key of the tokens that open private and authenticated images of the cloud above,"
        " at least 32 hex digits; without one there are none.",
    )
    surfaces: Annotated[tuple[Surface, ...], Listed] = Field(
        SURFACES, min_length=1, description="What a process answers; delivery alone needs no detector."
    )
    takedown_seconds: WholeSeconds = Field(
        60, description="Longest that a cache which obeys HTTP shows a picture after it was taken down."
    )
    response_deadline: Count = Field(
        30, description="A response still being sent after this many seconds is cut off."
    )
    edge: Edges = Field(
        (),
        description="Edge caches that are purged of what changes: none, varnish, cloudfront, http, or several"
        " with commas, the one nearest to rekproxy first.",
        examples=["varnish", "varnish,cloudfront"],
    )
    edge_ttl: EdgeTtl = Field(
        3600, description="Longest life that an edge cache is given if it can be purged, at most a day."
    )
    varnish_urls: Annotated[tuple[str, ...], Listed] = Field(
        (),
        description="Where each Varnish takes purges.",
        examples=["http://127.0.0.1:6081/"],
    )
    varnish_secret: EdgeSecret | None = Field(
        None, repr=False, description="What Varnish knows purges by, at least 8 characters."
    )
    cloudfront_distribution: Annotated[str, Field(pattern=r"^[A-Z0-9]{5,32}$")] | None = Field(
        None, description="The id of the distribution.", examples=["E1EXAMPLE2ABC"]
    )
    cloudfront_purge: Literal["tags", "everything"] = Field(
        "tags",
        description="What is invalidated: tags, or everything in the distribution where it reads no cache"
        " tags.",
    )
    edge_http_url: str | None = Field(
        None,
        description="URL of the request that purges the edge http. ${secret} stands for the secret, ${keys}"
        " for keys with spaces between them, ${keys_json} for a JSON list of them, ${key} for one key; also"
        " in headers and body.",
        examples=["https://api.example.com/purge"],
    )
    edge_http_method: Annotated[str, Field(pattern=r"^[A-Z]{3,16}$")] = Field(
        "POST", description="Method of that request."
    )
    edge_http_headers: str = Field("", description="Headers of that request: Name: value, a line each.")
    edge_http_body: str = Field("", description="Body of that request.")
    edge_http_keys: Annotated[int, Field(ge=1, le=1000)] = Field(
        30, description="Most keys of one such request; a picture has two."
    )
    edge_http_secret: EdgeSecret | None = Field(
        None, repr=False, description="Secret of that request, at least 8 characters."
    )
    edge_tag_header: HeaderName | None = Field(
        None,
        description="One more header that carries the tags, with commas, for an edge that reads neither"
        " Cache-Tag nor Surrogate-Key.",
        examples=["CDN-Tag"],
    )

    threads: Annotated[int, Field(ge=9)] = Field(
        24, description="Threads of each web process; all but 8 of them may do more than answer from memory."
    )
    max_upload_bytes: Count = Field(40_000_000, description="Largest upload.")
    max_input_pixels: Count = Field(
        50_000_000, description="Most pixels of an original: width x height x frames."
    )
    max_output_pixels: Count = Field(25_000_000, description="Most pixels of a delivered image.")
    transform_concurrency: Count = Field(
        default_factory=lambda: os.cpu_count() or 1,
        description="Processes that decode and encode images; one per core if not set.",
    )
    transform_queue: Bytes = Field(16, description="Images that may wait for such a process before 503.")
    transform_seconds: Seconds = Field(20.0, description="Longest that one image may take.")
    transform_memory_bytes: Annotated[int, Field(ge=128 << 20)] = Field(
        1 << 30, description="Memory that each of these processes may use."
    )
    open_transformations: Literal["named", "safe", "all"] = Field(
        "safe", description="What unsigned delivery URLs may ask for."
    )
    tag_lists: bool = Field(
        False, description="Whether image/list/<tag>.json tells everybody which approved images have a tag."
    )
    originals: Literal["clean", "as_uploaded"] = Field(
        "clean",
        description="Delivery without a transformation: clean is upright and without metadata,"
        " as_uploaded the very bytes.",
    )
    allowed_private_hosts: Annotated[tuple[str, ...], Listed] = Field(
        (),
        description="host:port in private networks that fetches and webhooks may reach.",
        examples=["10.1.2.3:80"],
    )
    fetch_seconds: Seconds = Field(
        15.0, description="Longest that a file of another server may take to come, redirects included."
    )
    fetch_hosts: Annotated[tuple[FetchHost, ...], Listed] = Field(
        (),
        description="Hosts that image/fetch and l_fetch may show pictures of; *.example.com are all below"
        " that one. None are fetched if not set.",
        examples=["images.example.com,*.example.org"],
    )
    fetch_wait_seconds: Seconds = Field(
        10.0,
        description="How long a request waits for a picture that is fetched and judged for it, before 404.",
    )
    fetch_fresh_seconds: Count = Field(
        86_400, description="After how many seconds a fetched picture that is in use is asked for anew."
    )
    fetch_rate: Annotated[float, Field(ge=0, le=10_000)] = Field(
        10.0,
        description="Most pictures a second that are fetched for one cloud by all processes; 0 sets no"
        " limit.",
    )
    memory_cache_bytes: Bytes = Field(64 << 20, description="Memory for images ready to send, per process.")
    derived_max_bytes: Bytes = Field(
        10_000_000_000,
        description="Most bytes of derived images; those that nobody asked for the longest make room. 0 sets"
        " no bound.",
    )
    rebuild_derived: Annotated[int, Field(ge=0, le=20)] = Field(
        5,
        description="How many of the most requested derived images of an image are made anew when it was"
        " overwritten, once the new version is approved.",
    )
    min_free_bytes: Bytes = Field(
        200_000_000, description="Derived images are no longer stored when a disk has less room than this."
    )
    shutdown_delay: WholeSeconds = Field(
        0,
        description="Seconds that a server which is told to stop goes on answering while /readyz says 503: 5"
        " behind a load balancer.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="Form of log lines: auto is console on a terminal and json elsewhere."
    )
    log_hits: bool = Field(False, description="Whether images that memory answers have an access line too.")
    metrics_token: Secret | None = Field(
        None,
        repr=False,
        description="Bearer token for /metrics, besides the keys of admins.",
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("storage_url", "derived_url")
    @classmethod
    def _place(cls, value: str) -> str:
        if value.startswith("s3://"):
            if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s?#]*)?", value):
                raise ValueError("must be s3://bucket or s3://bucket/prefix")
            return value.rstrip("/")
        if "://" in value.removeprefix("file://"):
            raise ValueError("must be a folder or s3://bucket/prefix")
        return str(Path(value.removeprefix("file://")).expanduser().absolute())

    @field_validator("detector")
    @classmethod
    def _installed(cls, value: str | None) -> str | None:
        names = {"rekognition", "opennsfw"} | {
            entry.name for entry in entry_points(group="rekproxy.detectors")
        }
        if value is not None and value not in names:
            raise ValueError(
                f"no such detector; there are {', '.join(sorted(names))}{nearest(value, names).rstrip('?')}"
            )
        return value

    @field_validator("default_moderation", "moderation_floor")
    @classmethod
    def _chain(cls, value: str | None) -> str | None:
        if value not in (None, "none"):
            try:
                parse_chain(value)
            except (InvalidModerationError, SubscriptionError) as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("delivery_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be http://host or https://host, with a port and a path if need be")
        return value.rstrip("/")

    @field_validator("allowed_private_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}", host):
                raise ValueError(f"{host} must be host:port")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Contradictions between settings; each is a line of its own."""
        problems = list(self._contradictions())
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _contradictions(self) -> Iterable[str]:
        if (self.api_key is None) != (self.api_secret is None):
            yield "REKPROXY_API_KEY and REKPROXY_API_SECRET belong together: set both or neither"
        if self.on_postgres and self.secret_key is None:
            yield "REKPROXY_SECRET_KEY: must be set with PostgreSQL, the same for every process"
        for what in ("code", "key"):
            said = [getattr(reason, what) for reason in self.reasons]
            for word in sorted({word for word in said if said.count(word) > 1}):
                yield f"reasons: the {what} {word} is given twice"
        names = [cloud.name for cloud in self.clouds]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"clouds: the name {name} is given twice"
        if "console" in self.surfaces and "console" in (self.cloud_name, *names):
            yield "clouds: none can be named console, as its addresses are those of the console"
        for cloud in self.clouds:
            if cloud.name == self.cloud_name and (cloud.notification_url or cloud.token_key):
                yield f"clouds: {cloud.name} takes keys alone: the rest is said by the settings of its name"
        keys = [key.key for cloud in self.clouds for key in cloud.keys]
        for key in sorted({key for key in keys if keys.count(key) > 1 or key == self.api_key}):
            yield f"clouds: the key {key} is given twice (REKPROXY_API_KEY counts)"

        yield from self._wrong_receivers()
        yield from wrong_edges(self)

    def _wrong_receivers(self) -> Iterable[str]:
        allowed = Allowed.of(self.allowed_private_hosts)
        ours = [("REKPROXY_NOTIFICATION_URL", self.notification_url)]
        theirs = [
            (f"clouds: the notification_url of {cloud.name}", cloud.notification_url) for cloud in self.clouds
        ]
        for place, text in (*ours, *theirs):
            for url in addresses(text):
                try:
                    check_url(url, allowed)
                except InvalidRequestError as error:
                    yield f"{place}: {error}"

    @property
    def on_postgres(self) -> bool:
        """Whether the catalog is PostgreSQL, which several machines may share."""
        return self.database_url.startswith("postgresql")

    @property
    def all_clouds(self) -> tuple[Cloud, ...]:
        """The cloud of `cloud_name`, whose key has every role, and those of the TOML file.

        What the file says of the first one gives it more keys.
        """
        if self.api_key is None or self.api_secret is None:
            return self.clouds
        key = Key(key=self.api_key, secret=self.api_secret, roles=frozenset(ROLES))
        same = [cloud for cloud in self.clouds if cloud.name == self.cloud_name]
        more = [each for cloud in same for each in cloud.keys]
        main = Cloud(
            name=self.cloud_name,
            keys=(key, *more),
            notification_url=self.notification_url,
            token_key=self.token_key,
            hosts=tuple(host for cloud in same for host in cloud.hosts),
        )
        return (main, *(cloud for cloud in self.clouds if cloud.name != self.cloud_name))


#: Settings that are also read from the file that `REKPROXY_<NAME>_FILE` names.
SECRETS = frozenset(name for name, field in Settings.model_fields.items() if not field.repr)
