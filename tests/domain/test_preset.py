"""Presets: what one may hold, what an unsigned upload may say, and what both make."""

import re

import pytest

from rekproxy.domain.preset import Limits, Preset, check_given, check_name, check_unsigned, check_whole, merge
from rekproxy.domain.uploadparameters import ADD_ONS, EFFECTLESS, OF_BOTH, OF_PRESETS, PARAMETERS, Kind
from rekproxy.errors import (
    FileTooLargeError,
    InvalidImageError,
    InvalidRequestError,
    InvalidTransformationError,
    SubscriptionError,
)


def test_every_parameter_is_there_once():
    every = [*OF_BOTH, *OF_PRESETS, *EFFECTLESS]
    assert len(every) == len(PARAMETERS)
    assert not PARAMETERS.keys() & set(ADD_ONS)
    assert all(parameter.meaning for parameter in (*OF_BOTH, *OF_PRESETS))


@pytest.mark.parametrize("name", ["a", "_x", "shop-2.front_A", "9", "a" * 128])
def test_names(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "-a", "a b", "a/b", "a%2F", "ä", "a\n", "a" * 129])
def test_names_that_none_may_have(name):
    with pytest.raises(InvalidRequestError, match="parameter name"):
        check_name(name)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("allowed_formats", ("JPG", "png", "jpeg"), ["jpg", "png"]),
        ("allowed_origins", ("HTTPS://A.example", "http://localhost:3000"),
         ["https://a.example", "http://localhost:3000"]),
        ("transformation", "w_100,c_limit/q_80", "c_limit,w_100/q_80"),
        ("format", "JPEG", "jpg"),
        ("max_bytes", "5000000", 5_000_000),
        ("tags", ("b", "a", "b"), ["b", "a"]),
        ("notification_url", "https://a.example/x http://b.example:8080/", "https://a.example/x http://b.example:8080/"),
        ("access_mode", "public", "public"),
        ("colors", True, True),
        ("folder", None, None),
    ],
)  # fmt: skip
def test_what_is_kept(name, given, kept):
    assert check_given({name: given}) == {name: kept}


def test_what_every_request_carries_is_not_kept():
    assert check_given({"timestamp": "1", "api_key": "x", "signature": "y"}) == {}


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("moderatoin", "aws_rek", "cannot hold the parameter moderatoin; did you mean moderation"),
        ("max_byte", "1", "did you mean max_bytes"),
        ("public_id", "cat", "cannot hold the parameter public_id"),
        ("access_control", '[{"access_type":"everybody"}]', "parameter access_control"),
        ("eval", "upload_options.moderation = ''", "cannot hold the parameter eval"),
        ("headers", "no header", "parameter headers"),
        ("quality_override", "best", "parameter quality_override"),
        ("display_name", "x" * 256, "at most 255"),
        ("upload_preset", "other", "cannot hold the parameter upload_preset"),
        ("x" * 500, "1", "cannot hold the parameter x{80}$"),
        ("access_mode", "private", "parameter access_mode"),
        ("type", "fetch", "parameter type"),
        ("folder", "a?b", "folder must not contain"),
        ("folder", "../up", "folder must not contain the segment"),
        ("max_bytes", "0", "from 1 to"),
        ("max_bytes", "-1", "from 1 to"),
        ("max_bytes", "1e6", "from 1 to"),
        ("max_bytes", "٣", "from 1 to"),
        ("max_width", "1000001", "from 1 to 1000000"),
        ("allowed_formats", ("jp*g",), "parameter allowed_formats"),
        ("allowed_origins", ("*",), "no origin"),
        ("allowed_origins", ("https://a.example/",), "no origin"),
        ("allowed_origins", ("null",), "no origin"),
        ("allowed_origins", ("https://*.example",), "no origin"),
        ("notification_url", "ftp://a.example", "begins with http"),
        ("notification_url", "https://", "begins with http"),
        ("notification_url", "https://[::1", "begins with http"),
        ("notification_url", " ", "1 to 5"),
        ("notification_url", "https://a.example " * 6, "1 to 5"),
        ("notification_url", "https://a.example/" + "x" * 2000, "begins with http"),
    ],
)
def test_what_is_refused(name, given, words):
    with pytest.raises(InvalidRequestError, match=words):
        check_given({name: given})


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("transformation", "zz_5", "Invalid transformation component - zz_5"),
        ("transformation", "l_logo", "overlays"),
        ("transformation", "f_auto", "Invalid extension in transformation: auto"),
        ("format", "auto", "Invalid extension in transformation: auto"),
        ("format", "jpg,png", "Invalid extension in transformation: jpg,png"),
        ("format", "svg", "Invalid extension in transformation: svg"),
    ],
)
def test_transformations_that_are_refused(name, given, words):
    with pytest.raises(InvalidTransformationError, match=words):
        check_given({name: given})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auto_tagging", "0.6"),
        ("auto_chaptering", "true"),
        ("auto_transcription", "true"),
        ("background_removal", "cloudinary_ai:fine_edges"),
        ("categorization", "google_tagging,aws_rek_tagging"),
        ("detection", "adv_face"),
        ("ocr", "adv_ocr:document"),
        ("raw_convert", "aspose"),
        ("similarity_search", "tineye"),
        ("visual_search", "1"),
    ],
)
def test_an_add_on_is_not_installed(name, value):
    with pytest.raises(SubscriptionError, match=f"active subscription for {name}"):
        check_given({name: value})
    assert check_given({name: "false"}) == {name: None}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("categorization", "Categorization illegal is not valid"),
        ("detection", "Detection invalid model 'illegal'"),
        ("background_removal", "Background removal illegal is invalid"),
        ("raw_convert", "Raw convert is invalid"),
        ("ocr", "Invalid value for parameter ocr: illegal"),
        ("auto_tagging", "from 0.0 to 1.0"),
    ],
)
def test_a_value_that_no_add_on_has_is_an_error(name, words):
    with pytest.raises(InvalidRequestError, match=re.escape(words)):
        check_given({name: "illegal"})


