"""The embedded detector in the whole house: real photographs without nudity are all approved."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import skimage.data
import sklearn.datasets
from PIL import Image

from benchmarks.falsepositives import counts, table
from rekproxy.app import Application
from rekproxy.backends import opennsfw
from rekproxy.domain.asset import Status
from rekproxy.domain.url import parse_delivery_path
from rekproxy.interfaces import Imager
from rekproxy.services.deliver import Asked
from tests.conftest import encode, house_of, settings_for, upload
from tests.pages import page, rows

PHOTOGRAPHS: dict[str, Callable[[], Any]] = {
    **{
        name: getattr(skimage.data, name)
        for name in (
            "astronaut",
            "chelsea",
            "coffee",
            "rocket",
            "hubble_deep_field",
            "retina",
            "moon",
            "page",
        )
    },
    "china": lambda: sklearn.datasets.load_sample_image("china.jpg"),
    "flower": lambda: sklearn.datasets.load_sample_image("flower.jpg"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, imager: Imager) -> Iterator[Application]:
    """SQLite, folders and the detector that the package ships."""
    settings = settings_for(tmp_path_factory.mktemp("photographs"))
    house = house_of(settings, imager, opennsfw.from_settings(settings))  # type: ignore[arg-type]
    yield house
    house.close()


def bytes_of(name: str, **options: Any) -> bytes:
    return encode(Image.fromarray(PHOTOGRAPHS[name]()), **options)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_approved_and_served(house: Application, name: str) -> None:
    asset: Any = upload(house, bytes_of(name, quality=90), name)
    (entry,) = asset.moderations
    assert asset.status is Status.APPROVED
    assert entry.response == {"moderation_labels": []}
    assert entry.decided_by == "detector:opennsfw"
    assert entry.detail["coverage"] == ["explicit"]
    path = parse_delivery_path(f"/demo/image/upload/c_fill,h_80,w_120/{name}.jpg")
    assert path
    assert (house.deliver.open_public(Asked(path, "demo")).picture.width) == 120


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_the_format_changes_no_verdict(house: Application, format: str) -> None:
    asset: Any = upload(house, bytes_of("coffee", format=format), f"coffee as {format}")
    assert asset.status is Status.APPROVED


def test_the_page_says_how_many_it_takes_for_nudity() -> None:
    detector = opennsfw.from_settings(None)
    written = rows(page("moderation.md"), "<!-- false positives -->")
    for row, measured in zip(written, counts(detector), strict=True):
        assert row[:-1] == [*measured[:-1]]
        assert float(row[-1]) == pytest.approx(float(measured[-1]), abs=0.02)
    scores = dict(rows(page("moderation.md"), "<!-- scores -->"))
    for said, value in table(detector):
        assert float(scores.pop(said)) == pytest.approx(float(value), abs=0.02), said
    assert not scores


def test_what_it_cannot_see_waits_for_a_person(house: Application) -> None:
    asset: Any = upload(house, bytes_of("rocket"), "named", moderation="aws_rek:violence:0.9")
    assert asset.status is Status.PENDING
    assert asset.moderations[0].detail["unseen"] == ["violence"]
