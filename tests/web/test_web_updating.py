"""Updates on the wire: what may be said of an asset, in which words, and by whom."""

import pytest
from wireclient import Wire
from wiredoubles import asset

from rekproxy.domain.asset import Status

PATH = "resources/image/upload/cat"
EVERYTHING = {
    "tags": "b,a",
    "context": r"alt=a \= b|caption=c",
    "metadata": "id=v",
    "face_coordinates": "1,2,3,4|5,6,700,8",
    "custom_coordinates": "0,0,10,10",
    "access_control": '[{"access_type":"token"}]',
    "quality_override": "auto:best",
    "asset_folder": "/pets/",
    "display_name": "My cat",
    "clear_invalid": "true",
    "notification_url": "https://example.com/hook",
    "regions": "{}",
    "moderation_status": "approved",
}


@pytest.fixture
def cat(wire: Wire) -> Wire:
    wire.library.assets = [asset("cat", 1, tags=("old",), display_name="old")]
    return wire


def changed(wire: Wire, **body):
    reply = wire.call("POST", PATH, json=body)
    assert reply.status_code == 200, reply.json
    return wire.review.wishes[-1].fields


def test_everything_at_once_in_every_encoding(cat: Wire):
    for body in ({"json": EVERYTHING}, {"data": EVERYTHING}, {"query_string": EVERYTHING}):
        reply = cat.call("POST", PATH, **body)
        assert reply.status_code == 200, reply.json
        wish = cat.review.wishes[-1]
        assert wish.fields == {
            "tags": ("b", "a"),
            "context": {"alt": "a = b", "caption": "c"},
            "faces": ((1, 2, 3, 4), (5, 6, 700, 8)),
            "custom": ((0, 0, 10, 10),),
            "access_control": '[{"access_type":"token"}]',
            "quality_override": "auto:best",
            "folder": "pets",
            "display_name": "My cat",
        }
        assert (wish.metadata, wish.clear_invalid) == ({"id": "v"}, True)
        assert (wish.decision.status, wish.notification_url) == (Status.APPROVED, "https://example.com/hook")
    assert reply.json["display_name"] == "My cat"
    assert reply.json["access_control"] == [{"access_type": "token"}]
    assert reply.json["tags"] == ["a", "b"]


def test_lists_and_maps_come_in_their_own_form_too(cat: Wire):
    assert changed(cat, tags=["x,y", "z"], context={"a": "b"}) == {
        "tags": ("x,y", "z"),
        "context": {"a": "b"},
    }


@pytest.mark.parametrize(
    ("name", "field", "nothing"),
    [
        ("tags", "tags", ()),
        ("context", "context", {}),
        ("face_coordinates", "faces", ()),
        ("access_control", "access_control", None),
        ("quality_override", "quality_override", None),
        ("asset_folder", "folder", ""),
        ("display_name", "display_name", None),
    ],
)
def test_what_is_sent_empty_is_emptied_and_null_is_not_sent(cat: Wire, name, field, nothing):
    assert changed(cat, **{name: ""}) == {field: nothing}
    assert changed(cat, **{name: None, "regions": "{}"}) == {}


def test_a_display_name_may_be_made_unique(cat: Wire):
    name = changed(cat, display_name="n" * 255, unique_display_name=True)["display_name"]
    assert (len(name), name[:249]) == (255, "n" * 248 + "_")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"tags": ["x" * 256]}, "Invalid value for parameter tags"),
        ({"context": "a"}, "Invalid value for parameter context"),
        ({"face_coordinates": "1,2,3"}, "Invalid value for parameter face_coordinates"),
        ({"access_control": "{"}, "Invalid value for parameter access_control"),
        ({"access_control": '[{"access_type":"friends"}]'}, "Invalid value for parameter access_control"),
        ({"quality_override": "superb"}, "Invalid value for parameter quality_override"),
        ({"asset_folder": "a<b"}, "asset_folder"),
        ({"display_name": "n" * 256}, "Invalid value for parameter display_name"),
        ({"display_name": "a\nb"}, "Illegal character in parameter display_name"),
        ({"notification_url": "ftp://x", "tags": "a"}, "Invalid value for parameter notification_url"),
        ({"categorization": "illegal"}, "Illegal value"),
        ({"tags": "a", "raw_convert": "illegal"}, "Illegal value"),
        ({"moderation_status": "perhaps", "tags": "a"}, "Illegal moderation status: perhaps"),
        ({"something": "else"}, "Missing required parameter - moderation_status"),
    ],
)
def test_a_value_in_doubt_changes_nothing(cat: Wire, body, text):
    reply = cat.call("POST", PATH, json=body)
    assert reply.status_code == 400
    assert text in reply.json["error"]["message"]
    assert cat.review.wishes == []


def test_an_add_on_that_is_not_here_is_420(cat: Wire):
    reply = cat.call("POST", PATH, json={"tags": "a", "categorization": "google_tagging"})
    assert reply.status_code == 420
    assert "subscription" in reply.json["error"]["message"]
    assert cat.review.wishes == []


def test_to_decide_is_a_moderators_and_to_describe_an_administrators(cat: Wire):
    assert cat.call("POST", PATH, "mod", json={"moderation_status": "approved"}).status_code == 200
    for body in ({"tags": "a"}, {"metadata": "a=b"}, {"moderation_status": "approved", "asset_folder": ""}):
        assert cat.call("POST", PATH, "mod", json=body).status_code == 403
    assert len(cat.review.wishes) == 1
