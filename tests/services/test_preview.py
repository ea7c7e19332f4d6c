"""The owner's preview: what is decided while the picture is made is not shown."""

from dataclasses import dataclass
from typing import Any

import pytest

from rekproxy.domain.asset import Status
from rekproxy.errors import NotFoundError
from rekproxy.services.preview import Preview
from tests.conftest import upload


@dataclass
class Meanwhile:
    """An imager beside whom something happens."""

    imager: Any
    happens: Any

    def render(self, job: Any) -> Any:
        picture = self.imager.render(job)
        self.happens()
        return picture


def test_what_is_decided_while_it_is_made_is_not_shown(house, jpeg):
    asset = upload(house, jpeg, moderation="manual")
    happens = [lambda: None]
    imager = Meanwhile(house.imager, lambda: happens[0]())
    preview = Preview(house.catalog, house.review, imager, "a secret", 60)
    link = preview.link(asset)
    assert preview.open("demo", link).width == 512
    happens[0] = lambda: house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    with pytest.raises(NotFoundError):
        preview.open("demo", link)


def test_a_link_is_signed_by_the_secret_for_its_cloud(house, jpeg):
    asset = upload(house, jpeg, moderation="manual")
    ours, theirs = (
        Preview(house.catalog, house.review, house.imager, secret, 60, lambda: 1_000.0)
        for secret in ("a secret", "another")
    )
    link = ours.link(asset)
    assert (link.expires, link.signature != theirs.link(asset).signature) == (1_060, True)
    with pytest.raises(NotFoundError):
        theirs.open("demo", link)
    assert link.signature != ours._sign("studio", asset.asset_id, link.version_id, link.expires)
