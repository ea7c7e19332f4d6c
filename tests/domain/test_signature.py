"""Signatures: every vector of the contract, agreement with the SDK, and what must not pass."""

import string

import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.signature import (
    sign_parameters,
    sign_response,
    sign_url,
    string_to_sign,
    verify_parameters,
    verify_url,
)

SECRET = "hdcixPpR2iKERPwqvH6sHdK9cyac"
LOGIN = {"cloud_name": "dn6ot3ged", "timestamp": 1568810420, "username": "user@cloudinary.com"}
CALLBACK = {
    "cloud_name": "dn6ot3ged",
    "timestamp": 1568810420,
    "notification_url": "https://fake.com/callback?a=1&tags=hello,world",
}


# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "version", "algorithm", "signature"),
    [
        (LOGIN, 2, "sha1", "14c00ba6d0dfdedbc86b316847d95b9e6cd46d94"),
        (LOGIN, 1, "sha1", "14c00ba6d0dfdedbc86b316847d95b9e6cd46d94"),
        (LOGIN, 2, "sha256", "45ddaa4fa01f0c2826f32f669d2e4514faf275fe6df053f1a150e7beae58a3bd"),
        (CALLBACK, 2, "sha1", "4fdf465dd89451cc1ed8ec5b3e314e8a51695704"),
        (CALLBACK, 1, "sha1", "7b4e3a539ff1fa6e6700c41b3a2ee77586a025f9"),
    ],
)
def test_vectors_of_parameters(params, version, algorithm, signature):
    assert sign_parameters(params, SECRET, version, algorithm) == signature


def test_the_string_to_sign():
    params = {
        "public_id": "folder/cat",
        "tags": ["a", "b"],
        "timestamp": 1315060510,
        "eager": "w_400,h_300,c_pad|w_260,h_200,c_crop",
        "overwrite": 1,
        "context": "",
        "moderation": None,
    }
    assert string_to_sign(params) == (
        "eager=w_400,h_300,c_pad|w_260,h_200,c_crop&overwrite=1&public_id=folder/cat&tags=a,b&timestamp=1315060510"
    )


def test_booleans_are_words_and_brackets_are_no_part_of_a_name():
    assert string_to_sign({"tags[]": ["a", "b"], "invalidate": True}) == "invalidate=true&tags=a,b"


names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
values = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.integers(1),
    st.just(True),
    st.lists(st.text(string.ascii_letters + ",&=", max_size=5), min_size=1, max_size=3).filter(any),
)


@given(
    st.dictionaries(names, values, min_size=1, max_size=6),
    st.sampled_from([1, 2]),
    st.sampled_from(["sha1", "sha256"]),
)
def test_parameters_sign_as_in_the_sdk(params, version, algorithm):
    theirs = cloudinary.utils.api_sign_request(params, "secret", algorithm, version)
    assert sign_parameters(params, "secret", version, algorithm) == theirs


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_request_signed_in_any_way_is_known(version, algorithm):
    signed = {"public_id": "a", "timestamp": "1", "tags": ["x", "y"]}
    given = sign_parameters(signed, SECRET, version, algorithm)
    sent = {
        **signed,
        "api_key": "k",
        "signature": given,
        "file": "data:",
        "cloud_name": "c",
        "resource_type": "image",
    }
    assert verify_parameters(sent, given, SECRET, endpoint="upload")
    assert not verify_parameters({**sent, "public_id": "b"}, given, SECRET, endpoint="upload")
    assert not verify_parameters({**sent, "overwrite": "1"}, given, SECRET, endpoint="upload")
    assert not verify_parameters(sent, given, "other", endpoint="upload")
    assert not verify_parameters(sent, given.upper(), SECRET, endpoint="upload")
    assert not verify_parameters(sent, given[:-1], SECRET, endpoint="upload")


def test_version_1_is_refused_where_a_value_could_pass_for_parameters():
    honest = {"notification_url": "https://x/?a=1&overwrite=1", "timestamp": "1"}
    first, second = (sign_parameters(honest, SECRET, version) for version in (1, 2))
    smuggled = {"notification_url": "https://x/?a=1", "overwrite": "1", "timestamp": "1"}
    assert sign_parameters(smuggled, SECRET, 1) == first
    assert not verify_parameters(honest, first, SECRET, endpoint="upload")
    assert verify_parameters(honest, second, SECRET, endpoint="upload")
    assert not verify_parameters(smuggled, second, SECRET, endpoint="upload")


