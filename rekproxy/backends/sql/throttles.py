"""Rates that all processes share, and what was used by day."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, case, delete, func, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from ...domain.asset import Hidden
from .engine import Database, Transaction, insert_into, now_ms
from .schema import assets, call_rates, derived, throttles, usage

_SECOND: Final = 1_000_000
#: How much of the full rate comes back in a minute, and what is left of it at least.
_REGAINED: Final = 0.1
_LEAST: Final = 0.01
#: A turn that lies further ahead than anybody waits was given by a clock that has been set back since.
_HORIZON: Final = 900 * _SECOND


class now_us(GenericFunction[int]):  # noqa: N801
    """The database's clock, in microseconds since 1970; SQLite's counts in thousands of them."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_us, "sqlite")
def _now_in_sqlite(element: now_us, compiler: SQLCompiler, **options: Any) -> str:
    return f"(1000 * {compiler.process(now_ms())})"


@compiles(now_us, "postgresql")
def _now_in_postgresql(element: now_us, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"


class Throttles:
    """The part of the catalog about rates and usage."""

    _database: Database

    def take_turn(self, name: str, calls: int, *, rate: float, burst: int, patience: float) -> float:
        """See `Catalog.take_turn`. The generic cell rate algorithm: one row, the time of the next turn."""
        with self._database.write() as tx:
            next_at, lowered, changed_at, now = _locked(tx, name, rate)
            each = _SECOND / _regained(lowered, rate, now - changed_at)
            behind = next_at if now <= next_at < now + _HORIZON + 2 * burst * each else now
            wait = max(0.0, behind - now + (calls - burst) * each) / _SECOND
            if wait > patience:
                return -wait
            _set(tx, name, next_at=behind + round(calls * each))
            return wait

    def slow_down(self, name: str, *, rate: float) -> None:
        """See `Catalog.slow_down`. A hundredth of the full rate is always left."""
        with self._database.write() as tx:
            _, lowered, changed_at, now = _locked(tx, name, rate)
            if 0 <= now - changed_at < _SECOND:
                return
            halved = _regained(lowered, rate, now - changed_at) / 2
            _set(tx, name, rate=max(halved, _LEAST * rate), changed_at=now)

    def forget_turns(self) -> int:
        """See `Catalog.forget_turns`. By then a rate that was lowered is the full one again."""
        with self._database.write() as tx:
            long_ago = tx.now * 1000 - 3600 * _SECOND
            rested = delete(throttles).where(
                throttles.c.next_at < long_ago, throttles.c.changed_at < long_ago
            )
            return tx.connection.execute(rested).rowcount

    def use(self, cloud: str, name: str, amount: int = 1, *, most: int | None = None) -> bool:
        """See `Catalog.use`."""
        with self._database.write() as tx:
            return count(tx, cloud, name, amount, most=most)

    def count_calls(self, name: str, calls: int, hour: int) -> int:
        """See `Catalog.count_calls`."""
        row = call_rates.c
        with self._database.write() as tx:
            fresh = tx.upsert(call_rates).values(name=name, hour=hour, calls=calls)
            counted = fresh.on_conflict_do_update(
                index_elements=[row.name],
                set_={
                    "calls": case((row.hour < hour, calls), else_=row.calls + calls),
                    "hour": case((row.hour < hour, hour), else_=row.hour),
                },
            )
            return tx.connection.scalar(counted.returning(row.calls)) or 0

    def totals(self, cloud: str) -> tuple[int, int]:
        """See `Catalog.totals`."""
        there = (assets.c.cloud == cloud, assets.c.status != Hidden.DELETED.value)
        resources = select(func.count()).select_from(assets).where(*there).scalar_subquery()
        made = derived.join(assets, assets.c.asset_id == derived.c.asset_id)
        images = select(func.count()).select_from(made).where(*there).scalar_subquery()
        with self._database.read() as connection:
            row = connection.execute(select(resources, images)).one()
            return row[0], row[1]

    def used(self, cloud: str, day: str | None = None) -> Mapping[str, int]:
        """See `Catalog.used`."""
        with self._database.read() as connection:
            asked = day or _day(connection.scalar(select(now_ms())) or 0)
            query = select(usage.c.name, usage.c.amount).where(usage.c.cloud == cloud, usage.c.day == asked)
            return {row.name: row.amount for row in connection.execute(query)}


def count(tx: Transaction, cloud: str, name: str, amount: int, *, most: int | None = None) -> bool:
    """Count as used today, inside a write that does more; see `Catalog.use`."""
    if most is not None and amount > most:
        return False
    used = {"cloud": cloud, "day": _day(tx.now), "name": name, "amount": amount, "most": most}
    return tx.connection.scalar(_counting(tx.on_postgresql, most is not None), used) is not None


@cache
def _counting(on_postgresql: bool, limited: bool) -> Any:
    """Add to what was used, if it is `limited` then up to `most`; gives how much it is then."""
    fresh = insert_into(on_postgresql, usage)
    added = usage.c.amount + fresh.excluded.amount
    keys = list(usage.primary_key.columns)
    within = added <= bindparam("most", type_=BigInteger()) if limited else None
    counting = fresh.on_conflict_do_update(index_elements=keys, set_={"amount": added}, where=within)
    return counting.returning(usage.c.amount)


def _day(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, UTC).date().isoformat()


def _locked(tx: Transaction, name: str, rate: float) -> tuple[int, float, int, int]:
    """A throttle's row, which nobody else can change now: (next_at, rate, changed_at, the time)."""
    columns = (throttles.c.next_at, throttles.c.rate, throttles.c.changed_at)
    query = select(*columns).where(throttles.c.name == name).with_for_update()
    row = tx.connection.execute(query).first()
    if row is None:
        fresh = tx.upsert(throttles).values(name=name, next_at=0, rate=rate, changed_at=0)
        tx.connection.execute(fresh.on_conflict_do_nothing())
        row = tx.connection.execute(query).one()
    # asked only now: waiting for the row may have taken a while
    return row.next_at, row.rate, row.changed_at, tx.connection.scalar(select(now_us())) or 0


def _set(tx: Transaction, name: str, **columns: Any) -> None:
    tx.connection.execute(update(throttles).where(throttles.c.name == name).values(columns))


def _regained(lowered: float, rate: float, since: int) -> float:
    """The rate in force `since` microseconds after it was lowered; never above the full one."""
    return min(rate, lowered + _REGAINED * rate * max(0, since) / (60 * _SECOND))
