"""Delivery paths and public ids: what is asked for, what is refused, and that both directions agree."""

import time
from contextlib import suppress
from urllib.parse import quote

import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.signature import sign_url, verify_url
from rekproxy.domain.transformation import parse
from rekproxy.domain.url import (
    DeliveryPath,
    candidates,
    check_cloud_name,
    check_public_id,
    delivery_path,
    escape,
    parse_delivery_path,
)
from rekproxy.errors import InvalidRequestError, InvalidTransformationError


def path(raw: str) -> DeliveryPath:
    parsed = parse_delivery_path(raw)
    assert parsed is not None
    return parsed


# --- forms of a path -----------------------------------------------------------------------------


def test_all_parts():
    asked = path("/demo/image/private/s--Ai4Znfl3--/c_fill,w_100/q_80/v12/a/b.jpg")
    assert (asked.cloud, asked.type, asked.signature, asked.version) == ("demo", "private", "Ai4Znfl3", 12)
    assert asked.transformation == parse("c_fill,w_100/q_80")
    assert asked.signed_texts == ("c_fill,w_100/q_80/a/b.jpg",)
    assert asked.candidates == (("a/b", "jpg"), ("a/b.jpg", None))


@pytest.mark.parametrize(
    ("raw", "cloud", "type"),
    [
        ("/demo/image/upload/x", "demo", "upload"),
        ("/demo/image/private/x", "demo", "private"),
        ("/demo/image/authenticated/x", "demo", "authenticated"),
        ("/image/upload/x", None, "upload"),
        ("/image/authenticated/x", None, "authenticated"),
        ("/image/image/upload/x", "image", "upload"),
        ("/demo/iu/x", "demo", "upload"),
        ("/iu/x", None, "upload"),
        ("/demo/images/x/seen-by-readers", "demo", "upload"),
        ("/images/v1/x/seen-by-readers", None, "upload"),
        ("/demo/private_images/x/seen", "demo", "private"),
        ("/authenticated_images/x/seen", None, "authenticated"),
        ("//demo//image///upload//x", "demo", "upload"),
    ],
)
def test_addresses(raw, cloud, type):
    asked = path(raw)
    assert (asked.cloud, asked.type, asked.candidates) == (cloud, type, (("x", None),))
    assert asked.transformation.is_identity


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "/",
        "/metrics",
        "/demo",
        "/demo/image/upload",
        "/demo/image/upload/",
        "/demo/image/upload//",
        "demo/image/upload/x",
        "/demo/image/fetch/ftp://example.com/x.png",
        "/demo/image/fetch/x.png",
        "/demo/image/fetch/v1/x/http://example.com/x.png",
        "/demo/image/fetch/w_10/",
        "/demo/image/list/cats.json",
        "/demo/video/upload/x.mp4",
        "/demo/raw/upload/x.zip",
        "/demo/images/x",
        "/demo/images/w_90/name.jpg",
        "/demo/sample.jpg",
        "/v1_1/demo/image/upload",
        "/v1_1/demo/image/upload/x",
        "/../image/upload/x",
        "/d/image/upload/x",
        "/de%6Do/image/upload/x",
        "/demo/image/Upload/x",
        "/demo/image/upload%2Fx",
        "/démo/image/upload/x",
        "/" + "x" * 100_000,
    ],
)
def test_what_is_no_delivery_path(raw):
    assert parse_delivery_path(raw) is None


@pytest.mark.parametrize(
    ("rest", "transformation", "version", "public_id"),
    [
        ("w_5/x", "w_5", None, "x"),
        ("w_5", "", None, "w_5"),
        ("w_5/h_5/v3/x", "w_5/h_5", 3, "x"),
        ("v3/w_5/x", "", 3, "w_5/x"),
        ("v3", "", None, "v3"),
        ("v1/v3", "", 1, "v3"),
        ("folder/w_5/x", "", None, "folder/w_5/x"),
        ("foo_bar/x", "", None, "foo_bar/x"),
        ("vacation/x", "", None, "vacation/x"),
        ("w_5//v1///a//x", "w_5", 1, "a/x"),
        ("s--Ai4Znfl3--", "", None, "s--Ai4Znfl3--"),
        ("s--short--/x", "", None, "s--short--/x"),
        ("l_a:b,w_5/x", "l_a:b,w_5", None, "x"),
        ("x/", "", None, "x"),
        ("a%2Fx", "", None, "a/x"),
    ],
)
def test_where_components_end(rest, transformation, version, public_id):
    asked = path(f"/demo/image/upload/{rest}")
    assert asked.transformation == parse(transformation)
    assert (asked.version, asked.candidates) == (version, ((public_id, None),))


