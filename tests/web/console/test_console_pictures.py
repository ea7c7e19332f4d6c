"""The restricted pictures on the wire: for whom, with which headers, and when they are not sent again."""

import pytest

from tests.conftest import house_of, settings_for, upload
from tests.promises.houses import STUDIO
from tests.web.console.consoleclient import Visitor, visitor


@pytest.fixture
def waiting(house, jpeg):
    return upload(house, jpeg, moderation="manual")


def address(asset, size="grid"):
    return f"/picture/{asset.asset_id}/{asset.current.version_id}/{size}.jpg"


def test_a_picture_that_waits_is_shown_to_who_is_signed_in(house, waiting):
    reply = visitor(house, role="viewer").get(address(waiting))
    assert (reply.status_code, reply.mimetype) == (200, "image/jpeg")
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_what_the_browser_has_is_not_sent_again_while_the_session_lasts(house, waiting):
    person = visitor(house)
    etag = person.get(address(waiting)).headers["ETag"]
    again = person.get(address(waiting), headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    person.get("/library")
    person.post("/logout")
    assert person.get(address(waiting), headers={"If-None-Match": etag}).status_code == 303


def test_nobody_else_sees_anything(house, waiting):
    assert Visitor(house).get(address(waiting)).status_code == 303
    with_script = Visitor(house).get(address(waiting), headers={"Accept": "application/json"})
    assert with_script.status_code == 401


@pytest.mark.parametrize("size", ["huge", "grid%00", "..%2f"])
def test_only_known_sizes_exist(house, waiting, size):
    assert visitor(house).get(address(waiting, size)).status_code in (400, 404)


def test_another_clouds_pictures_are_not_there(tmp_path, imager, detector, jpeg):
    config = tmp_path / "two.toml"
    config.write_text(STUDIO)
    house = house_of(settings_for(tmp_path, config=str(config)), imager, detector)
    asset = upload(house, jpeg)
    assert visitor(house, "own").get(address(asset) + "?cloud=demo").status_code == 200
    stranger = visitor(house, "far", clouds=("studio",))
    assert stranger.get(address(asset)).status_code == 404
    assert stranger.get(address(asset) + "?cloud=demo").status_code == 404
    house.close()


def test_a_trial_is_what_a_transformation_makes(house, waiting):
    person = visitor(house)
    path = f"/picture/{waiting.asset_id}/{waiting.current.version_id}/trial"
    assert person.get(path, query_string={"transformation": "w_20"}).mimetype == "image/jpeg"
    for wrong in ("w_-1", "l_cat/fl_layer_apply", "nonsense", "\x00"):
        assert person.get(path, query_string={"transformation": wrong}).status_code == 400
