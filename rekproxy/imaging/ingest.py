"""One decoding pass over an upload: all that is ever asked of its pixels later."""

from hashlib import sha256
from typing import Final

from PIL import Image

from ..domain.asset import Rendition
from ..interfaces import Ingested, InputLimits
from . import codec, renditions
from .analysis import copies
from .choosing import FrameChoice
from .testcard import is_testcard

_STRIP_PIXELS: Final = 1 << 20


def ingest(data: bytes, limits: InputLimits) -> Ingested:
    """Decode every frame once. Raises `InvalidImageError` when one does not decode, or for a limit."""
    source = codec.open_source(data, limits)
    digest = PixelDigest()
    choice = FrameChoice(source.first)
    has_alpha = card = False
    made: tuple[tuple[Rendition, bytes], ...] = ()
    for number, frame in enumerate(codec.frames(source, limits)):
        same, milliseconds = digest.add(frame), codec.duration(source)
        has_alpha |= frame.mode == "RGBA"
        if source.frames == 1:
            made = renditions.make(frame)
        if number in (same, source.frames - 1):
            card |= is_testcard(choice.add(number, frame, milliseconds))
        else:
            choice.prolong(same, milliseconds)
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

    def add(self, frame: Image.Image) -> int:
        """Take the next frame in. Gives the number of the first one that had the same pixels."""
        digest = sha256(b"%d %d " % frame.size)
        rows = max(1, _STRIP_PIXELS // frame.width)
        for top in range(0, frame.height, rows):
            strip = frame.crop((0, top, frame.width, min(top + rows, frame.height)))
            digest.update(strip.convert("RGBA").tobytes())
        self._frames.append(digest.digest())
        return self._frames.index(self._frames[-1])

    def hexdigest(self) -> str:
        """64 hex digits, over the digests of all frames in order."""
        return sha256(b"".join(self._frames)).hexdigest()
