"""What comes in becomes what is stored: measured as it was sent, then transformed and converted if asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ..domain.preset import Limits
from ..domain.transformation import Transformation, parse
from ..errors import ImagerError, InvalidImageError, InvalidTransformationError
from ..interfaces import Imager, Ingested, InputLimits, RenderJob

_log = structlog.get_logger()

#: What a picture can be converted to before it is stored.
CONVERTED = frozenset({"jpg", "png", "webp", "avif", "gif"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """Decodes what an upload brings. `limits` are the installation's."""

    imager: Imager
    limits: InputLimits

    def take(
        self, data: bytes, limits: Limits, *, transformation: str | None = None, format: str | None = None
    ) -> tuple[bytes, Ingested]:
        """The bytes to store, and all that their pixels tell.

        These are the bytes that were sent, unless a transformation or another format is asked for. `limits`
        hold for the picture as it was sent. Raises `InvalidImageError`, `InvalidTransformationError`,
        `ImagerError`, `OverloadedError`.
        """
        wanted = parse(transformation or "")
        if wanted.layers:  # nobody asks whether these are approved
            raise InvalidTransformationError("An incoming transformation cannot have overlays")
        ingested = self.imager.ingest(data, self._within(limits))
        limits.check_size(ingested.width, ingested.height)
        made_into = _format(wanted, format, ingested)
        if wanted.is_identity and made_into == ingested.format:
            return data, ingested
        job = RenderJob(data, (ingested.width, ingested.height), wanted.text, made_into)
        made = self.imager.render(job).body
        return made, self.imager.ingest(made, self.limits)

    def facts(self, data: bytes, asked: Collection[str]) -> Mapping[str, Any]:
        """What is asked about bytes that are to be stored; nothing where no imager can cope with them."""
        try:
            return self.imager.facts(data, self.limits, asked)
        except (InvalidImageError, ImagerError) as error:
            _log.warning("facts_not_found", error=str(error))
            return {}

    def _within(self, limits: Limits) -> InputLimits:
        most = min(self.limits.max_pixels, limits.max_pixels or self.limits.max_pixels)
        return replace(self.limits, max_pixels=most)


def _format(wanted: Transformation, asked: str | None, ingested: Ingested) -> str:
    """The format to store: as asked, else its own where a change of pixels can be written in it."""
    named = asked or wanted.format
    if named is not None:
        if named not in CONVERTED:
            raise InvalidTransformationError(f"Invalid extension in transformation: {named}")
        return named
    if wanted.is_identity or ingested.format in CONVERTED:
        return ingested.format
    return "png" if ingested.has_alpha else "jpg"