@pytest.mark.parametrize("component", ["ab_x", "zz_5", "w_5,zz_5", "$foo_5", "if_end", "if_w_gt_5", "fps_5"])
def test_a_folder_that_looks_like_a_component_is_one(component):
    with pytest.raises(InvalidTransformationError, match="Invalid transformation component - "):
        parse_delivery_path(f"/demo/image/upload/{component}/x")
    assert path(f"/demo/image/upload/v1/{escape(component)}/x").transformation.is_identity


def test_a_transformation_that_is_not_understood_is_refused():
    with pytest.raises(InvalidTransformationError, match="Invalid width in transformation: abc"):
        parse_delivery_path("/demo/image/upload/w_abc/x.jpg")


# --- extensions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.jpg", (("a", "jpg"), ("a.jpg", None))),
        ("a.jpeg", (("a", "jpg"), ("a.jpeg", None))),
        ("a.JPE", (("a", "jpg"), ("a.JPE", None))),
        ("a.b.webp", (("a.b", "webp"), ("a.b.webp", None))),
        ("a.tif", (("a", "tiff"), ("a.tif", None))),
        ("a.jpg/b", (("a.jpg/b", None),)),
        ("a.txt", (("a.txt", None),)),
        ("a.", (("a.", None),)),
        (".jpg", ((".jpg", None),)),
        ("a/.png", (("a/.png", None),)),
        ("..jpg", (("..jpg", None),)),
        ("png", (("png", None),)),
    ],
)
def test_an_extension_that_names_a_format_is_taken_off_first(name, found):
    assert candidates(name) == found
    assert path(f"/demo/image/upload/v1/{name}").candidates == found


# --- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "secret"),
    [
        ("s--Ai4Znfl3--/c_crop,h_20,w_10/image.jpg", "b"),
        ("s----SjmNDA--/image.jpg", "b"),
        ("s--v2fTPYTu--/v123/sample.jpg", "b"),
        ("s--2hbrSMPO--/sample.jpg", "b"),
        ("s--2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf--/sample.jpg", "b"),
        ("s--Golj7oPp--/v1/folder/a%20b%20%C3%A4.jpg", "abcd"),
        ("s--Golj7oPp--/v1/folder/a%20b%20%c3%a4.jpg", "abcd"),
        ("s--Golj7oPp--//v1//folder//%61%20b%20%C3%A4.jpg", "abcd"),
        ("s--0in3rjcr--/c_scale,w_50/cat.webp", "abcd"),
    ],
)
def test_a_signature_covers_transformation_and_source(rest, secret):
    asked = path(f"/demo/image/authenticated/{rest}")
    assert asked.signature
    assert verify_url(asked.signature, asked.signed_texts, secret)


@pytest.mark.parametrize(
    "rest", ["s--Ai4Znfl3--/c_crop,h_20,w_11/image.jpg", "s--Ai4Znfl3--/c_crop,h_20,w_10/q_1/image.jpg"]
)
def test_a_signature_covers_nothing_else(rest):
    asked = path(f"/demo/image/upload/{rest}")
    assert not verify_url(asked.signature, asked.signed_texts, "b")


