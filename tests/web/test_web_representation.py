"""Addresses of assets, wherever the proxy is reached."""

import pytest
from wireclient import clouds
from wiredoubles import asset, pending_behind

from rekproxy.domain.asset import Status
from rekproxy.services.uploads import Accepted
from rekproxy.web.auth import Caller, Keyring
from rekproxy.web.representation import Representation, Wanted

KEYRING = Keyring(clouds())


@pytest.mark.parametrize(
    ("delivery_url", "here", "base"),
    [
        (None, "http://127.0.0.1:8080/", "127.0.0.1:8080"),
        (None, "https://localhost/images/", "localhost/images"),
        ("http://127.0.0.1:8080", "http://ignored/", "127.0.0.1:8080"),
        ("https://cdn.example/base", "http://ignored/", "cdn.example/base"),
    ],
)
def test_an_asset_has_a_plain_and_a_secure_address(delivery_url, here, base):
    item = Representation(delivery_url, KEYRING).item(asset("a/b"), Wanted(), here=here)
    assert item["url"] == f"http://{base}/demo/image/upload/v1719307544/a/b.jpg"
    assert item["secure_url"] == f"https://{base}/demo/image/upload/v1719307544/a/b.jpg"


def test_a_chain_shows_who_decides_and_who_waits():
    record = Representation(None, KEYRING).single(pending_behind(), (), (), here="http://h/")
    assert record["moderation"] == [
        {"status": "approved", "kind": "aws_rek", "updated_at": "2024-06-25T09:25:44Z"},
        {"status": "pending", "kind": "manual"},
    ]
    assert (record["moderation_kind"], record["moderation_status"]) == ("manual", "pending")


def test_each_key_signs_with_its_own_secret():
    represent = Representation(None, KEYRING)
    callers = [Caller("demo", key, frozenset({"upload"})) for key in ("all", "up")]
    replies = [represent.uploaded(Accepted(asset()), caller, here="http://h/") for caller in callers]
    assert [reply["api_key"] for reply in replies] == ["all", "up"]
    assert replies[0]["signature"] != replies[1]["signature"]


def test_a_rejected_upload_still_has_its_measures():
    caller = Caller("demo", "all", frozenset())
    made = Accepted(asset(status=Status.REJECTED))
    reply = Representation(None, KEYRING).uploaded(made, caller, here="http://h/")
    assert (reply["bytes"], reply["placeholder"]) == (896_838, False)
