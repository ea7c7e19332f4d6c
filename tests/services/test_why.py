"""Why a URL shows what it shows: every cause by name, and nothing about another cloud."""

import pytest

from rekproxy.domain import token
from rekproxy.domain.asset import Status
from rekproxy.domain.signature import sign_url
from rekproxy.domain.url import parse_delivery_path
from rekproxy.errors import InvalidRequestError, ProviderError
from rekproxy.services.deliver import Asked
from rekproxy.services.why import Link
from tests.conftest import NUDE, house_of, settings_for, upload

KEY = "00112233445566778899aabbccddeeff"
CAT = "https://cdn.example.com/demo/image/upload/w_90/cat.jpg?_a=x"


@pytest.fixture
def keyed(tmp_path, imager, detector):
    house = house_of(settings_for(tmp_path, token_key=KEY), imager, detector)
    yield house
    house.close()


def ask(house, url=CAT, cloud="demo"):
    return house.why.explain(cloud, Link.read(url))


def causes(said):
    return [cause["cause"] for cause in said["causes"]]


def one(said):
    (cause,) = said["causes"]
    return cause


def test_what_is_shown_says_from_where(house, jpeg):
    asset = upload(house, jpeg)
    said = ask(house)
    assert (said["status"], said["causes"], said["tier"], said["max_age"]) == (200, [], "original", 60)
    assert said["pictures"][0] | {"revision": asset.revision, "standing": "approved"} == said["pictures"][0]
    assert len(said["surrogate_keys"]) == 2
    house.deliver.open_public(Asked(parse_delivery_path("/demo/image/upload/w_90/cat.jpg"), "demo"))
    assert ask(house)["tier"] == "memory"
    house.memory._pictures.clear()
    assert ask(house)["tier"] == "derived"


def test_unknown(house):
    said = ask(house)
    assert (said["status"], causes(said)) == (404, ["unknown"])


def test_pending_names_the_entry_and_its_last_failure(house, jpeg, detector):
    detector.failure = ProviderError("no such model", code="ResourceNotFound", retryable=False)
    upload(house, jpeg, moderation="aws_rek|manual")
    cause = one(ask(house))
    assert (cause["cause"], cause["of"]) == ("pending", "picture")
    (entry,) = cause["waiting"]
    assert (entry["kind"], entry["last_failure"]) == ("aws_rek", "ResourceNotFound")
    assert (entry["last_failure_text"], cause["since"][-1]) == ("no such model", "Z")


def test_rejected_names_label_and_level(house, jpeg, detector):
    detector.labels = NUDE
    upload(house, jpeg)
    cause = one(ask(house))
    assert (cause["cause"], cause["kind"], cause["by"]) == ("rejected", "aws_rek", "detector:told")
    assert {"Explicit Nudity"} <= {label["name"] for label in cause["offending"]}
    assert "Explicit Nudity at 97" in cause["text"]


def test_rejected_by_a_person_names_who_and_the_reason(house, jpeg):
    asset = upload(house, jpeg)
    house.review.override("demo", asset, Status.REJECTED, actor="key:2", reason="privacy", note="a face")
    cause = one(ask(house))
    assert (cause["by"], cause["reason"], cause["note"]) == ("key:2", "privacy", "a face")
    assert "offending" not in cause


def test_restricted(house, jpeg):
    asset = upload(house, jpeg)
    house.custody.restrict("demo", asset.asset_id, "admin", roles={"admin"}, actor="key:7", reason="illegal")
    cause = one(ask(house))
    assert (cause["cause"], cause["by"], cause["restricted_to"]) == ("restricted", "key:7", "admin")
    assert cause["reason"] == "illegal"


@pytest.mark.parametrize("backup", [False, True])
def test_deleted_is_known_from_the_audit(house, jpeg, backup):
    upload(house, jpeg, backup=backup)
    house.library.destroy("demo", "upload", "cat", actor="key:9")
    cause = one(ask(house))
    assert (cause["cause"], cause["by"]) == ("deleted", "key:9")


def test_erased_is_known_from_the_audit(house, jpeg):
    asset = upload(house, jpeg)
    house.custody.erase("demo", asset.asset_id, actor="key:9", reason="illegal")
    cause = one(ask(house))
    assert (cause["cause"], cause["asset_id"], cause["reason"]) == ("erased", asset.asset_id, "illegal")


