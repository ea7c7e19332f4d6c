"""Small pictures for people: what is shown to whom, how large, and what is written down about it."""

import io
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from rekproxy.domain.asset import Status
from rekproxy.domain.cachekeys import original_key
from rekproxy.errors import ForbiddenError, InvalidTransformationError, NotFoundError
from rekproxy.services.pictures import Pictures
from tests.conftest import encode, photograph, upload

EVERYTHING = frozenset({"moderator", "admin"})
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def pictures(house: Any) -> Pictures:
    return Pictures(house.catalog, house.review, house.renditions, house.imager)


def shown(pictures: Pictures, asset: Any, size: str = "grid", roles: frozenset[str] = NOBODY) -> Any:
    found = pictures.find("demo", asset.asset_id, asset.current.version_id, size, roles=roles)
    return pictures.open(found, actor="user:ann", roles=roles)


def looks(house: Any, asset: Any) -> list[str]:
    return [line.actor for line in house.catalog.audit("demo", asset.asset_id) if line.action == "viewed"]


@pytest.mark.parametrize(("size", "edge"), [("thumb", 240), ("grid", 480), ("review", 512)])
def test_a_picture_is_as_large_as_asked_for_and_never_enlarged(house, pictures, jpeg, size, edge):
    made = shown(pictures, upload(house, jpeg, moderation="manual"), size)
    with Image.open(io.BytesIO(made.body)) as image:
        assert (image.format, image.size) == ("JPEG", (edge, edge))


def test_a_large_original_is_shown_from_its_rendition(house, pictures):
    asset = upload(house, encode(photograph().resize((2000, 1600))), moderation="manual")
    house.originals.storage.delete(original_key(asset.current.digest))
    assert shown(pictures, asset, "grid").width == 480


def test_a_look_is_audited_once_and_only_at_what_the_public_does_not_see(house, pictures, jpeg):
    waiting = upload(house, jpeg, moderation="manual")
    for size in ("thumb", "grid", "grid"):
        shown(pictures, waiting, size)
    assert looks(house, waiting) == ["user:ann"]
    public = house.review.override("demo", waiting, Status.APPROVED, actor="key:1").asset
    shown(Pictures(house.catalog, house.review, house.renditions, house.imager), public)
    assert looks(house, waiting) == ["user:ann"]


def test_an_older_version_is_never_public(house, pictures, jpeg):
    first = upload(house, jpeg, backup=True)
    second = upload(house, encode(photograph("coffee")), backup=True)
    assert second.asset_id == first.asset_id
    shown(pictures, first)
    assert looks(house, first) == ["user:ann"]


def test_who_may_not_look_at_a_restricted_picture_is_told_so(house, pictures, jpeg):
    asset = upload(house, jpeg)
    shown(pictures, asset)
    house.custody.restrict("demo", asset.asset_id, "admin", roles=EVERYTHING, actor="key:1")
    with pytest.raises(ForbiddenError):
        shown(pictures, asset, roles=frozenset({"moderator"}))
    assert shown(pictures, asset, roles=EVERYTHING).width == 480


def test_what_is_erased_is_found_nowhere(house, pictures, jpeg):
    asset = upload(house, jpeg)
    shown(pictures, asset)
    house.custody.erase("demo", asset.asset_id, actor="key:1")
    with pytest.raises(NotFoundError):
        shown(pictures, asset)


def test_another_cloud_another_asset_or_size_is_nothing(house, pictures, jpeg):
    asset, other = upload(house, jpeg), upload(house, jpeg, "other")
    ids = asset.asset_id, asset.current.version_id
    for cloud, asset_id, version_id, size in (
        ("studio", *ids, "grid"),
        ("demo", other.asset_id, ids[1], "grid"),
        ("demo", *ids, "huge"),
    ):
        with pytest.raises(NotFoundError):
            pictures.find(cloud, asset_id, version_id, size, roles=EVERYTHING)


@dataclass
class Meanwhile:
    """An imager beside whom something happens."""

    imager: Any
    happens: Any

    def render(self, job: Any) -> Any:
        picture = self.imager.render(job)
        self.happens()
        return picture


def test_what_is_restricted_while_it_is_made_is_not_shown(house, jpeg):
    asset = upload(house, jpeg)

    def restrict() -> None:
        house.custody.restrict("demo", asset.asset_id, "admin", roles=EVERYTHING, actor="key:1")

    imager: Any = Meanwhile(house.imager, restrict)
    with pytest.raises(ForbiddenError):
        shown(Pictures(house.catalog, house.review, house.renditions, imager), asset)


def test_a_trial_shows_what_a_transformation_makes_and_no_overlay(house, pictures, jpeg):
    asset = upload(house, jpeg)
    found = pictures.find("demo", asset.asset_id, asset.current.version_id, "review", roles=NOBODY)
    made = pictures.trial(found, "c_fill,h_50,w_100", actor="user:ann")
    assert (made.width, made.height) == (100, 50)
    assert pictures.trial(found, "c_scale,w_4000", actor="user:ann").width == 1200
    assert pictures.trial(found, "c_scale,dpr_2.0,w_1500", actor="user:ann").width == 1200
    for refused in ("l_cat", "t_named", "l_text:Arial_20:hi"):
        with pytest.raises(InvalidTransformationError):
            pictures.trial(found, refused, actor="user:ann")
