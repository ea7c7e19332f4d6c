"""Which format a picture leaves in, and how a file to keep is named."""

from dataclasses import replace

import pytest

from rekproxy.domain.asset import Version
from rekproxy.domain.outputs import disposition, output_format
from rekproxy.domain.transformation import parse
from rekproxy.errors import InvalidTransformationError

MODERN = "avif,webp"


def version(form: str, *, frames: int = 1, alpha: bool = False) -> Version:
    return Version("v", "a", "d", "e", "p", 1, 100, 80, form, frames=frames, has_alpha=alpha)


@pytest.mark.parametrize(
    ("original", "accept", "leaves"),
    [
        (version("jpg"), MODERN, "avif"),
        (version("jpg"), "webp", "webp"),
        (version("jpg"), "", "jpg"),
        (version("png", alpha=True), "", "png"),
        (version("heic"), "", "jpg"),
        (version("tiff", frames=3, alpha=True), "", "png"),
        (version("tiff", frames=3), MODERN, "avif"),
        (version("gif", frames=3), MODERN, "webp"),
        (version("gif", frames=3), "avif", "gif"),
        (version("webp", frames=3), "", "webp"),
        (version("png", frames=3), "", "gif"),
        (version("avif", frames=3), "avif", "gif"),
    ],
)
def test_auto_takes_what_the_client_names_and_no_film_stops(
    original: Version, accept: str, leaves: str
) -> None:
    assert output_format(original, parse("f_auto"), "auto", accept) == leaves


@pytest.mark.parametrize(("text", "leaves"), [("f_auto", "jpg"), ("f_auto,w_900", "avif")])
def test_what_is_too_large_to_encode_anew_stays_as_it_is(text: str, leaves: str) -> None:
    large = replace(version("jpg"), width=8000, height=6000)
    assert output_format(large, parse(text), "auto", MODERN) == leaves


@pytest.mark.parametrize(
    ("original", "text", "asked", "leaves"),
    [
        (version("png"), "fl_lossy", None, "jpg"),
        (version("jpg"), "fl_lossy", "png", "jpg"),
        (version("png"), "c_fill,w_50,h_50/fl_lossy", "png", "jpg"),
        (version("png", alpha=True), "fl_lossy", None, "png"),
        (version("png"), "r_max/fl_lossy", None, "png"),
        (version("png"), "c_pad,w_50,h_50/fl_lossy", None, "png"),
        (version("png"), "a_10/fl_lossy", None, "png"),
        (version("png", frames=2), "fl_lossy", None, "png"),
        (version("png"), "fl_any_format,q_auto", None, "jpg"),
        (version("png"), "fl_any_format,q_auto", "png", "png"),
        (version("png"), "fl_any_format,q_80", None, "png"),
        (version("gif", frames=2), "fl_any_format,q_auto", None, "gif"),
        (version("bmp"), "w_50", None, "jpg"),
        (version("bmp"), "w_50", "bmp", "jpg"),
        (version("jpg"), "w_50", "webp", "webp"),
    ],
)
def test_what_is_asked_is_what_leaves_but_for_flags_that_say_so(
    original: Version, text: str, asked: str | None, leaves: str
) -> None:
    assert output_format(original, parse(text), asked) == leaves


@pytest.mark.parametrize("form", ["tiff", "heic", "pdf", "svg", "ico"])
def test_other_formats_are_refused_by_name(form: str) -> None:
    with pytest.raises(InvalidTransformationError, match=form):
        output_format(version("jpg"), parse("w_50"), form)


@pytest.mark.parametrize(
    ("name", "public_id", "header"),
    [
        ("", "folder/cat", 'attachment; filename="cat.png"'),
        ("my cat", "x", 'attachment; filename="my cat.png"'),
        ("cat.png", "x", 'attachment; filename="cat.png"'),
        ("Käse", "x", "attachment; filename=\"K_se.png\"; filename*=UTF-8''K%C3%A4se.png"),
        ("", 'a";b', "attachment; filename=\"a__b.png\"; filename*=UTF-8''a%22%3Bb.png"),
    ],
)
def test_a_file_to_keep_has_a_name_that_no_header_breaks_on(name: str, public_id: str, header: str) -> None:
    assert disposition(name, public_id, "png") == header
    assert header.isascii()
