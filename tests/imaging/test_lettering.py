"""Text: its font, its lines, its place, its ink."""

from fractions import Fraction
from typing import Any

import pytest
from imaging_pictures import near
from PIL import Image

from rekproxy.domain.shapes import Border
from rekproxy.domain.sources import Text
from rekproxy.errors import InvalidTransformationError
from rekproxy.imaging.fonts import family_of, font_for
from rekproxy.imaging.lettering import lettering

LONG = "The quick brown fox jumps over the lazy dog"


def drawn(
    letters: str = "Hello", size: int = 30, font: str = "Arial", dpr: int = 1, **style: Any
) -> Image.Image:
    return lettering(Text(letters, font, size, **style), None, Fraction(dpr), 4_000_000)


def ink(image: Image.Image) -> float:
    return sum(image.getchannel("A").tobytes()) / 255


def lines_of(image: Image.Image) -> list[tuple[int, int]]:
    """The first and last inked column of each line: rows without ink part lines."""
    alpha, found, start = image.getchannel("A"), [], None
    for row in range(image.height + 1):
        inked = row < image.height and alpha.crop((0, row, image.width, row + 1)).getbbox()
        if inked and start is None:
            start = row
        if not inked and start is not None:
            box = alpha.crop((0, start, image.width, row)).getbbox()
            assert box is not None
            found.append((box[0], box[2]))
            start = None
    return found


def test_text_is_cut_to_its_ink_and_black_unless_said() -> None:
    image = drawn("Hx")
    assert image.getbbox() == (0, 0, *image.size)
    assert {pixel[:3] for _, pixel in image.getcolors(10**5) if pixel[3]} == {(0, 0, 0)}
    red = drawn("Hx", colour=(200, 0, 0, 128))
    assert max(red.getchannel("A").getextrema()) == 128
    assert near(red.getpixel((1, 10))[:3], (200, 0, 0), 2)


def test_the_size_counts_and_the_pixel_ratio() -> None:
    small, large, dense = drawn("H"), drawn("H", 60), drawn("H", dpr=2)
    assert 20 <= small.height <= 24
    assert large.size == dense.size
    assert abs(large.height - 2 * small.height) <= 2


def test_weight_and_slant_are_fonts_of_their_own() -> None:
    plain, bold, italic = drawn(), drawn(weight="bold"), drawn(italic=True)
    assert ink(bold) > 1.2 * ink(plain)
    assert italic.tobytes() != plain.tobytes()
    assert font_for("Arial", 20, "a", bold=True, italic=True).getname() == ("Noto Sans", "Bold Italic")


def test_families_stand_in_for_what_sites_ask() -> None:
    assert family_of("Courier New") == "cascadia mono"
    assert family_of("  open  SANS ") == "noto sans"
    assert family_of("Fira Mono") == "fira mono"
    wide, narrow = drawn("WWW", font="Courier"), drawn("iii", font="Courier")
    assert abs(wide.width - narrow.width) < 20


@pytest.mark.parametrize("font", ["Times", "Comic Sans MS", "../../etc/passwd", "nice"])
def test_a_font_that_is_not_here_is_refused_by_name(font: str) -> None:
    with pytest.raises(InvalidTransformationError, match=f"Unknown font {font} in transformation"):
        drawn(font=font)


@pytest.mark.parametrize("weight", ["thin", "light"])
def test_a_weight_that_is_not_here_is_refused_by_name(weight: str) -> None:
    with pytest.raises(InvalidTransformationError, match=f"Font Arial has no weight {weight}"):
        drawn(weight=weight)


def test_letters_that_a_family_lacks_come_from_one_that_has_them() -> None:
    assert font_for("Arial", 20, "שלום", bold=False, italic=False).getname()[0] == "FiraGO"
    assert font_for("Arial", 20, "Привет Ελλάδα", bold=False, italic=False).getname()[0] == "Noto Sans"


