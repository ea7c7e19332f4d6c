"""What is written: depth, order, density and profile as asked, and films that move as they did."""

import io

import pytest
from imaging_pictures import opened, photograph
from PIL import Image, ImageChops, ImageCms

from rekproxy.errors import InvalidTransformationError
from rekproxy.imaging.codec import duration, frame, open_source, plays
from rekproxy.imaging.encoder import Encoding, Film, encode, encode_film, encoding_for, films


def flagged(form: str, *flags: str) -> Encoding:
    return encoding_for(form, None, frozenset(flags))


def clear_at_the_top() -> Image.Image:
    picture = photograph("astronaut").resize((96, 96)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


@pytest.mark.parametrize(
    ("flags", "progressive"),
    [((), False), (("progressive",), True), (("progressive:steep",), True), (("progressive:none",), False)],
)
def test_jpeg_comes_in_waves_where_asked(flags: tuple[str, ...], progressive: bool) -> None:
    image = opened(encode(photograph(), flagged("jpg", *flags)))
    assert bool(image.info.get("progressive")) is progressive


@pytest.mark.parametrize(("quality", "sampling"), [("80", (2, 2)), ("80:420", (2, 2)), ("80:444", (1, 1))])
def test_chroma_is_as_asked(quality: str, sampling: tuple[int, int]) -> None:
    image = opened(encode(photograph(), encoding_for("jpg", quality)))
    assert image.layer[0][1:3] == sampling  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("flag", "modes"), [("png8", {"P"}), ("png24", {"RGB"}), ("png32", {"RGBA"}), ("lossy", {"RGB"})]
)
def test_png_has_the_depth_that_is_asked_for(flag: str, modes: set[str]) -> None:
    assert opened(encode(photograph(), flagged("png", flag))).mode in modes


def test_a_palette_keeps_alpha_and_is_smaller() -> None:
    picture = clear_at_the_top()
    small, whole = encode(picture, flagged("png", "png8")), encode(picture, flagged("png"))
    assert len(small) < len(whole) / 2
    kept = opened(small).convert("RGBA")
    difference = ImageChops.difference(kept.getchannel("A"), picture.getchannel("A"))
    assert max(difference.getextrema()) < 64  # type: ignore[type-var]


def test_only_24_bits_have_no_alpha() -> None:
    assert [flagged("png", depth).has_alpha for depth in ("png8", "png24", "png32")] == [True, False, True]
    assert not flagged("jpg").has_alpha
    assert flagged("webp", "png24").has_alpha


def test_few_colours_stay_what_they_are() -> None:
    picture = Image.new("RGB", (64, 64), (12, 200, 90))
    picture.paste((240, 1, 2), (0, 0, 32, 64))
    assert set(opened(encode(picture, flagged("gif"))).convert("RGB").get_flattened_data()) == {
        (12, 200, 90), (240, 1, 2)
    }  # fmt: skip


def test_gif_is_clear_or_not() -> None:
    image = opened(encode(clear_at_the_top(), flagged("gif"))).convert("RGBA")
    assert set(image.getchannel("A").get_flattened_data()) == {0, 255}


def test_density_is_noted_and_pixels_are_the_same() -> None:
    picture = photograph("chelsea")
    for form in ("jpg", "png"):
        plain, dense = (encode(picture, encoding_for(form, None, density=dn)) for dn in (None, 300))
        assert [round(n) for n in opened(dense).info["dpi"]] == [300, 300]
        assert opened(plain).tobytes() == opened(dense).tobytes()
        assert "dpi" not in opened(plain).info


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "avif"])
def test_a_profile_is_there_only_if_asked_for(form: str) -> None:
    picture = photograph("chelsea")
    assert not opened(encode(picture, flagged(form))).info.get("icc_profile")
    profile = opened(encode(picture, flagged(form, "force_icc"))).info["icc_profile"]
    assert "sRGB" in ImageCms.getProfileName(io.BytesIO(profile))


def moving() -> Film:
    still = photograph("chelsea").resize((120, 80))
    frames = [still.copy() for _ in range(4)]
    for number, image in enumerate(frames):
        image.paste((255, 0, 0), (number * 20, 10, number * 20 + 20, 30))
    return Film(frames, [100, 200, 300, 400], 3)


@pytest.mark.parametrize(
    ("form", "flags"), [("webp", ()), ("gif", ()), ("gif", ("lossy",)), ("png", ("apng",))]
)
def test_a_film_keeps_its_frames_times_and_plays(form: str, flags: tuple[str, ...]) -> None:
    wanted = moving()
    source = open_source(encode_film(wanted, flagged(form, *flags)))
    seen = []
    for number in range(source.frames):
        image = frame(source, number)
        seen.append(duration(source))
        red, green, _ = image.getpixel((number * 20 + 10, 20))  # type: ignore[misc]
        assert red > 200, green < 60
    assert (seen, plays(source)) == (wanted.durations, 3)


def test_a_lossy_gif_is_smaller() -> None:
    assert (
        len(encode_film(moving(), flagged("gif", "lossy"))) < len(encode_film(moving(), flagged("gif"))) * 0.8
    )


def test_frames_of_a_gif_do_not_shine_through_each_other() -> None:
    frames = [Image.new("RGBA", (60, 20)) for _ in range(3)]
    for number, image in enumerate(frames):
        image.paste((250, 10, 10, 255), (number * 20, 0, number * 20 + 20, 20))
    source = open_source(encode_film(Film(frames, [50, 50, 50], 0), flagged("gif")))
    for number in range(3):
        alphas = [frame(source, number).convert("RGBA").getpixel((x, 10))[3] for x in (10, 30, 50)]  # type: ignore[index]
        assert alphas == [255 * (place == number) for place in range(3)]


def test_what_stays_a_film() -> None:
    assert [films(form) for form in ("webp", "gif", "png", "jpg", "avif")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert films("png", frozenset({"apng"}))


def test_sides_beyond_a_format_are_refused() -> None:
    with pytest.raises(InvalidTransformationError, match="16383"):
        encode(Image.new("RGB", (16_384, 1)), flagged("webp"))