def test_an_equals_sign_cannot_move_from_a_value_into_a_name():
    given = sign_parameters({"context": "a=b"}, SECRET)
    assert verify_parameters({"context": "a=b"}, given, SECRET, endpoint="upload")
    assert not verify_parameters({"context=a": "b"}, given, SECRET, endpoint="upload")


@pytest.mark.parametrize("endpoint", ["tags", "context", "metadata"])
def test_calls_about_many_assets_may_leave_two_parameters_unsigned(endpoint):
    signed = {"command": "add", "timestamp": "1"}
    sent = {**signed, "notification_url": "https://x/?a&b", "batch_id": "7"}
    assert verify_parameters(sent, sign_parameters(signed, SECRET), SECRET, endpoint=endpoint)
    assert verify_parameters(sent, sign_parameters(sent, SECRET), SECRET, endpoint=endpoint)
    assert not verify_parameters(sent, sign_parameters(signed, SECRET), SECRET, endpoint="upload")


def test_an_empty_secret_signs_and_verifies_nothing():
    with pytest.raises(ValueError, match="empty secret"):
        sign_parameters({"a": "1"}, "")
    with pytest.raises(ValueError, match="empty secret"):
        sign_url("a.jpg", "")
    assert not verify_parameters({}, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "", endpoint="upload")
    assert not verify_url("2jmj7l5r", [""], "")


@given(st.text())
def test_no_text_is_a_signature_by_chance_nor_an_error(text):
    assert not verify_parameters({"a": text}, text, SECRET, endpoint="tags")
    assert not verify_url(text, [text], SECRET)


# --- our replies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "public_id", "version", "algorithm", "signature"),
    [
        (
            "X7qLTrsES31MzxxkxPPA-pAGGfU",
            "tests/logo.png",
            1,
            "sha1",
            "08d3107a5b2ad82e7d82c0b972218fbf20b5b1e0",
        ),
        (
            "X7qLTrsES31MzxxkxPPA-pAGGfU",
            "tests/logo.png",
            1,
            "sha256",
            "cc69ae4ed73303fbf4a55f2ae5fc7e34ad3a5c387724bfcde447a2957cacdfea",
        ),
        ("1234", "hello", 1234, "sha1", "2aa73bf69fb50816e5509e32275b8c417dcb880d"),
    ],
)
def test_vectors_of_replies(secret, public_id, version, algorithm, signature):
    assert sign_response(public_id, version, secret, algorithm) == signature


# --- URLs ----------------------------------------------------------------------------------------

URLS = [
    ("b", "c_crop,h_20,w_10/image.jpg", "Ai4Znfl3"),
    ("b", "image.jpg", "--SjmNDA"),
    ("b", "sample.jpg", "v2fTPYTu"),
    ("b", "sample.jpg", "2hbrSMPO"),
    ("b", "sample.jpg", "2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf"),
    ("b", "http://google.com/path/to/image.png", "hH_YcbiS"),
    ("b", "c_crop,h_20,w_10/http://google.com/path/to/image.png", "BfGX5XCB"),
    ("abcd", "folder/a%20b%20%C3%A4.jpg", "Golj7oPp"),
    ("abcd", "c_fill,w_100/e_sepia:50/folder/a%20b%20%C3%A4.jpg", "i9MJaWJa"),
    ("abcd", "c_scale,w_50/cat.webp", "0in3rjcr"),
    ("abcd", "c_fit,w_80/https://example.com/a%3Fb%3Dc%26d%3D%C3%A9.png", "lUv551Zj"),
    ("abcd", "dog.jpg", "n3C51sTt"),
]


@pytest.mark.parametrize(("secret", "text", "signature"), URLS)
def test_vectors_of_urls(secret, text, signature):
    assert verify_url(signature, [text], secret)
    assert verify_url(signature, ["other", text], secret)
    assert not verify_url(signature, ["other"], secret)
    assert not verify_url(signature, [text], secret + "x")
    assert not verify_url(signature[:-1] + "!", [text], secret)
    assert not verify_url(signature[:-1], [text], secret)


def test_the_forms_of_a_url_signature():
    assert sign_url("sample.jpg", "b") == "v2fTPYTu"
    assert sign_url("sample.jpg", "b", "sha256") == "2hbrSMPO"
    assert sign_url("sample.jpg", "b", long=True) == "2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf"
