"""`q_auto`: the measure agrees with another's, and the quality that is found reaches its aim."""

import numpy as np
import pytest
from imaging_pictures import encoded, opened, photograph, photographs
from PIL import Image
from skimage.metrics import structural_similarity

from rekproxy.imaging import quality
from rekproxy.imaging.encoder import Encoding, encode, encoding_for
from rekproxy.imaging.quality import AIMS, written
from rekproxy.imaging.similarity import luminance, similarity


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "china"])
@pytest.mark.parametrize("level", [30, 60, 90])
def test_the_measure_agrees_with_scikit_image(name: str, level: int) -> None:
    grey = photograph(name).convert("L")
    spoiled = opened(encoded(grey, quality=level))
    theirs = structural_similarity(np.asarray(grey), np.asarray(spoiled))
    assert similarity(grey, spoiled) == pytest.approx(theirs, abs=0.012)
    assert similarity(grey, grey) == pytest.approx(1)


@pytest.mark.parametrize("form", ["jpg", "webp", "avif"])
@pytest.mark.parametrize("level", AIMS)
def test_a_level_reaches_its_aim_or_its_bounds(form: str, level: str) -> None:
    picture = photograph("chelsea").resize((200, 133))
    aim, (low, high) = AIMS[level].similarity, AIMS[level].qualities[form]
    body = written(picture, encoding_for(form, f"auto:{level}"))
    sizes = [len(encode(picture, Encoding(form, bound, optimized=True))) for bound in (low, high)]
    assert sizes[0] <= len(body) <= sizes[1]
    seen = similarity(luminance(picture), luminance(opened(body)))
    assert seen >= aim or len(body) == sizes[1]
    assert seen <= aim + 0.02 or len(body) <= sizes[0] * 1.1


def test_levels_are_in_order_and_good_is_below_80() -> None:
    saved = 0
    for picture in photographs().values():
        sizes = [len(written(picture, encoding_for("jpg", f"auto:{level}"))) for level in AIMS]
        assert sizes == sorted(sizes, reverse=True)
        saved += len(encode(picture, encoding_for("jpg", "80"))) - sizes[1]
    assert saved > 0


def test_no_more_trials_than_said_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(
        quality, "encode", lambda image, encoding: tried.append(image.size) or encode(image, encoding)
    )
    picture = photograph("coffee").resize((1800, 1200))
    assert opened(written(picture, encoding_for("jpg", "auto"))).size == (1800, 1200)
    assert len(tried) <= quality.TRIALS + 1
    assert all(width * height <= 512 * 512 for width, height in tried[:-1])


@pytest.mark.parametrize("size", [(1, 1), (11, 400), (3, 65_000), (60_000, 5), (13, 60_000)])
def test_odd_sizes_are_written_too(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (120, 30, 200))
    assert opened(written(picture, encoding_for("jpg", "auto:low"))).size == size


def test_what_is_clear_is_measured_as_it_is_seen() -> None:
    picture = photograph("astronaut").convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    body = written(picture, encoding_for("webp", "auto"))
    assert similarity(luminance(picture), luminance(opened(body))) >= AIMS["good"].similarity - 0.01


def test_png_and_gif_have_no_levels() -> None:
    picture = photograph("chelsea").resize((64, 64))
    for form in ("png", "gif"):
        assert written(picture, encoding_for(form, "auto:low")) == encode(picture, encoding_for(form, None))
