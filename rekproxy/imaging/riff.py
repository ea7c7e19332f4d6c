"""The outer shape of a WebP file, read only to learn how its pixels were coded."""

from collections.abc import Iterator

_FRAME_HEADER = 16


def is_lossless_webp(data: bytes) -> bool:
    """Whether the first picture in the file is coded without loss. Bytes that are no WebP answer no."""
    for name, start in _chunks(data, 12):
        if name == b"ANMF":
            inside = (inner for inner, _ in _chunks(data, start + _FRAME_HEADER))
            return next((inner == b"VP8L" for inner in inside if inner in (b"VP8 ", b"VP8L")), False)
        if name in (b"VP8 ", b"VP8L"):
            return name == b"VP8L"
    return False


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, int]]:
    """Each chunk's name, and where its content begins."""
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8
        at += 8 + length + length % 2