def test_letters_that_no_font_here_has_are_refused() -> None:
    with pytest.raises(InvalidTransformationError, match="has not all letters"):
        drawn("漢字")


def test_breaks_make_lines() -> None:
    assert len(lines_of(drawn("aaa\nbb\ncccc"))) == 3


@pytest.mark.parametrize(
    ("align", "side"), [(None, 0), ("left", 0), ("start", 0), ("right", 1), ("end", 1), ("center", 2)]
)
def test_lines_are_aligned(align: str | None, side: int) -> None:
    image = drawn("HHHHHH\nHH", align=align)
    (left, right), (short_left, short_right) = lines_of(image)
    gaps = (
        abs(left - short_left),
        abs(right - short_right),
        abs((left + right) - (short_left + short_right)),
    )
    assert gaps[side] <= 2
    assert sum(gap > 10 for gap in gaps) >= 1


def test_words_wrap_within_the_width() -> None:
    image = drawn(LONG, 20, wrap=150)
    assert image.width <= 153
    assert len(lines_of(image)) == 4
    assert drawn(LONG, 20).width > 300


def test_a_word_longer_than_the_width_is_broken() -> None:
    image = drawn("supercalifragilistic", 20, wrap=60)
    assert image.width <= 63
    assert drawn("HHHH", 20, wrap=1).width < 20


def test_justified_lines_reach_both_edges_but_for_the_last() -> None:
    lines = lines_of(drawn(LONG, 20, wrap=180, align="justify"))
    assert all(right - left >= 176 for left, right in lines[:-1])
    assert lines[-1][1] - lines[-1][0] < 170


def test_lines_that_do_not_fit_are_left_out_and_missed() -> None:
    image = drawn(LONG, 20, wrap=150, lines_height=60)
    assert len(lines_of(image)) == 2
    assert image.width <= 153
    assert drawn("a\nb", 20, lines_height=5).height < 30


def test_spacing_moves_letters_and_lines_apart() -> None:
    assert drawn("Hello", letter_spacing="10").width >= drawn("Hello").width + 38
    assert drawn("Hello", letter_spacing="-3").width < drawn("Hello").width - 8
    assert drawn("a\na", line_spacing="20").height == drawn("a\na").height + 20
    assert drawn("a\na", line_spacing="-500").height < drawn("a\na").height


def test_a_stroke_goes_around_each_letter_in_its_colour() -> None:
    image = drawn("H", 60, stroke=Border(4, (250, 250, 0, 255)), colour=(0, 0, 200, 255))
    row = [image.getpixel((x, image.height // 2)) for x in range(image.width)]
    assert near(row[1], (250, 250, 0, 255), 3)
    assert near(row[len(row) // 2], (0, 0, 200, 255), 3)
    assert image.width == pytest.approx(drawn("H", 60).width + 8, abs=1)


@pytest.mark.parametrize("decoration", ["underline", "strikethrough"])
def test_lines_under_and_through(decoration: str) -> None:
    plain, lined = drawn("Hx H"), drawn("Hx H", decoration=decoration)
    full = [
        row
        for row in range(lined.height)
        if min(lined.getchannel("A").crop((2, row, lined.width - 2, row + 1)).tobytes()) > 200
    ]
    assert full
    assert (lined.height > plain.height) == (decoration == "underline")


def test_jagged_text_has_no_half_inked_pixels() -> None:
    assert {level for _, level in drawn(smoothing="none").getchannel("A").getcolors()} == {0, 255}


def test_a_ground_lies_behind() -> None:
    image = lettering(Text("H H", "Arial", 30), (250, 0, 0, 255), Fraction(1), 10**6)
    assert image.mode == "RGB"
    assert image.getpixel((image.width // 2, 10)) == (250, 0, 0)


def test_blank_text_is_one_clear_pixel() -> None:
    assert drawn(" ").size == (1, 1)


def test_too_much_text_is_refused_before_it_is_drawn() -> None:
    with pytest.raises(InvalidTransformationError, match="Megapixels"):
        drawn("W" * 500, 1000)
