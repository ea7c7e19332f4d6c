"""What a file says in its first bytes that it is: enough to turn away what is no image, undecoded."""

from typing import Final

#: First bytes of the formats that are taken.
_BEGINNINGS: Final = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
)
#: Brands of AVIF and HEIF, which say so behind `ftyp` (ISO/IEC 14496-12, section 4.3).
_BRANDS: Final = frozenset({
    b"avif", b"avis", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx", b"mif1",
    b"msf1",
})  # fmt: skip


def looks_like_image(data: bytes) -> bool:
    """Whether the first bytes are those of a format that is taken. Decoding alone tells whether it is one."""
    if data.startswith(_BEGINNINGS):
        return True
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return True
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS
