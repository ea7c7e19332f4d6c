"""Scaling by either way: of the right size, of the right part, and alike to the eye."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rekproxy.imaging import scaling
from rekproxy.imaging.scaling import lanczos
from tests.conftest import REQUIRED, photograph

if "granian" not in REQUIRED:  # of the same extra
    pytest.importorskip("cykooz_resizer", reason="extra fast is not installed")


@pytest.fixture
def slowly(monkeypatch):
    """Without the extra."""
    monkeypatch.setattr(scaling, "_quick", lambda: None)


def picture(mode: str, width: int = 400, height: int = 300) -> Image.Image:
    image = photograph().resize((width, height)).convert("RGB")
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image.convert(mode)


def pillows(image, size, box=None):
    return image.resize(size, Image.Resampling.LANCZOS, box)


def difference(one: Image.Image, other: Image.Image) -> tuple[float, int]:
    """In mean and at most, of all channels: of colours as they are seen on black."""
    assert (one.mode, one.size) == (other.mode, other.size)
    arrays = [np.asarray(image.convert("RGBa") if image.mode == "RGBA" else image, np.int16)
              for image in (one, other)]  # fmt: skip
    apart = np.abs(arrays[0] - arrays[1])
    return float(apart.mean()), int(apart.max())


def test_the_quick_way_is_there():
    assert scaling._quick() is not None


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "CMYK"])
@pytest.mark.parametrize("size", [(250, 190), (123, 45), (1, 1), (400, 300), (800, 700)])
def test_both_ways_give_the_same_picture(mode, size):
    image = picture(mode)
    mean, most = difference(lanczos(image, size), pillows(image, size))
    assert mean < 1
    assert most < 24


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_part_is_that_part(data):
    image = picture(data.draw(st.sampled_from(["RGB", "RGBA"])), 200, 150)
    left, top = data.draw(st.floats(0, 150)), data.draw(st.floats(0, 100))
    right, bottom = data.draw(st.floats(left + 20, 200)), data.draw(st.floats(top + 20, 150))
    size = data.draw(st.tuples(st.integers(1, 220), st.integers(1, 220)))
    box = (left, top, right, bottom)
    mean, most = difference(lanczos(image, size, box), pillows(image, size, box))
    assert mean < 1.5
    assert most < 40


def test_a_box_that_ends_a_hair_outside_ends_at_the_rim():
    image = picture("RGB")
    assert lanczos(image, (90, 70), (0.0, 0.0, 400 + 1e-9, 300 + 1e-9)).size == (90, 70)


def test_a_clear_pixel_has_no_colour_to_give():
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 100, 200))
    scaled = lanczos(image, (50, 50))
    shown = [pixel for pixel in np.asarray(scaled).reshape(-1, 4).tolist() if pixel[3] > 16]
    assert max(red for red, *_ in shown) < 40


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_much_smaller_ones_are_pillows_own(mode):
    image = picture(mode, 1600, 1200)
    size = (100, 75)
    expected = image.resize(size, Image.Resampling.LANCZOS, None, 3.0)
    assert lanczos(image, size, gap=3.0).tobytes() == expected.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_without_the_extra_it_is_pillow(slowly, mode):
    image, size, box = picture(mode), (130, 77), (3.5, 4.25, 380.0, 290.0)
    assert lanczos(image, size, box).tobytes() == pillows(image, size, box).tobytes()


def test_the_source_stays_as_it_was():
    image = picture("RGBA")
    before = image.tobytes()
    lanczos(image, (100, 80))
    assert (image.mode, image.tobytes()) == ("RGBA", before)
