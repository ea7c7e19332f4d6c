"""Every route that there is, a file for each part of the API. A new file is named in `PARTS`."""

from typing import Final

from ..operation import Part
from . import (
    folders,
    mappings,
    metadata,
    moderation,
    ops,
    presets,
    refused,
    resources,
    search,
    tools,
    transformations,
    triggers,
    uploads,
)

#: In the order of the page.
PARTS: Final[tuple[Part, ...]] = (
    uploads.PART,
    resources.PART,
    folders.PART,
    search.PART,
    search.URLS,
    search.LISTS,
    metadata.PART,
    metadata.VALUES,
    presets.PART,
    transformations.PART,
    mappings.PART,
    triggers.PART,
    triggers.NOTIFICATIONS,
    moderation.PART,
    tools.PART,
    refused.UPLOADS,
    refused.ADMIN,
    ops.PART,
)
