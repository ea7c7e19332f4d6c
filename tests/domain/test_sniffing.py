"""First bytes: real files of every format pass, others do not."""

import io
from pathlib import Path

import pytest

from rekproxy.domain.sniffing import looks_like_image
from tests.conftest import photograph


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP"])
def test_every_format_that_is_taken(format):
    stream = io.BytesIO()
    photograph().resize((64, 64)).save(stream, format)
    assert looks_like_image(stream.getvalue())


def test_heic():
    assert looks_like_image((Path(__file__).parents[1] / "imaging" / "quadrants.heic").read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x18ftypmp42",
        b"text",
    ],
)
def test_what_is_no_image(data):
    assert not looks_like_image(data)
