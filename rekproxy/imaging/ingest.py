"""One decoding pass over an upload: all that is ever asked of its pixels later."""

from hashlib import sha256
from typing import Final

from PIL import Image

from ..domain.asset import Rendition
from ..interfaces import Ingested, InputLimits
from . import codec, renditions
from .analysis import FrameChoice, copies
from .testcard import is_testcard

_STRIP_PIXELS: Final = 1 << 20


def ingest(data: bytes, limits: InputLimits) -> Ingested:
    """Decode every frame once. Raises `InvalidImageError` when one does not decode, or for a limit."""
    source = codec.open_source(data, limits)
    digest = PixelDigest()
    choice = FrameChoice()
    has_alpha = card = False
    made: tuple[tuple[Rendition, bytes], ...] = ()
    for number, frame in enumerate(codec.frames(source, limits)):
        fresh = digest.add(frame)
        has_alpha |= frame.mode == "RGBA"
        if source.frames == 1:
            made = renditions.make(frame)
        if fresh or number == source.frames - 1:
            card |= is_testcard(choice.add(number, frame))
    return Ingested(
        format=source.format,
        width=source.size[0],
        height=source.size[1],
        frames=source.frames,
        has_alpha=has_alpha,
        pixel_digest=digest.hexdigest(),
        testcard=card,
        analysis=copies(choice),
        renditions=made,
    )


class PixelDigest:
    """SHA-256 over the size and the RGBA pixels of each frame, upright and at full size."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []

    def add(self, frame: Image.Image) -> bool:
        """Take the next frame in; tell whether none before it had the same pixels."""
        digest = sha256(b"%d %d " % frame.size)
        rows = max(1, _STRIP_PIXELS // frame.width)
        for top in range(0, frame.height, rows):
            strip = frame.crop((0, top, frame.width, min(top + rows, frame.height)))
            digest.update(strip.convert("RGBA").tobytes())
        value = digest.digest()
        fresh = value not in self._frames
        self._frames.append(value)
        return fresh

    def hexdigest(self) -> str:
        """64 hex digits, over the digests of all frames in order."""
        return sha256(b"".join(self._frames)).hexdigest()
