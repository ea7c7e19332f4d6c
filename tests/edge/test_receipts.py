"""Every call that changes what is shown purges the edge itself, says so, and owes a second purge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from rekproxy.app import Application, mount
from rekproxy.domain.asset import Asset, Hidden, Status
from rekproxy.domain.cachekeys import purge_keys
from rekproxy.interfaces import Imager
from rekproxy.interfaces.edge import AGAIN, FIRST, Receipt
from rekproxy.services.takedown import Takedown
from rekproxy.services.uploads import Upload
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for
from tests.serving import KEY, SECRET, wait_until

Call = Callable[..., Any]
_heights = count(100)


@dataclass
class Edge:
    """Confirms every purge, and remembers its keys."""

    purged: list[Sequence[str]] = field(default_factory=list)

    def purge(self, keys: Sequence[str]) -> Receipt:
        self.purged.append(keys)
        return Receipt("http", len(keys), confirmed=True)

    def confirmed(self, id: str) -> bool:
        return True


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
def house(tmp_path: Path, imager: Imager, detector: ToldDetector, edge: Edge) -> Iterator[Application]:
    told = {"edge": "http", "edge_http_url": "https://edge.example/${key}", "edge_http_secret": "a-secret"}
    told |= {"edge_http_keys": "1", "backup": "true", "report_hide_after": "1"}
    application = house_of(settings_for(tmp_path, **told), imager, detector)
    application.__dict__["takedown"] = Takedown(application.catalog, {"http": edge}, application.meter)
    yield application
    application.close()


@pytest.fixture
def call(house: Application) -> Call:
    client = mount(house).test_client()
    return lambda method, path, **form: client.open(
        f"/v1_1/demo{path}", method=method, auth=(KEY, SECRET), data=form, buffered=True
    )


def picture() -> bytes:
    return encode(photograph("chelsea").resize((100, next(_heights))))


def shown(house: Application) -> Asset:
    """An approved picture with an older version, after whose approvals nothing is owed."""
    for _ in range(2):
        asset: Asset = house.ingest.accept("demo", Upload(picture(), public_id="cat"), actor="test").asset
    for job in house.catalog.claim((FIRST,), lease=60):
        house.catalog.finish(job)
    assert asset.standing is Status.APPROVED
    return asset


def owed(house: Application, kind: str) -> int:
    return sum(number for (of, _), number in house.catalog.job_counts().items() if of == kind)


def older(house: Application, cat: Asset) -> str:
    return house.catalog.versions("demo", cat.asset_id)[-1].version_id


CALLS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "override": ("POST", "/resources/image/upload/cat", {"moderation_status": "rejected"}, "purge"),
    "destroy": ("POST", "/image/destroy", {"public_id": "cat"}, "purge"),
    "rename": ("POST", "/image/rename", {"from_public_id": "cat", "to_public_id": "{id}"}, "purge"),
    "delete": ("DELETE", "/resources?asset_ids[]={id}", {}, "purge"),
    "restrict": ("POST", "/resources/{id}/restrict", {"role": "admin"}, "purge"),
    "erase": ("POST", "/resources/{id}/erase", {}, "purge"),
    "purge": ("POST", "/cache/purge", {"public_ids": "cat"}, "tiers"),
    "restore": (
        "POST",
        "/resources/image/upload/restore",
        {"public_ids": "cat", "versions": "{older}"},
        "cat",
    ),
    "restore by id": ("POST", "/resources/restore", {"asset_ids": "{id}", "versions": "{older}"}, "{id}"),
    "report": ("POST", "/image/report", {"public_id": "cat", "reporter": "one"}, ""),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_ends_a_picture_is_purged_at_once_and_again(
    name: str, house: Application, call: Call, edge: Edge
) -> None:
    cat = shown(house)
    method, path, form, where = CALLS[name]
    named = {"id": cat.asset_id, "older": older(house, cat)}
    reply = call(method, path.format(**named), **{key: text.format(**named) for key, text in form.items()})
    assert reply.status_code == 200, reply.text
    told = reply.json.get(where.format(**named), {})
    receipts = told["purge"] if "restore" in name else told
    if name == "report":
        assert reply.json == {"result": "ok"}  # what follows is not for the reporter
    else:
        assert (receipts[-1]["tier"], receipts[-1]["state"]) == ("http", "confirmed")
        assert 0 <= receipts[-1]["seconds"] < 2
    renamed = replace(cat, public_id=cat.asset_id)
    names = (cat, renamed) if name == "rename" else (cat,)
    assert [list(keys) for keys in edge.purged] == [[key for each in names for key in purge_keys(each)]]
    wait_until(lambda: owed(house, FIRST) == 0, 5)
    assert owed(house, AGAIN) == 1


def test_an_overwrite_is_purged_at_once_and_again(house: Application, call: Call, edge: Edge) -> None:
    cat = shown(house)
    reply = call("POST", "/image/upload", public_id="cat", file=(BytesIO(picture()), "cat.jpg"))
    assert [each["state"] for each in reply.json["purge"]] == ["confirmed"]
    assert [list(keys) for keys in edge.purged] == [[*purge_keys(cat)]]
    wait_until(lambda: owed(house, FIRST) == 0, 5)
    assert owed(house, AGAIN) == 1
    fresh = call("POST", "/image/upload", public_id="dog", file=(BytesIO(picture()), "dog.jpg"))
    assert "purge" not in fresh.json


def test_what_comes_back_clears_the_refusal_at_once(house: Application, call: Call, edge: Edge) -> None:
    cat = shown(house)
    house.custody.restrict("demo", cat.asset_id, None, roles={"admin"}, actor="test")
    reply = call("DELETE", f"/resources/{cat.asset_id}/restrict")
    assert (reply.json["standing"], reply.json["purge"][0]["state"]) == ("approved", "confirmed")
    assert list(edge.purged[-1]) == [*purge_keys(cat)]
    house.catalog.destroy("demo", cat.asset_id, actor="test")
    reply = call("POST", "/resources/restore", asset_ids=cat.asset_id)
    assert reply.json[cat.asset_id]["purge"][0]["state"] == "confirmed"


def test_what_changes_nothing_that_is_shown_purges_nothing(
    house: Application, call: Call, edge: Edge
) -> None:
    cat = shown(house)
    held = call("POST", f"/resources/{cat.asset_id}/legal_hold", reason="Case 12")
    assert "purge" not in held.json
    assert call("POST", "/resources/restore", asset_ids="f" * 32).json == {"f" * 32: {"error": "no_backup"}}
    object.__setattr__(house.reports, "hide_after", 5)
    assert call("POST", "/image/report", public_id="cat", reporter="one").status_code == 200
    now = house.catalog.asset("demo", "upload", "cat")
    assert now
    assert now.hidden is not Hidden.REPORTED
    assert edge.purged == []