@pytest.mark.parametrize(
    ("unsigned", "settings", "words"),
    [
        (False, {"allowed_origins": ["https://a.example"]}, "unsigned upload presets only"),
        (True, {"min_width": 200, "max_width": 100}, "min_width must not be larger"),
        (True, {"context": {"a": "x" * 70_000}}, "too large"),
    ],
)
def test_settings_that_do_not_go_together(unsigned, settings, words):
    with pytest.raises(InvalidRequestError, match=words):
        check_whole(unsigned, settings)


#: As the wire has it, section 1.4.
ALLOWED = (
    "upload_preset,callback,public_id,folder,asset_folder,tags,context,metadata,face_coordinates,"
    "custom_coordinates,source,filename_override,manifest_transformation,manifest_json,template,"
    "template_vars,regions,public_id_prefix"
)


@pytest.mark.parametrize("name", ["moderation", "overwrite", "format", "transformation", "notification_url"])
def test_what_an_unsigned_upload_may_not_say(name):
    with pytest.raises(InvalidRequestError) as refused:
        check_unsigned(["public_id", name])
    assert str(refused.value) == (
        f"{name[0].upper()}{name[1:]} parameter is not allowed when using unsigned upload. "
        f"Only {ALLOWED} upload parameters are allowed."
    )


def test_what_an_unsigned_upload_may_say():
    check_unsigned(["file", "timestamp", "upload_preset", "public_id", "tags", "context", "folder"])


_THEIRS, _MINE = {"k": "theirs", "p": "1"}, {"k": "mine", "q": "2"}
HELD = {"folder": "theirs", "tags": ["a", "b"], "context": _THEIRS, "metadata": _THEIRS, "overwrite": True}
ASKED = {"folder": "mine", "tags": ("b", "c"), "context": _MINE, "metadata": _MINE, "public_id": "cat"}


def test_without_a_signature_the_preset_counts_more():
    merged = merge(Preset("p", True, HELD), ASKED)
    assert merged == {
        "folder": "theirs",
        "tags": ["a", "b", "c"],
        "context": {"k": "theirs", "q": "2", "p": "1"},
        "metadata": {"k": "theirs", "q": "2", "p": "1"},
        "public_id": "cat",
        "overwrite": False,
    }


def test_with_a_signature_the_request_counts_more():
    merged = merge(Preset("p", False, HELD), ASKED)
    assert merged == {
        "folder": "mine",
        "tags": ["a", "b", "c"],
        "context": {"k": "mine", "q": "2", "p": "1"},
        "metadata": {"k": "mine", "q": "2", "p": "1"},
        "public_id": "cat",
        "overwrite": True,
    }
    assert merge(Preset("p", False, HELD), {"overwrite": False})["overwrite"] is False


def test_without_a_preset_the_request_stands_alone():
    assert merge(None, ASKED) == ASKED


@pytest.mark.parametrize("unsigned", [True, False])
def test_a_preset_may_keep_public_ids_to_itself(unsigned):
    preset = Preset("p", unsigned, {"disallow_public_id": True})
    assert "public_id" not in merge(preset, {"tags": ("a",)})
    with pytest.raises(InvalidRequestError, match="public_id is not allowed"):
        merge(preset, {"public_id": "cat"})


def test_limits_of_a_preset():
    limits = Preset("p", True, {"max_bytes": 10, "min_width": 100, "max_height": 50, "folder": "x"}).limits
    assert limits == Limits(max_bytes=10, min_width=100, max_height=50)
    limits.check_bytes(10)
    with pytest.raises(FileTooLargeError, match=r"^File size too large. Got 11. Maximum is 10.$"):
        limits.check_bytes(11)
    limits.check_size(100, 50)
    with pytest.raises(InvalidImageError, match="width must be at least 100 pixels"):
        limits.check_size(99, 50)
    with pytest.raises(InvalidImageError, match="height must be at most 50 pixels"):
        limits.check_size(100, 51)


def test_kinds_are_those_that_are_read():
    assert {parameter.kind for parameter in PARAMETERS.values()} == set(Kind)