# --- malformed paths -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("a%", "percent-encoded"),
        ("a%2", "percent-encoded"),
        ("a%zz", "percent-encoded"),
        ("a b", "percent-encoded"),
        ("a\nb", "percent-encoded"),
        ("a\x00", "percent-encoded"),
        ("ä", "percent-encoded"),
        ("a?b", "percent-encoded"),
        ("a#b", "percent-encoded"),
        ("%FF", "UTF-8"),
        ("%C3", "UTF-8"),
        ("%C0%AE%C0%AE/x", "UTF-8"),
        ("%ED%A0%80", "UTF-8"),
        ("%00", "control characters"),
        ("a%0Ab", "control characters"),
        ("a%7F", "control characters"),
        ("a%C2%85", "control characters"),
        ("a%E2%80%A8", "control characters"),
        ("../x", r"segment \.\."),
        ("a/../x", r"segment \.\."),
        ("%2e%2e/x", r"segment \.\."),
        ("a%2F..%2Fx", r"segment \.\."),
        ("./x", r"segment \."),
        ("..", r"segment \.\."),
        ("v1/..", r"segment \.\."),
        ("%20", "empty"),
        ("x" * 256, "too long. Got 256. Maximum is 255."),
        ("%C3%A4" * 256, "too long"),
        ("x/" * 5000, "URL is too long"),
        ("a%3Fb", r"must not contain \?"),
        ("a%5Cb", "must not contain"),
        ("a\\b", "must not contain"),
        ("a%253F", "must not contain %"),
        ("v1/v2/x", "reads as a version: v2"),
        ("v9999999999999999/x", "reads as a version"),
    ],
)
def test_malformed_paths_are_refused(rest, message):
    with pytest.raises(InvalidRequestError, match=message):
        parse_delivery_path(f"/demo/image/upload/{rest}")


def test_255_characters_are_not_too_long():
    assert path("/demo/image/upload/" + "%C3%A4" * 255).candidates[0][0] == "ä" * 255


hostile = st.one_of(
    st.text(),
    st.text("awv_,./:%0123456789-sé\x00 \n\ud800", max_size=80),
    st.lists(st.sampled_from(["..", "%2e", "w_5", "v1", "s--Ai4Znfl3--", "%", "", "a.jpg", "%FF", "l_"])).map(
        "/".join
    ),
)


@given(hostile)
def test_no_text_raises_anything_but_its_own_error(text):
    for raw in (text, f"/demo/image/upload/{text}"):
        with suppress(InvalidRequestError):
            asked = parse_delivery_path(raw)
            assert asked is None or all(check_public_id(name) == name for name, _ in asked.candidates)


@pytest.mark.parametrize(
    "piece", ["a/", "w_5/", "w_5,", "/", "%41", "%", "s--", "v1/", "a.jpg", ":/", "$a", "image/"]
)
def test_no_text_takes_long(piece):
    for raw in ((piece * 20_000), "/demo/image/upload/" + (piece * 20_000)[:8000]):
        started = time.process_time()
        with suppress(InvalidRequestError):
            parse_delivery_path(raw)
        assert time.process_time() - started < 0.05


def test_a_typical_path_is_quickly_taken_apart():
    raw = "/demo/image/upload/c_fill,g_north,h_300,w_400/f_auto,q_auto/v1700000000/folder/photo.jpg"
    started = time.process_time()
    for _ in range(500):
        parse_delivery_path(raw)
    # Measured about 30 microseconds each; the rest is room for a slow machine.
    assert time.process_time() - started < 500 * 0.0005


# --- the way back --------------------------------------------------------------------------------

