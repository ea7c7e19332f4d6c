"""What one pass over an upload tells: sizes, digests, renditions and what a detector will see."""

import hashlib

import pytest
from imaging_pictures import LIMITS, encoded, film, near, opened, photograph, photographs, quadrants
from PIL import Image, ImageChops, ImageStat

from rekproxy.errors import InvalidImageError
from rekproxy.imaging import analysis
from rekproxy.imaging.choosing import FrameChoice
from rekproxy.imaging.ingest import PixelDigest, ingest
from rekproxy.imaging.testcard import draw


def test_a_photograph() -> None:
    result = ingest(encoded(photograph("coffee"), quality=95), LIMITS)
    assert (result.format, result.width, result.height, result.frames) == ("jpg", 600, 400, 1)
    assert not result.has_alpha
    assert not result.testcard
    assert result.renditions == ()
    (copy,) = result.analysis
    assert (copy.frame, copy.ground) == (0, "white")
    assert opened(copy.data).size == (600, 400)


def test_every_photograph_is_taken() -> None:
    for picture in photographs().values():
        assert ingest(encoded(picture), LIMITS).analysis


def test_the_testcard_is_recognised() -> None:
    assert ingest(draw(), LIMITS).testcard
    assert ingest(encoded(opened(draw()), quality=60), LIMITS).testcard
    hidden = [photograph().resize((640, 480)), opened(draw()), photograph().resize((640, 480))]
    data = encoded(hidden[0], "WEBP", save_all=True, append_images=hidden[1:])
    assert ingest(data, LIMITS).testcard


def test_the_digest_is_of_upright_pixels() -> None:
    upright = quadrants()
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(upright.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    same = {
        ingest(data, LIMITS).pixel_digest
        for data in (encoded(upright, "PNG"), encoded(upright, "BMP"), turned)
    }
    assert len(same) == 1
    rgba = upright.convert("RGBA").tobytes()
    frame = hashlib.sha256(b"128 96 " + rgba).digest()
    assert same == {hashlib.sha256(frame).hexdigest()}


def test_the_digest_tells_shapes_and_frames_apart() -> None:
    wide, tall = PixelDigest(), PixelDigest()
    wide.add(Image.new("RGB", (4, 2)))
    tall.add(Image.new("RGB", (2, 4)))
    assert wide.hexdigest() != tall.hexdigest()
    one = film([(200, 0, 0), (0, 200, 0), (0, 0, 200)], "WEBP", lossless=True)
    other = film([(200, 0, 0), (0, 0, 200), (0, 200, 0)], "WEBP", lossless=True)
    assert ingest(one, LIMITS).pixel_digest != ingest(other, LIMITS).pixel_digest


def test_large_pictures_get_renditions() -> None:
    result = ingest(encoded(photograph("rocket").resize((1700, 1130))), LIMITS)
    assert [(r.edge, r.width, r.height, r.format) for r, _ in result.renditions] == [
        (1280, 1280, 851, "jpg"),
        (640, 640, 425, "jpg"),
    ]
    small = opened(result.renditions[-1][1])
    assert small.size == (640, 425)
    wanted = photograph("rocket").resize((640, 425), Image.Resampling.LANCZOS)
    assert sum(ImageStat.Stat(ImageChops.difference(small, wanted)).mean) < 9


def test_a_picture_hardly_larger_than_an_edge_gets_no_rendition_of_it() -> None:
    assert ingest(encoded(photograph().resize((799, 799))), LIMITS).renditions == ()
    assert len(ingest(encoded(photograph().resize((800, 800))), LIMITS).renditions) == 1


def test_renditions_of_alpha_are_png_and_films_get_none() -> None:
    clear = photograph().resize((900, 900)).convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 450, 900))
    result = ingest(encoded(clear, "WEBP"), LIMITS)
    assert result.has_alpha
    assert [r.format for r, _ in result.renditions] == ["png"]
    frames = [photograph().resize((900, 900)), photograph("chelsea").resize((900, 900))]
    assert (
        ingest(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]), LIMITS).renditions == ()
    )


