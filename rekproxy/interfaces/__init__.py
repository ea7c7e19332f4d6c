"""What the outside must offer: the promises that backends keep and services rely on.

Docstrings here are the contract; a backend does not repeat them. `tests/promises` runs one suite
against every backend that claims to keep one.
"""

from .assets import Moved, NewVersion
from .audit import AuditLine
from .catalog import Catalog
from .decisions import Override, Verdict
from .detector import Detection, Detector
from .imager import AnalysisCopy, Imager, Ingested, InputLimits, Rendered, RenderJob
from .jobs import DeadJob
from .labels import KeptLabels
from .library import AssetPage
from .meter import Meter
from .storage import PinnedOrigin, Storage, StoredObject

__all__ = [
    "AnalysisCopy",
    "AssetPage",
    "AuditLine",
    "Catalog",
    "DeadJob",
    "Detection",
    "Detector",
    "Imager",
    "Ingested",
    "InputLimits",
    "KeptLabels",
    "Meter",
    "Moved",
    "NewVersion",
    "Override",
    "PinnedOrigin",
    "RenderJob",
    "Rendered",
    "Storage",
    "StoredObject",
    "Verdict",
]