public_ids = st.lists(
    st.text(
        st.characters(codec="utf-8", exclude_characters="?&#\\%<>+/", exclude_categories=["Cc", "Zl", "Zp"]),
        max_size=12,
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@given(
    public_ids,
    st.sampled_from([None, 1, 1700000000]),
    st.sampled_from(["jpg", "png", "webp"]),
    st.sampled_from(["", "w_5", "c_fill,w_5/q_80"]),
)
def test_a_path_leads_back_to_its_asset(text, version, format, transformation):
    try:
        public_id = check_public_id(text)
    except InvalidRequestError:
        return
    raw = delivery_path(
        "demo", "upload", public_id, version=version, format=format, transformation=transformation
    )
    asked = path(raw)
    assert asked.candidates[0] == (public_id, format)
    assert asked.transformation == parse(transformation)
    assert version is None or asked.version == version


@pytest.mark.parametrize(
    ("arguments", "raw"),
    [
        ({"public_id": "x"}, "/demo/image/upload/x"),
        ({"public_id": "x", "version": 5, "format": "jpg"}, "/demo/image/upload/v5/x.jpg"),
        ({"public_id": "ab_x/y z"}, "/demo/image/upload/v1/ab_x/y%20z"),
        ({"public_id": "v5x/y"}, "/demo/image/upload/v5x/y"),
        ({"public_id": "x", "transformation": "w_5/q_9"}, "/demo/image/upload/w_5/q_9/x"),
    ],
)
def test_paths(arguments, raw):
    assert delivery_path("demo", "upload", **arguments) == raw


@given(public_ids)
def test_paths_are_those_of_the_sdk(text):
    try:
        public_id = check_public_id(text)
    except InvalidRequestError:
        return
    url, _ = cloudinary.utils.cloudinary_url(
        public_id,
        cloud_name="demo",
        format="png",
        sign_url=True,
        api_secret="abcd",
        secure=True,
        width=5,
        crop="fit",
    )
    raw = url.removeprefix("https://res.cloudinary.com")
    asked = path(raw)
    assert asked.candidates[0] == (public_id, "png")
    assert verify_url(asked.signature, asked.signed_texts, "abcd")
    assert raw.replace(f"s--{asked.signature}--/", "") == delivery_path(
        "demo", "upload", public_id, format="png", transformation="c_fit,w_5"
    )
    assert sign_url(asked.signed_texts[0], "abcd") == asked.signature


@given(st.text(st.characters(codec="utf-8")))
def test_escaping_is_that_of_the_sdk(text):
    assert escape(text) == cloudinary.utils.smart_escape(text)


# --- public ids and clouds -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "public_id"),
    [
        ("a", "a"),
        (" /a b/c/ ", "a b/c"),
        ("a//b", "a/b"),
        ("日本/写真 1.jpg", "日本/写真 1.jpg"),
        ("v12", "v12"),
        ("v12x/a", "v12x/a"),
        ("a..b/...", "a..b/..."),
        ("a:b,c_d=e!f(g)h~'\"|*@$[]{};^`", "a:b,c_d=e!f(g)h~'\"|*@$[]{};^`"),
        ("x" * 255, "x" * 255),
    ],
)
def test_public_ids(text, public_id):
    assert check_public_id(text) == public_id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" / / ", "empty"),
        ("x" * 256, "too long. Got 256. Maximum is 255."),
        ("x" * 2000, "too long. Got 2000. Maximum is 255."),
        ("a/../b", r"segment \.\."),
        ("..", r"segment \.\."),
        ("a/.", r"segment \."),
        ("a\x00", "control characters"),
        ("a\r\nb", "control characters"),
        ("a\u2028b", "control characters"),
        ("a\ud800", "control characters"),
        ("v1/a", "reads as a version: v1"),
        ("a/v22/b", "reads as a version: v22"),
        *((f"a{character}b", f"must not contain [{character}]") for character in "?&#%<>+"),
        ("a\\b", r"must not contain \\"),
    ],
)
def test_public_ids_that_no_asset_may_have(text, message):
    with pytest.raises(InvalidRequestError, match=message):
        check_public_id(text)


@given(st.text())
def test_a_public_id_is_checked_once_and_for_all(text):
    try:
        public_id = check_public_id(text)
    except InvalidRequestError:
        return
    assert check_public_id(public_id) == public_id


def test_cloud_names():
    assert check_cloud_name("demo-1") == "demo-1"
    for text in ("", "d", "1demo", "de_mo", "de/mo", "démo", "demo\n", "x" * 129):
        with pytest.raises(InvalidRequestError, match="cloud_name"):
            check_cloud_name(text)


# --- a last segment for readers ------------------------------------------------------------------


def test_the_last_segment_is_left_out_and_its_extension_kept():
    asked = path("/demo/images/s--n3C51sTt--/w_90/v1/pets/dog/my-dog.jpg")
    assert asked.candidates == (("pets/dog", "jpg"), ("pets/dog.jpg", None))
    assert asked.signed_texts == ("w_90/pets/dog.jpg",)
    assert path("/demo/images/dog/my-dog").candidates == (("dog", None),)
    signed = path("/demo/images/s--n3C51sTt--/dog/my-dog.jpg")
    assert verify_url("n3C51sTt", signed.signed_texts, "abcd")


