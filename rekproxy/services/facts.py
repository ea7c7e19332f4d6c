"""Facts about a picture and its file: found out when they are asked for, and remembered with its version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from ..domain import facts
from ..domain.asset import Asset
from ..errors import DamagedError, ImagerError, InvalidImageError, NotStoredError
from ..interfaces import Catalog, Imager, InputLimits
from .originals import Originals

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Facts:
    """Finds facts out. `limits` are the installation's."""

    catalog: Catalog
    originals: Originals
    imager: Imager
    limits: InputLimits

    def of(self, asset: Asset, asked: Collection[str]) -> Mapping[str, Any]:
        """What is known of an asset's current version, and what the parameters `asked` ask for besides.

        What cannot be found out, as the bytes are gone or no imager can cope with them, is left out. Raises
        `UnavailableError`.
        """
        version = asset.current
        missing = facts.missing(version.facts, asked)
        if not missing:
            return version.facts
        try:
            found = self.imager.facts(self.originals.read(version), self.limits, missing)
        except (DamagedError, NotStoredError) as error:
            if version.erased_at is None:
                self.originals.doubt(self.catalog, asset, error)
            return version.facts
        except (InvalidImageError, ImagerError) as error:
            _log.warning("facts_not_found", asset=asset.asset_id, error=str(error))
            return version.facts
        self.catalog.note_facts(asset.cloud, version.version_id, found)
        return {**version.facts, **found}
