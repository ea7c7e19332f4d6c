"""What a setting may hold: the shapes of single values, clouds and their keys, reasons."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

Role = Literal["upload", "reporter", "moderator", "admin"]
Surface = Literal["delivery", "upload", "admin", "console"]
ROLES: tuple[Role, ...] = get_args(Role)
SURFACES: tuple[Surface, ...] = get_args(Surface)


def _split(value: object) -> object:
    """Variables hold lists as text with commas."""
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


Listed = BeforeValidator(_split)
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(ip_network)]
CloudName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,127}$")]
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HostName = Annotated[str, Field(pattern=rf"^{_LABEL}(\.{_LABEL})*$", max_length=253)]
#: A host, or all below one.
FetchHost = Annotated[str, Field(pattern=rf"^(\*\.)?{_LABEL}(\.{_LABEL})*$", max_length=253)]
Secret = Annotated[str, Field(min_length=8)]
TokenKey = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){16,128}$")]
Count = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
WholeSeconds = Annotated[int, Field(ge=0, le=31_536_000)]


class Key(BaseModel):
    """An API key of a cloud: what it may do is in `roles`.

    `token` is taken as a bearer token in the place of key and secret. `calls_per_hour` is how many calls of
    the admin API it may make, 0 for any number; that of the settings, if not set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    secret: Secret = Field(repr=False)
    roles: frozenset[Role] = Field(min_length=1)
    token: Annotated[str, Field(min_length=16)] | None = Field(default=None, repr=False)
    calls_per_hour: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class Cloud(BaseModel):
    """A cloud: a name space of its own, with its own keys, and hosts whose paths need not name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CloudName
    keys: tuple[Key, ...] = ()
    notification_url: str | None = None
    token_key: TokenKey | None = Field(None, repr=False)
    hosts: tuple[HostName, ...] = ()

    @property
    def signing_key(self) -> Key | None:
        """Whose secret signs notifications: the first key that may upload, as apps have that one."""
        able = [key for key in self.keys if key.roles & {"upload", "admin"}]
        return next(iter((*able, *self.keys)), None)


class Reason(BaseModel):
    """Why a person decided: `code` for machines, `text` for the uploader, `key` on the keyboard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    text: Annotated[str, Field(min_length=1, max_length=200)]
    key: Annotated[str, Field(pattern=r"^[a-z0-9]$")]


DEFAULT_REASONS = (
    Reason(code="nudity", text="The picture shows nudity or sexual content.", key="n"),
    Reason(code="violence", text="The picture shows violence or injuries.", key="v"),
    Reason(code="hate", text="The picture shows hate or its symbols.", key="h"),
    Reason(code="drugs", text="The picture shows drugs, tobacco or alcohol.", key="d"),
    Reason(code="privacy", text="The picture shows somebody who did not agree, or personal data.", key="p"),
    Reason(code="copyright", text="The picture belongs to somebody else.", key="c"),
    Reason(code="spam", text="The picture is advertising, or has nothing to do with its place.", key="s"),
    Reason(code="illegal", text="The picture may be against the law.", key="i"),
    Reason(code="other", text="The picture does not keep to the rules of this site.", key="o"),
)
