"""What a transformation asks of the answer as a whole, over WSGI: files to keep, facts, what was read."""

import json

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.backends.sql.schema import asset_versions, assets
from tests.conftest import upload

UPLOAD = "/demo/image/upload"


@pytest.fixture
def client(house) -> Client:
    return Client(mount(house))


@pytest.mark.parametrize("warm", [False, True])
def test_a_file_to_keep_is_one_whoever_saw_the_picture_before(client, house, jpeg, warm):
    upload(house, jpeg)
    if warm:
        client.get(f"{UPLOAD}/w_90/cat.jpg")
    for name, said in ((":my%20cat", "my cat"), ("", "cat")):
        response = client.get(f"{UPLOAD}/w_90,fl_attachment{name}/cat.jpg")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{said}.jpg"'
    assert "Content-Disposition" not in client.get(f"{UPLOAD}/w_90/cat.jpg").headers


def test_names_of_files_do_not_fill_the_memory(client, house, jpeg):
    upload(house, jpeg)
    for number in range(20):
        client.get(f"{UPLOAD}/w_90,fl_attachment:n{number}/cat.jpg")
    (picture,) = house.memory._pictures.values()
    assert len(picture.headers) <= 1


@pytest.mark.parametrize("name", ["a%0d%0aX-Evil:%201", "a%22b", "a%2Fb", "%ED%A0%80"])
def test_a_name_that_could_break_the_header_is_refused(client, house, jpeg, name):
    upload(house, jpeg)
    response = client.get(f"{UPLOAD}/fl_attachment:{name}/cat.jpg")
    assert response.status_code == 400
    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize("warm", [False, True])
def test_getinfo_tells_sizes_of_what_is_approved(client, house, jpeg, warm):
    asset = upload(house, jpeg)
    path = f"{UPLOAD}/c_scale,w_90/fl_getinfo/cat.webp"
    for _ in range(2 if warm else 1):
        response = client.get(path)
    size = {"width": asset.current.width, "height": asset.current.height}
    facts = json.loads(response.data)
    assert response.content_type == "application/json; charset=utf-8"
    assert facts["input"] == {**size, "bytes": len(jpeg), "format": "jpg"}
    assert (facts["output"]["width"], facts["output"]["format"]) == (90, "webp")
    assert facts["output"]["bytes"] == len(client.get(f"{UPLOAD}/c_scale,w_90/cat.webp").data)


def test_getinfo_says_nothing_of_what_waits(client, house, jpeg):
    upload(house, jpeg, moderation="manual")
    assert client.get(f"{UPLOAD}/fl_getinfo/cat.jpg").status_code == 404


def test_who_saves_data_gets_less_and_caches_are_told(client, house, jpeg):
    upload(house, jpeg)
    path = f"{UPLOAD}/w_90,q_auto/cat.jpg"
    plain, saving = client.get(path), client.get(path, headers={"Save-Data": "on"})
    assert plain.headers["Vary"] == saving.headers["Vary"] == "Save-Data"
    assert len(saving.data) < len(plain.data)
    assert saving.data == client.get(f"{UPLOAD}/w_90,q_auto:eco/cat.jpg").data
    assert "Vary" not in client.get(f"{UPLOAD}/w_90,q_auto:best/cat.jpg", headers={"Save-Data": "on"}).headers


def test_all_that_is_read_is_named(client, house, jpeg):
    upload(house, jpeg)
    for _ in range(2):
        response = client.get(f"{UPLOAD}/w_90,q_auto,f_auto/cat", headers={"Accept": "image/avif,image/webp"})
        assert (response.headers["Vary"], response.content_type) == ("Accept, Save-Data", "image/avif")


@pytest.mark.parametrize("flag", ["fl_keep_attribution", "fl_keep_iptc"])
def test_names_in_metadata_are_not_for_unsigned_urls(client, house, jpeg, flag):
    upload(house, jpeg)
    assert client.get(f"{UPLOAD}/w_90,{flag}/cat.jpg").status_code == 401


def _change(house, **values):
    """As a writer of the catalog changes an asset: with a new revision."""
    with house.catalog._database.write() as tx:
        tx.connection.execute(update(assets).values(revision=tx.revision(), **values))


@pytest.mark.parametrize("warm", [False, True])
def test_an_asset_has_its_own_headers_sent(client, house, jpeg, warm):
    upload(house, jpeg)
    client.get(f"{UPLOAD}/w_90/cat.jpg")
    _change(house, headers={"X-Robots-Tag": "noindex", "Link": "<a>", "Set-Cookie": "a=b"})
    for _ in range(2 if warm else 1):
        response = client.get(f"{UPLOAD}/w_90/cat.jpg")
    assert (response.headers["X-Robots-Tag"], response.headers["Link"]) == ("noindex", "<a>")
    assert "Set-Cookie" not in response.headers
    unchanged = client.get(f"{UPLOAD}/w_90/cat.jpg", headers={"If-None-Match": response.headers["ETag"]})
    assert (unchanged.status_code, unchanged.headers["X-Robots-Tag"]) == (304, "noindex")


def test_an_asset_has_its_own_quality_where_none_is_named(client, house, jpeg):
    upload(house, jpeg)

    def sizes():
        return [len(client.get(f"{UPLOAD}/w_200,q_{q}/cat.jpg").data) for q in ("auto", "auto:low", "90")]

    before = sizes()
    _change(house, quality_override="5")
    after = sizes()
    assert after[0] == after[1] < before[1] < before[0]
    assert after[2] == before[2]


def test_regions_that_are_changed_later_are_what_gravity_finds(client, house, jpeg):
    upload(house, jpeg)
    path = f"{UPLOAD}/c_crop,g_custom,w_100,h_80/cat.png"
    before = client.get(path).data
    with house.catalog._database.write() as tx:
        tx.connection.execute(update(asset_versions).values(coordinates={"custom": [[300, 300, 100, 80]]}))
    _change(house)
    assert client.get(path).data != before
    assert client.get(path).data == client.get(f"{UPLOAD}/c_crop,x_300,y_300,w_100,h_80/cat.png").data
    for wide in ([500, 500, 4000, 4000], [9000, 9000, 10, 10]):
        with house.catalog._database.write() as tx:
            tx.connection.execute(
                update(asset_versions).values(coordinates={"custom": [wide], "faces": [wide]})
            )
        _change(house)
        for way in ("c_crop,g_custom", "c_crop,g_face,w_90,h_90", "c_thumb,g_custom,w_90,h_90"):
            assert client.get(f"{UPLOAD}/{way}/cat.png").status_code == 200
