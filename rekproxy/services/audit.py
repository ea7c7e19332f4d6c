"""Seal the audit in batches, check every seal, and give lines out with their seals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from ..domain.sealing import FIELDS, NOTHING, Seal, SealingKey, first_difference, summarise, written
from ..interfaces import AuditLine, Catalog

#: Most lines that one seal covers.
BATCH: Final = 1000
#: How often a worker seals.
SEAL_SECONDS: Final = 60.0
#: Seals that are read at once.
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals what was written since the last seal. Of several at once, one wins each batch."""

    catalog: Catalog
    key: SealingKey

    def run(self) -> int:
        """Seal every line that is settled; gives how many. Raises `CatalogUnavailableError`."""
        settled = self.catalog.settled_line()
        sealed = 0
        while (seal := self._next(settled)) is not None:
            if not self.catalog.add_seal(seal):
                break  # another sealer was faster, and goes on
            sealed += seal.lines
        return sealed

    def _next(self, settled: int) -> Seal | None:
        last = self.catalog.last_seal()
        first = last.last_id + 1 if last else 1
        lines = self.catalog.lines_between(first, settled, BATCH)
        if not lines:
            return None
        digest, marks = summarise([written(_plain(line)) for line in lines])
        seal = Seal(first, lines[-1].id, len(lines), digest, marks, self.key.id, self.catalog.clock())
        return replace(seal, mac=self.key.mac(seal, last.mac if last else NOTHING))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the whole chain found. `breaks` is empty when nothing was altered.

    `last_mac` is that of the newest seal: kept elsewhere, it proves later that nothing was cut at the end.
    `unsealed` lines have no seal yet, the oldest since `unsealed_since` (milliseconds since 1970).
    """

    breaks: tuple[str, ...]
    seals: int
    lines: int
    last_mac: str
    unsealed: int
    unsealed_since: int | None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks the chain of seals and every line below it. `keys` are those that ever sealed."""

    catalog: Catalog
    keys: Sequence[SealingKey]

    def check(self, anchor: str | None = None, seen: Callable[[int], object] = lambda lines: None) -> Checked:
        """Read all of it, a batch at a time; `seen` is told how many lines were read.

        `anchor` is the MAC of a seal that was noted down: that it is not in the chain any more is a break.
        """
        breaks: list[str] = []
        previous: Seal | None = None
        macs_of_anchor = seals = lines = 0
        for seal in _all_seals(self.catalog):
            found = self.catalog.lines_between(seal.first_id, seal.last_id, 2 * BATCH)
            breaks += [*self._link(previous, seal), *_below(seal, found)]
            macs_of_anchor += seal.mac == anchor
            seals, lines, previous = seals + 1, lines + len(found), seal
            seen(len(found))
        if anchor is not None and not macs_of_anchor:
            breaks.append("the seal of the anchor is not there: the chain was cut at its end, or made anew")
        unsealed, since = self.catalog.unsealed()
        return Checked(tuple(breaks), seals, lines, previous.mac if previous else NOTHING, unsealed, since)

    def _link(self, previous: Seal | None, seal: Seal) -> Iterator[str]:
        """What is wrong with a seal itself, or with where it stands."""
        name = f"seal of lines {seal.first_id} to {seal.last_id}"
        expected = previous.last_id + 1 if previous else 1
        if seal.first_id > expected:
            where = "at the front" if previous is None else f"behind line {previous.last_id}"
            yield f"seals are missing {where}: none covers lines {expected} to {seal.first_id - 1}"
        key = next((key for key in self.keys if key.id == seal.key_id), None)
        if key is None:
            yield f"{name}: made with the key {seal.key_id}, which was not given"
        elif not key.signs(seal, previous.mac if previous else NOTHING) and seal.first_id <= expected:
            yield f"{name}: it was altered, or does not follow the one before it"


def _below(seal: Seal, found: Sequence[AuditLine]) -> Iterator[str]:
    """What is wrong with the lines that a seal covers."""
    lines = [_plain(line) for line in found]
    digest, _ = summarise([written(line) for line in lines])
    if digest != seal.digest or len(lines) != seal.lines:
        yield f"lines {seal.first_id} to {seal.last_id}: {first_difference(seal, lines)}"


def _plain(line: AuditLine) -> dict[str, Any]:
    """A line's fields. `asdict` would copy every one of them, which takes longer than all the rest."""
    return {name: getattr(line, name) for name in FIELDS}


def _all_seals(catalog: Catalog, behind: int = 0) -> Iterator[Seal]:
    while page := catalog.seals_after(behind, _PAGE):
        yield from page
        behind = page[-1].last_id


def export(
    catalog: Catalog, *, first: int = 1, asset_id: str | None = None, cloud: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """Lines from the id `first` up, as `{"line": …}`, and behind each batch its `{"seal": …}`.

    With `asset_id` or `cloud` only their lines, and only seals that cover one of them. A seal carries
    `previous`, the MAC of the seal before it, so that each can be checked by itself. What is not sealed
    comes last.
    """

    def wanted(line: AuditLine) -> bool:
        return asset_id in (None, line.asset_id) and cloud in (None, line.cloud)

    previous, behind = NOTHING, 0
    for seal in _all_seals(catalog):
        if seal.last_id >= first:
            lines = catalog.lines_between(max(first, seal.first_id), seal.last_id, 2 * BATCH)
            chosen = [{"line": _plain(line)} for line in lines if wanted(line)]
            yield from chosen
            if chosen or (asset_id is None and cloud is None):
                yield {"seal": {**asdict(seal), "previous": previous}}
        previous, behind = seal.mac, seal.last_id
    yield from ({"line": _plain(line)} for line in _tail(catalog, max(first, behind + 1)) if wanted(line))


def _tail(catalog: Catalog, first: int) -> Iterator[AuditLine]:
    while lines := catalog.lines_between(first, _LAST, BATCH):
        yield from lines
        first = lines[-1].id + 1


#: The largest id that a database gives.
_LAST: Final = 2**63 - 1