def test_an_overlay_that_is_not_approved_is_named(house, jpeg):
    upload(house, jpeg)
    upload(house, jpeg, "logo", moderation="manual")
    said = ask(house, "/demo/image/upload/l_logo,w_20/l_none,w_20/cat.jpg")
    assert [(each["of"], each["public_id"], each["cause"]) for each in said["causes"]] == [
        ("overlay", "logo", "pending"),
        ("overlay", "none", "unknown"),
    ]
    assert said["status"] == 404


def test_a_wrong_signature_says_what_was_signed(house, jpeg):
    upload(house, jpeg, type="authenticated")
    path = "/demo/image/authenticated/s--{}--/w_90/cat.jpg"
    said = ask(house, path.format("AAAAAAAA"))
    assert (said["status"], one(said)["string_to_sign"]) == (401, ["w_90/cat.jpg"])
    assert "a-secret-of-tests" not in str(said)
    assert ask(house, path.format(sign_url("w_90/cat.jpg", "a-secret-of-tests")))["status"] == 200


@pytest.mark.parametrize(
    ("given", "cause", "words"),
    [
        (None, "token_missing", "It needs a token"),
        (token.write(KEY, expires=1, patterns=("/*",)), "token", "expired"),
        (token.write(KEY, expires=2**33, start=2**32, patterns=("/*",)), "token", "not come"),
        (token.write(KEY, expires=2**33, patterns=("/x*",)), "token", "patterns"),
        (token.write("aa" * 16, expires=2**33, patterns=("/*",)), "token", "key of this cloud"),
        ("nonsense", "token", "no token"),
    ],
)
def test_a_token_that_opens_nothing_says_why(keyed, jpeg, given, cause, words):
    upload(keyed, jpeg, type="authenticated")
    query = f"?{token.NAME}={given}" if given else ""
    said = ask(keyed, f"/demo/image/authenticated/w_90/cat.jpg{query}")
    assert (said["status"], one(said)["cause"]) == (401, cause)
    assert words in one(said)["text"]


def test_a_good_token_is_not_in_the_way(keyed, jpeg):
    upload(keyed, jpeg, type="authenticated")
    good = token.write(KEY, expires=2**33, patterns=("/demo/*",))
    assert ask(keyed, f"/demo/image/authenticated/w_90/cat.jpg?{token.NAME}={good}")["status"] == 200


@pytest.mark.parametrize(
    ("url", "status", "cause", "words"),
    [
        ("/demo/image/upload/zz_5/cat.jpg", 400, "transformation", "zz_5"),
        ("/demo/image/upload/f_jxl/cat.jpg", 400, "transformation", "jxl"),
        ("/demo/image/upload/%zz.jpg", 400, "malformed", "percent"),
        ("/demo/image/upload/..%2f..%2fetc", 400, "malformed", "public"),
        ("/robots.txt", 404, "no_delivery_path", "no path"),
        ("/studio/image/upload/cat.jpg", None, "wrong_cloud", "studio"),
    ],
)
def test_what_is_refused_before_anything_is_looked_up(house, jpeg, url, status, cause, words):
    upload(house, jpeg)
    said = ask(house, url)
    assert (said["status"], one(said)["cause"]) == (status, cause)
    assert words in one(said)["text"]
    assert "pictures" not in said or status == 400


def test_a_path_without_a_cloud_is_the_first_clouds(house, jpeg):
    upload(house, jpeg)
    assert ask(house, "/image/upload/cat.jpg")["status"] == 200
    assert causes(ask(house, "/image/upload/cat.jpg", cloud="studio")) == ["wrong_cloud"]


def test_what_lies_before_the_paths_of_pictures_is_left_out(tmp_path, imager, detector, jpeg):
    house = house_of(settings_for(tmp_path, delivery_url="https://i.example.com/media"), imager, detector)
    upload(house, jpeg, "größe")
    for url in (
        "https://i.example.com/media/demo/image/upload/größe.jpg",
        "demo/image/upload/gr%C3%B6%C3%9Fe",
    ):
        assert ask(house, url)["status"] == 200
    house.close()


def test_what_is_no_url_is_refused():
    with pytest.raises(InvalidRequestError):
        Link.read("http://[::1/x")
