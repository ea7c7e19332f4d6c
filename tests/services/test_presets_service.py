"""Presets as administrators keep them and uploads spend them, over a real catalog."""

from dataclasses import replace

import pytest

from rekproxy.domain.preset import Preset
from rekproxy.errors import (
    ConflictError,
    InvalidModerationError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
)
from rekproxy.services.presets import Sender

ADMIN = "key:1"


@pytest.fixture
def presets(house):
    return house.presets


def make(presets, name="shop", unsigned=True, **settings) -> Preset:
    return presets.create("demo", name, unsigned, settings, actor=ADMIN)


def test_without_a_name_it_gets_one_that_nobody_guesses(presets):
    first, second = make(presets, None), make(presets, None)
    assert first.name != second.name
    assert len(first.name) == 20


def test_a_change_leaves_what_it_does_not_name(presets):
    make(presets, folder="a", backup=True, tags=("x",))
    presets.update("demo", "shop", False, {"folder": "b", "tags": None}, actor=ADMIN)
    found = presets.get("demo", "shop")
    assert (found.unsigned, found.settings) == (False, {"folder": "b", "backup": True})
    presets.update("demo", "shop", None, {}, actor=ADMIN)
    assert replace(presets.get("demo", "shop"), updated_at=0) == replace(found, updated_at=0)


def test_what_an_update_would_make_wrong_changes_nothing(presets):
    made = make(presets, allowed_origins=("https://a.example",), min_width="100")
    for unsigned, given in ((False, {}), (None, {"max_width": "99"}), (None, {"moderation": "aws_rek:x:1"})):
        with pytest.raises(InvalidRequestError):
            presets.update("demo", "shop", unsigned, given, actor=ADMIN)
    assert presets.get("demo", "shop") == made
    assert len(presets.catalog.audit("demo", "preset:shop")) == 1


def test_two_changes_at_once_both_hold(presets, monkeypatch):
    make(presets)
    real, meanwhile = presets.catalog.update_preset, [{"backup": True}]

    def interrupted(*args, **named):
        if meanwhile:
            presets.update("demo", "shop", None, meanwhile.pop(), actor="key:2")
        return real(*args, **named)

    monkeypatch.setattr(presets.catalog, "update_preset", interrupted)
    presets.update("demo", "shop", None, {"folder": "a"}, actor=ADMIN)
    assert presets.get("demo", "shop").settings == {"folder": "a", "backup": True}


@pytest.mark.parametrize("moderation", ["none", "aws_rek:violense:0.7", "aws_rek:policy:nowhere", "x|manual"])
def test_a_moderation_that_means_nothing_is_refused_when_it_is_saved(presets, moderation):
    with pytest.raises(InvalidModerationError):
        make(presets, moderation=moderation)
    with pytest.raises(NotFoundError):
        presets.get("demo", "shop")


def test_unsigned_presets_are_never_approved_unseen(house):
    house.__dict__["ingest"] = replace(house.ingest, default="none")
    with pytest.raises(InvalidRequestError, match="must name a moderation"):
        make(house.presets)
    make(house.presets, "signed", unsigned=False)
    with pytest.raises(InvalidRequestError, match="must name a moderation"):
        house.presets.update("demo", "signed", True, {}, actor=ADMIN)
    make(house.presets, moderation="manual")


def test_presets_are_a_clouds_own(presets):
    make(presets)
    for attempt in (presets.get, presets.drop):
        named = {"actor": ADMIN} if attempt == presets.drop else {}
        with pytest.raises(NotFoundError):
            attempt("other", "shop", **named)
    with pytest.raises(InvalidRequestError, match="not found"):
        presets.choose("other", "shop", signed=False)
    with pytest.raises(ConflictError):
        make(presets)


@pytest.mark.parametrize(
    ("name", "signed", "words"),
    [
        ("nobody", False, "^Upload preset not found$"),
        ("nobody", True, "^Upload preset not found$"),
        ("open", True, "^Upload preset not found$"),
        ("closed", False, "^Upload preset must be whitelisted for unsigned uploads$"),
    ],
)
def test_an_upload_may_name_presets_of_its_kind_only(presets, name, signed, words):
    make(presets, "open")
    make(presets, "closed", unsigned=False)
    assert presets.choose("demo", "open", signed=False).unsigned
    assert not presets.choose("demo", "closed", signed=True).unsigned
    with pytest.raises(InvalidRequestError, match=words):
        presets.choose("demo", name, signed=signed)


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://b.example", "https://a.example.evil", "http://a.example"]
)
def test_a_foreign_site_is_turned_away(presets, origin):
    preset = make(presets, allowed_origins=("https://a.example",))
    presets.admit("demo", preset, Sender(origin="https://A.example"))
    with pytest.raises(InvalidRequestError, match="origin"):
        presets.admit("demo", preset, Sender(origin=origin))


def test_one_address_cannot_use_up_anothers_turns(presets):
    preset = make(presets, rate_per_minute="2")
    for _ in range(2):
        presets.admit("demo", preset, Sender("2001:db8::1"))
    with pytest.raises(
        RateLimitedError, match=r"Rate Limit Exceeded. Limit of 2 uploads a minute"
    ) as limited:
        presets.admit("demo", preset, Sender("2001:db8::abcd:1"))  # one customer has all of a /64
    assert 1 <= limited.value.retry_after <= 31
    for address in ("2001:db8:0:1::1", "192.0.2.1", "192.0.2.2", "unix:", None):
        presets.admit("demo", preset, Sender(address))
    presets.admit("demo", make(presets, "other", rate_per_minute="2"), Sender("2001:db8::1"))


def test_an_address_is_one_however_it_is_written(presets):
    preset = make(presets, rate_per_minute="1")
    presets.admit("demo", preset, Sender("192.0.2.1"))
    with pytest.raises(RateLimitedError):
        presets.admit("demo", preset, Sender("::ffff:192.0.2.1"))


def test_all_addresses_together_have_a_rate(presets):
    preset = make(presets, rate_per_minute_overall="2")
    presets.admit("demo", preset, Sender("192.0.2.1"))
    presets.admit("demo", preset, Sender("192.0.2.2"))
    with pytest.raises(RateLimitedError, match="2 uploads a minute"):
        presets.admit("demo", preset, Sender("192.0.2.3"))


def test_a_day_has_room_for_so_many_bytes(presets):
    preset = make(presets, bytes_per_day="1000")
    presets.spend("demo", preset, 600)
    with pytest.raises(RateLimitedError, match="1000 bytes a day") as limited:
        presets.spend("demo", preset, 401)
    assert 1 <= limited.value.retry_after <= 86_401
    presets.spend("demo", preset, 400)
    presets.spend("other", preset, 1000)
    assert presets.catalog.used("demo")["preset:shop:bytes"] == 1000
