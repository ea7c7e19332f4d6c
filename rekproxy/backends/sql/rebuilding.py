"""What is made before anybody asks, once it may be shown: what was asked for most before an overwrite."""

from typing import Final

from sqlalchemy import bindparam, select, update

from ...domain.asset import Asset
from . import jobs
from .engine import Transaction
from .schema import derived
from .schema import jobs as rows

#: Derived images that are remembered of one overwrite.
MOST: Final = 20
#: Seconds for which an approval is waited for; whatever is approved later is made when it is asked for.
_WAIT: Final = 7 * 86_400.0

_BEGIN: Final = update(rows).where(
    rows.c.dedupe_key.in_(bindparam("of_keys", expanding=True)), rows.c.lease_token.is_(None)
)


def remember(tx: Transaction, before: Asset) -> None:
    """Note the most used derived images of a locked asset, before they are forgotten."""
    used = (
        select(derived.c.transformation, derived.c.format)
        .where(derived.c.asset_id == before.asset_id, derived.c.revision == before.revision)
        .order_by(derived.c.uses.desc(), derived.c.id)
        .limit(MOST)
    )
    wanted = [[row.transformation, row.format] for row in tx.connection.execute(used)]
    if wanted:
        payload = {"asset_id": before.asset_id, "wanted": wanted}
        jobs.put(tx, before.cloud, "rebuild", payload, dedupe_key=_key(before), delay=_WAIT)


def begin(tx: Transaction, asset: Asset) -> None:
    """The asset is shown from now on: have what waits for that be made."""
    keys = (_key(asset), eager_key(asset.current.version_id))
    tx.connection.execute(_BEGIN, {"of_keys": keys, "run_after": tx.now})


def _key(asset: Asset) -> str:
    return f"rebuild:{asset.asset_id}"


def eager_key(version_id: str) -> str:
    """Dedupe key of the jobs that make what was asked for with a version."""
    return f"eager:{version_id}"
