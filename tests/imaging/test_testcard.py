"""The card is known again however it was resized and squeezed, and nothing else is taken for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imaging_pictures import encoded, opened, photographs
from PIL import Image, ImageOps

from rekproxy.imaging.testcard import draw, is_testcard


@pytest.mark.parametrize("width", [200, 213, 333, 640, 641, 1200])
@pytest.mark.parametrize("shape", [0.5, 0.75, 1.0])
def test_the_card_is_known_again(width: int, shape: float) -> None:
    card = opened(draw()).resize((width, round(width * shape)), Image.Resampling.LANCZOS)
    for form in ("JPEG", "WEBP"):
        assert is_testcard(opened(encoded(card, form, quality=60)))


def test_drawing_is_deterministic() -> None:
    assert draw() == draw()


def test_photographs_are_not_the_card() -> None:
    for picture in photographs().values():
        assert not is_testcard(picture)
        assert not is_testcard(ImageOps.posterize(picture.convert("RGB"), 1))


def test_near_misses_are_not_the_card() -> None:
    card = opened(draw())
    assert not is_testcard(ImageOps.invert(card))
    assert not is_testcard(ImageOps.mirror(card))
    assert not is_testcard(Image.new("RGB", card.size))
    assert not is_testcard(Image.new("RGB", (3, 3)))


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=192, max_size=192), st.sampled_from([(64, 48), (640, 480), (200, 900)]))
def test_black_and_white_grids_are_not_the_card(cells: bytes, size: tuple[int, int]) -> None:
    grid = Image.frombytes("L", (16, 12), bytes(255 * (cell & 1) for cell in cells))
    assert not is_testcard(grid.resize(size, Image.Resampling.NEAREST))