def test_every_frame_must_decode() -> None:
    frames = [photograph("chelsea").resize((90, 60)).rotate(turn) for turn in (0, 5, 10)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidImageError):
        ingest(data[: len(data) * 4 // 5], LIMITS)


# --- what a detector is shown --------------------------------------------------------------------


def shown(image: Image.Image) -> list[analysis.AnalysisCopy]:
    choice = FrameChoice()
    choice.add(0, image)
    return list(analysis.copies(choice))


def test_large_pictures_are_shown_at_2048() -> None:
    (copy,) = shown(photograph().resize((3000, 1500)))
    assert opened(copy.data).size == (2048, 1024)
    assert opened(copy.data).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((4000, 100), (3200, 80)), ((20_000, 100), (10_000, 80)), ((40, 300), (80, 300)), ((1, 1), (80, 80))],
)
def test_sides_stay_between_80_and_10000(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    (copy,) = shown(Image.new("RGB", size))
    assert opened(copy.data).size == wanted


def test_copies_stay_under_five_million_bytes() -> None:
    (copy,) = shown(Image.effect_noise((2048, 2048), 120).convert("RGB"))
    assert 1_000_000 < len(copy.data) <= analysis.MAX_BYTES
    tall = Image.effect_noise((1600, 1600), 250)
    (copy,) = shown(Image.merge("RGB", [tall, tall.rotate(90), tall.rotate(180)]))
    assert len(copy.data) <= analysis.MAX_BYTES


def test_a_picture_hidden_in_alpha_is_shown_on_black_too() -> None:
    hidden = Image.new("RGB", (300, 300), "white")
    hidden.putalpha(photograph("camera").resize((300, 300)))
    white, black = shown(hidden)
    assert (white.ground, black.ground) == ("white", "black")
    assert ImageStat.Stat(opened(white.data).convert("L")).stddev[0] < 1
    assert ImageStat.Stat(opened(black.data).convert("L")).stddev[0] > 40


def test_a_picture_of_white_dots_on_clear_is_shown_on_black_too() -> None:
    dots = Image.new("RGB", (300, 300), "white")
    dots.putalpha(photograph("camera").resize((300, 300)).convert("1").convert("L"))
    assert [copy.ground for copy in shown(dots)] == ["white", "black"]


def test_a_cut_out_photograph_is_shown_on_white_only() -> None:
    cut = photograph("coffee").point(lambda level: min(level, 200)).convert("RGBA")
    cut.paste((255, 255, 255, 0), (0, 0, 200, 400))
    (copy,) = shown(cut)
    assert copy.ground == "white"
    assert near(opened(copy.data).getpixel((50, 50)), (255, 255, 255))


def test_a_long_film_shows_eight_frames_alone_first_last_and_the_odd_one() -> None:
    colours = [(100 + number, 100, 100) for number in range(40)]
    colours[23] = (0, 250, 0)
    result = ingest(film(colours, "PNG"), LIMITS)
    numbers = [copy.frame for copy in result.analysis if copy.tiles == 1]
    assert len(numbers) == 8
    assert numbers == sorted(numbers)
    assert {0, 23, 39} <= set(numbers)


def test_all_other_frames_of_a_long_film_are_tiles_of_four_sheets() -> None:
    result = ingest(film([(6 * number, 100, 0) for number in range(42)], "PNG"), LIMITS)
    sheets = [copy for copy in result.analysis if copy.tiles > 1]
    assert [copy.tiles for copy in sheets] == [8, 9, 8, 9]
    seen = [tile for copy in sheets for tile in tiles(copy)] + [
        opened(copy.data).getpixel((60, 45)) for copy in result.analysis if copy.tiles == 1
    ]
    for number in range(42):
        assert any(near(colour, (6 * number, 100, 0), 2) for colour in seen), number


def tiles(copy: analysis.AnalysisCopy) -> list[object]:
    """The colour in the middle of each tile."""
    sheet = opened(copy.data)
    assert sheet.size == (360, 270), "none is larger than the frame was"
    middles = ((60 + 120 * column, 45 + 90 * row) for row in range(3) for column in range(3))
    return [sheet.getpixel(middle) for middle in middles][: copy.tiles]


def test_a_film_of_twelve_frames_shows_each_alone() -> None:
    result = ingest(film([(20 * number, 0, 0) for number in range(12)], "PNG"), LIMITS)
    assert [(copy.frame, copy.tiles) for copy in result.analysis] == [(number, 1) for number in range(12)]


def test_the_frames_that_are_shown_longest_are_seen_alone() -> None:
    noise = [Image.effect_noise((90, 90), 20 + 10 * number).convert("RGB") for number in range(30)]
    times = [20] * 30
    for number in (7, 12, 13, 21):
        noise[number], times[number] = Image.new("RGB", (90, 90), (128, 128, 128 + number)), 1000
    data = encoded(noise[0], "WEBP", save_all=True, append_images=noise[1:], duration=times, lossless=True)
    alone = {copy.frame for copy in ingest(data, LIMITS).analysis if copy.tiles == 1}
    assert {0, 7, 12, 13, 21, 29} <= alone


def test_the_time_of_frames_that_repeat_counts_together() -> None:
    choice = FrameChoice()
    for number in range(20):
        choice.add(number, Image.effect_noise((90, 90), 20 + 10 * number).convert("RGB"), 30)
    flat = Image.new("RGB", (90, 90), "grey")
    choice.add(20, flat, 20)
    choice.add(21, Image.effect_noise((90, 90), 100).convert("RGB"), 20)
    assert 20 not in {still.number for still in choice.split()[0]}
    choice.prolong(20, 20)
    assert 20 in {still.number for still in choice.split()[0]}


def test_a_frame_without_a_time_counts_as_long_as_browsers_show_it() -> None:
    choice = FrameChoice()
    for number in range(20):
        image = Image.effect_noise((90, 90), 20 + 10 * number).convert("RGB")
        choice.add(
            number, Image.new("RGB", (90, 90), "grey") if number == 9 else image, 0 if number == 9 else 90
        )
    assert 9 in {still.number for still in choice.split()[0]}


def test_the_first_frame_of_a_film_with_a_still_is_seen_alone() -> None:
    """Frame 0 is for viewers that know no APNG; frame 1 is what leaves as a still."""
    noise = [Image.effect_noise((90, 90), 10 + 10 * number).convert("RGB") for number in range(20)]
    noise[1] = Image.new("RGB", (90, 90), "grey")
    data = encoded(noise[0], "PNG", save_all=True, append_images=noise[1:], default_image=True, duration=50)
    assert {0, 1, 19} <= {copy.frame for copy in ingest(data, LIMITS).analysis if copy.tiles == 1}


@pytest.mark.parametrize("size", [(2, 300), (3000, 2), (5, 5)])
def test_a_sheet_of_thin_frames_is_within_the_limits(size: tuple[int, int]) -> None:
    choice = FrameChoice()
    for number in range(40):
        choice.add(number, Image.new("RGB", size, (6 * number, 0, 0)))
    for copy in analysis.copies(choice):
        assert 80 <= min(opened(copy.data).size) <= max(opened(copy.data).size) <= 10_000


def test_frames_that_repeat_are_shown_once() -> None:
    colours = [(200, 0, 0), (0, 200, 0)] * 5
    result = ingest(film(colours, "WEBP", lossless=True), LIMITS)
    assert result.frames == 10
    assert [copy.frame for copy in result.analysis] == [0, 1, 9]
