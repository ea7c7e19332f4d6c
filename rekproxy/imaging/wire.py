"""What goes over the pipe between the pool and a worker: a JSON header and raw bytes, lengths first.

A worker has decoded hostile bytes, so what it says is read as hostile too: nothing is unpickled, every
length has a bound, and every value is checked for what it must be.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..domain.asset import Rendition
from ..errors import ImagerError, InvalidImageError, InvalidTransformationError, RekproxyError
from ..interfaces import AnalysisCopy, Ingested, InputLimits, Rendered, RenderJob
from .checks import checked, flag, one_of, text, whole

LENGTH_BYTES: Final = 4
MAX_HEADER: Final = 1 << 20
MAX_BLOBS: Final = 64
MAX_BODY: Final = 1 << 30
_MAX_SIDE: Final = 1 << 24
_MAX_FRAMES: Final = 1 << 20
_MAX_MESSAGE: Final = 500
_FORMATS: Final = frozenset({"jpg", "png", "webp", "gif", "avif", "heic", "tiff", "bmp"})
_ERRORS: Final[Mapping[str, type[RekproxyError]]] = {
    error.__name__: error for error in (InvalidImageError, InvalidTransformationError, ImagerError)
}


_CLOCK: Final = struct.Struct("!d")
#: Bytes of what a worker says as soon as it has a job whole, before it looks at it.
TAKEN_BYTES: Final = _CLOCK.size


@dataclass(frozen=True, slots=True)
class Message:
    """One job or one answer."""

    header: Mapping[str, Any]
    blobs: tuple[bytes, ...] = ()

    def parts(self) -> list[bytes]:
        """The bytes to send, in order."""
        lengths = [len(blob) for blob in self.blobs]
        header = json.dumps({**self.header, "blobs": lengths}).encode()
        return [len(header).to_bytes(LENGTH_BYTES), header, *self.blobs]


def receive(read: Callable[[int], bytes]) -> Message:
    """Read one message; `read(n)` gives exactly n bytes. Raises `ImagerError` for what is no message."""
    length = int.from_bytes(read(LENGTH_BYTES))
    if length > MAX_HEADER:
        raise ImagerError("An imager sent too long a header")
    with checked():
        header = json.loads(read(length))
        lengths = [whole(value, MAX_BODY) for value in header.pop("blobs")]
        if len(lengths) > MAX_BLOBS or sum(lengths) > MAX_BODY:
            raise ValueError(lengths)
    return Message(header, tuple(read(value) for value in lengths))


def taken(processor_seconds: float) -> bytes:
    """Says that a job is there, and how long its worker has worked before, on all jobs."""
    return _CLOCK.pack(processor_seconds)


def processor_seconds_of(said: bytes) -> float:
    """What `taken` was told."""
    seconds: float = _CLOCK.unpack(said)[0]
    return seconds


# --- jobs ----------------------------------------------------------------------------------------


def ingest_message(data: bytes, limits: InputLimits) -> Message:
    """The job of `Imager.ingest`."""
    return Message({"job": "ingest", **asdict(limits)}, (data,))


def render_message(job: RenderJob) -> Message:
    """The job of `Imager.render`."""
    header = {
        "job": "render",
        "original_size": job.original_size,
        "transformation": job.transformation,
        "format": job.format,
        "clean": job.clean,
        "is_copy": job.is_copy,
        "faces": job.faces,
        "custom": job.custom,
        "layers": [[name, *size] for name, (_, size) in job.layers.items()],
    }
    return Message(header, (job.base, *(data for data, _ in job.layers.values())))


def limits_of(message: Message) -> InputLimits:
    """The limits in an ingest job."""
    return InputLimits(message.header["max_pixels"], message.header["max_frames"])


def render_job_of(message: Message) -> RenderJob:
    """The job in a render message."""
    header = message.header
    base, *layers = message.blobs
    return RenderJob(
        base=base,
        original_size=_size(header["original_size"]),
        transformation=header["transformation"],
        format=header["format"],
        layers={
            name: (data, (width, height))
            for (name, width, height), data in zip(header["layers"], layers, strict=True)
        },
        clean=header["clean"],
        is_copy=header["is_copy"],
        faces=tuple(map(_rectangle, header["faces"])),
        custom=tuple(map(_rectangle, header["custom"])),
    )


# --- answers -------------------------------------------------------------------------------------


def ingested_message(result: Ingested) -> Message:
    """The answer to an ingest job."""
    header = {
        "format": result.format,
        "size": [result.width, result.height],
        "frames": result.frames,
        "has_alpha": result.has_alpha,
        "pixel_digest": result.pixel_digest,
        "testcard": result.testcard,
        "analysis": [[copy.frame, copy.ground, copy.tiles] for copy in result.analysis],
        "renditions": [[r.edge, r.width, r.height, r.format] for r, _ in result.renditions],
    }
    blobs = (*(copy.data for copy in result.analysis), *(data for _, data in result.renditions))
    return Message(header, blobs)


def rendered_message(result: Rendered) -> Message:
    """The answer to a render job."""
    return Message({"format": result.format, "size": [result.width, result.height]}, (result.body,))


def error_message(error: RekproxyError) -> Message:
    """An error for the caller. One that is not in the table crosses as `ImagerError`."""
    name = type(error).__name__
    return Message({"error": name if name in _ERRORS else "ImagerError", "message": str(error)})


def raise_error(message: Message) -> None:
    """Raise what the worker says went wrong, if it says so."""
    if "error" not in message.header:
        return
    with checked():
        error = _ERRORS[message.header["error"]]
        said = text(message.header["message"])[:_MAX_MESSAGE]
    raise error(said)


def ingested_of(message: Message) -> Ingested:
    """The answer to an ingest job, checked. Raises `ImagerError`."""
    with checked():
        header = message.header
        shown, made = list(header["analysis"]), list(header["renditions"])
        if len(message.blobs) != len(shown) + len(made) or not shown:
            raise ValueError(len(message.blobs))
        width, height = _size(header["size"])
        return Ingested(
            format=one_of(header["format"], _FORMATS),
            width=width,
            height=height,
            frames=whole(header["frames"], _MAX_FRAMES, least=1),
            has_alpha=flag(header["has_alpha"]),
            pixel_digest=_digest(header["pixel_digest"]),
            testcard=flag(header["testcard"]),
            analysis=tuple(map(_copy, shown, message.blobs)),
            renditions=tuple(map(_rendition, made, message.blobs[len(shown) :])),
        )


def rendered_of(message: Message, asked: str) -> Rendered:
    """The answer to a render job for the format `asked`, checked. Raises `ImagerError`."""
    with checked():
        (body,) = message.blobs
        return Rendered(body, one_of(message.header["format"], {asked}), *_size(message.header["size"]))


def _copy(fields: Sequence[Any], data: bytes) -> AnalysisCopy:
    number, ground, tiles = fields
    ground = one_of(ground, {"white", "black"})
    return AnalysisCopy(data, whole(number, _MAX_FRAMES), ground, whole(tiles, _MAX_FRAMES, least=1))


def _rendition(fields: Sequence[Any], data: bytes) -> tuple[Rendition, bytes]:
    edge, width, height, form = fields
    size = _size((width, height))
    return Rendition(whole(edge, _MAX_SIDE, least=1), *size, one_of(form, {"jpg", "png"})), data


def _size(value: Sequence[Any]) -> tuple[int, int]:
    width, height = value
    return whole(width, _MAX_SIDE, least=1), whole(height, _MAX_SIDE, least=1)


def _rectangle(value: Sequence[Any]) -> tuple[int, int, int, int]:
    left, top, width, height = (whole(number, _MAX_SIDE) for number in value)
    return left, top, width, height


def _digest(value: object) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text(value)):
        raise ValueError(value)
    return text(value)
