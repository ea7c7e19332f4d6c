"""Upload presets: made and changed by administrators, chosen and spent by uploads."""

import hashlib
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from ..domain import preset as rules
from ..domain.preset import Preset
from ..errors import ConflictError, InvalidRequestError, NotFoundError, RateLimitedError
from ..interfaces import Catalog
from ..interfaces.presets import PresetPage

#: Where uploads come from, each with a default of its own.
SURFACES = ("api", "console")
_ALPHABET = string.ascii_lowercase + string.digits
#: The characters of a name that we give: an unsigned preset is only as secret as its name.
_NAME_LENGTH = 20
#: How often a change is tried again when somebody else changed the preset meanwhile.
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Sender:
    """Where an upload came from: its address, and the site whose page sent it, as browsers say."""

    address: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Presets:
    """Keeps presets and applies them. `chain` is `Ingest.chain`: what a moderation string would mean."""

    catalog: Catalog
    chain: Callable[..., object]

    # --- administrators

    def create(
        self, cloud: str, name: str | None, unsigned: bool, given: Mapping[str, Any], *, actor: str
    ) -> Preset:
        """Make a preset, of a name that nobody can guess if none is given.

        Raises `ConflictError` for a name that is taken, and as `domain.preset.check_given` does.
        """
        name = _random() if name is None else rules.check_name(name)
        settings = self._checked(unsigned, {}, given)
        return self.catalog.create_preset(cloud, name, unsigned, settings, actor=actor)

    def get(self, cloud: str, name: str) -> Preset:
        """One preset; raises `NotFoundError`."""
        found = self.catalog.preset(cloud, name)
        if found is None:
            raise _missing(name)
        return found

    def find(self, cloud: str, *, after: str | None = None, limit: int = 10) -> PresetPage:
        """Presets by name."""
        return self.catalog.list_presets(cloud, after=after, limit=limit)

    def update(
        self,
        cloud: str,
        name: str,
        unsigned: bool | None,
        given: Mapping[str, Any],
        *,
        actor: str,
        seen: int | None = None,
    ) -> Preset:
        """Change the settings that are given and leave the others; `None` takes one away.

        With `seen`, the `updated_at` of what somebody had before them, only that is changed. Raises
        `NotFoundError`, and as `create` does.
        """
        for _ in range(_ATTEMPTS):
            before = self.get(cloud, name)
            if seen is not None and before.updated_at != seen:
                raise ConflictError(
                    f"Upload preset {name} was changed by somebody else meanwhile, so nothing was done."
                    " Load it anew."
                )
            public = before.unsigned if unsigned is None else unsigned
            settings = self._checked(public, before.settings, given)
            after = replace(before, unsigned=public, settings=settings)
            changed = self.catalog.update_preset(cloud, before, after, actor=actor)
            if changed is not None:
                return changed
        raise ConflictError(f"Upload preset {name} is changed again and again")

    def drop(self, cloud: str, name: str, *, actor: str) -> None:
        """Remove a preset; raises `NotFoundError`."""
        if self.catalog.drop_preset(cloud, name, actor=actor) is None:
            raise _missing(name)

    def defaults(self, cloud: str) -> dict[str, str]:
        """The default preset of each of `SURFACES` that has one, by name."""
        return self.catalog.default_presets(cloud)

    def set_default(self, cloud: str, surface: str, name: str | None, *, actor: str) -> None:
        """Choose the preset of uploads over a surface that name none, or with `None` that there is none.

        Raises `InvalidRequestError` for a surface or a signed preset that is not there.
        """
        if surface not in SURFACES:
            raise InvalidRequestError(f"There are no defaults of {surface[:40]}: {' or '.join(SURFACES)}")
        if not self.catalog.set_default_preset(cloud, surface, name, actor=actor):
            raise InvalidRequestError(f"There is no signed upload preset {(name or '')[:128]}")

    def _checked(self, unsigned: bool, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        changed = {**before, **rules.check_given(given)}
        settings = {name: value for name, value in changed.items() if value is not None}
        rules.check_whole(unsigned, settings)
        self.chain(settings.get("moderation"), unsigned=unsigned)
        return settings

    # --- uploads

    def choose(self, cloud: str, name: str, *, signed: bool) -> Preset:
        """The preset that an upload names; raises `InvalidRequestError` in the wire's words.

        A signature vouches for a signed preset only, and without one only an unsigned preset will do.
        """
        found = self.catalog.preset(cloud, name)
        if found is None or (signed and found.unsigned):
            raise InvalidRequestError("Upload preset not found")
        if not signed and not found.unsigned:
            raise InvalidRequestError("Upload preset must be whitelisted for unsigned uploads")
        return found

    def default(self, cloud: str, surface: str) -> Preset | None:
        """The preset of an upload over a surface that names none."""
        return self.catalog.default_preset(cloud, surface)

    def admit(self, cloud: str, preset: Preset, sender: Sender) -> None:
        """Let an upload in, if it comes from where it may and not too often.

        Raises `InvalidRequestError` for a foreign site, and `RateLimitedError`.
        """
        origins = preset.settings.get("allowed_origins")
        if origins is not None and (sender.origin or "").lower() not in origins:
            raise InvalidRequestError("The upload preset does not allow uploads from this origin")
        overall = preset.settings.get("rate_per_minute_overall")
        single = preset.settings.get("rate_per_minute")
        if single is not None:
            self._take(f"preset:{cloud}:{preset.name}:{network_of(sender.address)}", single)
        if overall is not None:
            self._take(f"preset:{cloud}:{preset.name}", overall)

    def spend(self, cloud: str, preset: Preset, size: int) -> None:
        """Count an upload's bytes; raises `RateLimitedError` when the day has no room for them."""
        most = preset.settings.get("bytes_per_day")
        if most is not None and not self.catalog.use(cloud, f"preset:{preset.name}:bytes", size, most=most):
            now = datetime.now(UTC)
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise _limited(f"{most} bytes a day", (midnight - now).total_seconds())

    def _take(self, name: str, each_minute: int) -> None:
        wait = self.catalog.take_turn(name, 1, rate=each_minute / 60, burst=each_minute, patience=0)
        if wait < 0:
            raise _limited(f"{each_minute} uploads a minute", -wait)


def _limited(limit: str, seconds: float) -> RateLimitedError:
    """The wire's words for a rate that is used up."""
    whole = max(1, round(seconds + 0.5))
    when = datetime.now(UTC) + timedelta(seconds=whole)
    text = f"Rate Limit Exceeded. Limit of {limit} reached. Try again on {when:%Y-%m-%d %H:%M:%S} UTC"
    return RateLimitedError(text, whole)


def network_of(address: str | None) -> str:
    """A name for whoever has an address: of IPv6, one customer has all of a /64. Not the address itself."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((found, 64), strict=False).network_address
    return hashlib.sha256(found.packed).hexdigest()[:16]


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_NAME_LENGTH))


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"Can't find upload preset with name {name[:128]}")