@pytest.mark.parametrize(
    "raw", ["/demo/images/dog/my.old.jpg", "/demo/images/dog/.jpg", "/demo/images/dog/my."]
)
def test_a_segment_for_readers_has_no_dots(raw):
    with pytest.raises(InvalidRequestError, match="url_suffix"):
        parse_delivery_path(raw)


@pytest.mark.parametrize("more", [{}, {"private_cdn": True}, {"sign_url": True, "long_url_signature": True}])
def test_the_sdk_writes_a_segment_for_readers_so(more):
    url, _ = cloudinary.utils.cloudinary_url(
        "pets/my dog", url_suffix="a-good-dog", format="png", width=90, crop="fill",
        cloud_name="demo", api_secret="abcd", **({"private_cdn": False} | more),
    )  # fmt: skip
    asked = path("/" + url.split("/", 3)[3])
    assert (asked.type, asked.candidates[0]) == ("upload", ("pets/my dog", "png"))
    if more.get("sign_url"):
        assert verify_url(asked.signature, asked.signed_texts, "abcd")


@pytest.mark.parametrize(
    "asked_for",
    [
        {"overlay": {"font_family": "Noto Sans", "font_size": 20, "text": "hi, you: a/b 50% \u65e5"}},
        {
            "overlay": {"font_family": "Arial", "font_size": 20, "text": "a b"},
            "raw_transformation": "t_sp name",
        },
        {"transformation": "sp name"},
        {"overlay": "\u65e5\u672c"},
        {"overlay": "[x]"},
        {"default_image": "a b.png"},
        {"flags": "attachment:my file"},
        {"effect": "sepia:50", "width": 10},
    ],
)
def test_what_the_sdk_signs_unescaped_is_signed_when_it_was_escaped_on_its_way(asked_for):
    url, _ = cloudinary.utils.cloudinary_url(
        "my dog.jpg", sign_url=True, cloud_name="demo", api_secret="abcd", **asked_for
    )
    raw = "/" + url.split("/", 3)[3]
    sent = quote(raw, safe="!$&'()*+,/:;=@%~-._")  # as browsers do
    asked = path(sent)
    assert verify_url(asked.signature, asked.signed_texts, "abcd")
    assert not verify_url(asked.signature, asked.signed_texts, "other")


@pytest.mark.parametrize(
    ("signed", "other"),
    [
        ("c_fill,w_100/dog.jpg", "c_fill%2Cw_100/dog.jpg"),
        ("t_a/t_b/dog.jpg", "t_a%2Ft_b/dog.jpg"),
        ("w_100/dog.jpg", "w_1%300/dog.jpg"),
        ("l_text:Arial_20:a%252Cb/dog.jpg", "l_text:Arial_20:a%25252Cb/dog.jpg"),
        ("l_text:Arial_20:a%20b/dog.jpg", "l_text:Arial_20:a%2520b/dog.jpg"),
    ],
)
def test_what_could_mean_something_else_is_not_unescaped_for_a_signature(signed, other):
    try:
        asked = path(f"/demo/image/upload/s--{sign_url(signed, 'abcd')}--/{other}")
    except InvalidRequestError:
        return
    assert not verify_url(asked.signature, asked.signed_texts, "abcd")


@pytest.mark.parametrize("length", [250, 251, 252, 255])
@pytest.mark.parametrize("extension", ["", ".jpg", ".webp"])
def test_the_longest_public_id_is_found_under_any_extension(length, extension):
    asked = path(f"/demo/image/upload/{'q' * length}{extension}")
    assert asked.candidates[0] == ("q" * length, extension[1:] or None)
    assert all(len(public_id) <= 255 for public_id, _ in asked.candidates)


@pytest.mark.parametrize("name", ["q" * 256, "q" * 256 + ".jpg", "q" * 253 + ".odd"])
def test_a_longer_one_is_refused(name):
    with pytest.raises(InvalidRequestError, match="too long"):
        path(f"/demo/image/upload/{name}")
