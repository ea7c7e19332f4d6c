"""Whose a delivery path is: named, by its host, at the root; a host of one cloud shows no other's."""

import cloudinary.utils
import pytest

from rekproxy.domain.routes import RESERVED, Routes, hosts_of
from rekproxy.errors import ConfigurationError

ROUTES = Routes("demo", {"pets.example": "pets"}, frozenset({"demo", "pets"}))


def whose(raw, host="", routes=ROUTES):
    found = routes.resolve(raw, host)
    return found and (found[1], found[0].candidates[0][0])


@pytest.mark.parametrize(
    ("raw", "host", "expected"),
    [
        ("/image/upload/x", "", ("demo", "x")),
        ("/image/upload/x", "pets.example", ("pets", "x")),
        ("/image/upload/x", "PETS.example.:8080", ("pets", "x")),
        ("/image/upload/x", "a3.pets.example:8080", ("pets", "x")),
        ("/image/upload/x", "a6.pets.example", ("demo", "x")),
        ("/image/upload/x", "b.pets.example", ("demo", "x")),
        ("/pets/image/upload/x", "pets.example", ("pets", "x")),
        ("/demo/image/upload/x", "pets.example", None),
        ("/pets/image/upload/x", "", ("pets", "x")),
        ("/studio/image/upload/x", "", ("studio", "x")),
        ("/images/x/seen.jpg", "pets.example", ("pets", "x")),
        ("/demo/x.jpg", "", ("demo", "x")),
        ("/demo/w_90/v1/a/x.jpg", "", ("demo", "a/x")),
        ("//pets//s--n3C51sTt--/x", "", ("pets", "x")),
        ("/x.jpg", "pets.example", ("pets", "x")),
        ("/w_90/x.jpg", "pets.example", ("pets", "x")),
        ("/demo/x.jpg", "pets.example", None),
        ("/x.jpg", "", None),
        ("/demo", "", None),
        ("/demo/", "", None),
        ("/", "pets.example", None),
        ("/demo/video/upload/x.mp4", "", None),
        ("/v1_1/demo/ping", "pets.example", None),
    ],
)
def test_whose_a_path_is(raw, host, expected):
    assert whose(raw, host) == expected


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_path_of_ours_is_a_picture(word):
    assert whose(f"/{word}/x", "pets.example") is None or word in ("image", "images", "iu")
    assert whose(f"/{word}", "pets.example") is None


@pytest.mark.parametrize(
    "more", [{}, {"use_root_path": True}, {"shorten": True}, {"cdn_subdomain": True}, {"type": "private"}]
)
@pytest.mark.parametrize("own", [False, True])
def test_the_sdk_writes_them_so(more, own):
    url, _ = cloudinary.utils.cloudinary_url(
        "a/x", cloud_name="pets", cname="pets.example:8080", private_cdn=own, width=90, crop="fill", **more
    )
    host, path = url.split("/", 3)[2:]
    assert whose("/" + path, host) == ("pets", "a/x")


def test_a_host_is_of_one_cloud():
    assert hosts_of([("a", ["x"]), ("b", ["y"])]) == {"x": "a", "y": "b"}
    with pytest.raises(ConfigurationError, match="x"):
        hosts_of([("a", ["x"]), ("b", ["x"])])
