"""The wrapping of derived files: they are not synced to disk, so each carries its length and digest.

Layout: `rekd1`, the header's length (4 bytes, big-endian), the header (JSON), the body.
"""

import hashlib
import json
import struct
from collections.abc import Mapping

from ..errors import DamagedError

_MAGIC = b"rekd1"
_LENGTH = struct.Struct(">I")
_START = len(_MAGIC) + _LENGTH.size


def seal(body: bytes, facts: Mapping[str, str | int]) -> bytes:
    """Wrap a body with facts about it, so that `unseal` can prove both whole."""
    header = {**facts, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"".join((_MAGIC, _LENGTH.pack(len(text)), text, body))


def unseal(data: bytes) -> tuple[dict[str, str | int], bytes]:
    """The facts and the body. Raises `DamagedError` unless length and digest are right."""
    try:
        if not data.startswith(_MAGIC):
            raise ValueError("magic")
        end = _START + _LENGTH.unpack_from(data, len(_MAGIC))[0]
        facts: dict[str, str | int] = json.loads(data[_START:end])
        body = data[end:]
        if len(body) != facts["bytes"] or hashlib.sha256(body).hexdigest() != facts["sha256"]:
            raise ValueError("digest")
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise DamagedError("A derived file is damaged.") from error
    return facts, body
