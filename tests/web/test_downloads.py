"""Private downloads: by URLs that the SDK signs, of what is approved alone, until they end."""

import io
import time
from urllib.parse import urlsplit

import cloudinary.utils
import pytest
from PIL import Image
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.domain.access import ONLY_TOKENS
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for, upload
from tests.web.test_web_access_rules import rule

KEY, SECRET = "123456789012345", "a-secret-of-tests"


@pytest.fixture(scope="module")
def house(tmp_path_factory, imager):
    folder = tmp_path_factory.mktemp("downloads")
    built = house_of(settings_for(folder, open_transformations="named"), imager, ToldDetector())
    picture = encode(photograph().resize((120, 120)), quality=80)
    for type in ("upload", "private", "authenticated"):
        upload(built, picture, "pets/cat", type=type)
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(house):
    return Client(mount(house), use_cookies=False)


def signed(**params):
    """The query that the SDK would send."""
    known = {"timestamp": int(time.time()), "public_id": "pets/cat", "format": "jpg"} | params
    return cloudinary.utils.sign_request(known, {"api_key": KEY, "api_secret": SECRET})


def get(client, cloud="demo", **params):
    return client.get(f"/v1_1/{cloud}/image/download", query_string=signed(**params), buffered=True)


@pytest.mark.parametrize("type", [None, "upload", "private", "authenticated"])
def test_a_signed_url_gives_the_picture_to_one_client(client, type):
    answer = get(client, **({"type": type} if type else {}))
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.data)).size == (120, 120)
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Content-Disposition"] == "inline"


def test_the_sdk_makes_the_url(client):
    url = cloudinary.utils.private_download_url(
        "pets/cat", "png", type="private", attachment=True, expires_at=int(time.time()) + 90_000,
        cloud_name="demo", api_key=KEY, api_secret=SECRET, upload_prefix="http://h",
    )  # fmt: skip
    parts = urlsplit(url)
    answer = client.get(parts.path, query_string=parts.query, buffered=True)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cat.png"'


def test_what_else_a_url_may_say(client):
    answer = get(client, transformation="c_fill,h_40,w_60", format="", target_filename="Büro.jpg")
    assert Image.open(io.BytesIO(answer.data)).size == (60, 40)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="B_ro.jpg"; filename*=')
    assert get(client, transformation="f_auto,q_auto,w_auto,dpr_auto").status_code == 200


def test_a_url_ends(client, house):
    now = int(time.time())
    assert get(client, timestamp=now - 3700).status_code == 400
    assert get(client, timestamp=now - 3700, expires_at=now + 60).status_code == 200
    over = get(client, expires_at=now - 1)
    assert (over.status_code, "expired" in over.json["error"]["message"]) == (401, True)


def test_only_what_is_approved_comes(client, house, jpeg):
    upload(house, jpeg, "waits", moderation="manual", type="private")
    answers = [get(client, public_id=name, type="private") for name in ("waits", "never")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["error"]["message"] == "Resource not found - waits"


def test_a_key_vouches_where_access_rules_close(client, house):
    rule(house, "pets/cat", ONLY_TOKENS)
    assert get(client, type="upload").status_code == 200
    rule(house, "pets/cat", None)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"signature": "0" * 40}, 401),
        ({"public_id": "pets/dog"}, 401),
        ({"type": "private"}, 401),
        ({"api_key": "nobody"}, 401),
        ({"expires_at": "9999999999"}, 401),
        ({"expires_at": "soon"}, 400),
        ({"timestamp": ""}, 401),
        ({"signature": ""}, 400),
        ({"public_id": ""}, 401),
    ],
)
def test_a_url_that_was_changed_opens_nothing(client, changed, status):
    answer = client.get("/v1_1/demo/image/download", query_string=signed() | changed, buffered=True)
    assert answer.status_code == status
    assert answer.content_type.startswith("application/json")


@pytest.mark.parametrize(
    "params",
    [{"public_id": ""}, {"type": "facebook"}, {"format": "exe/x"}, {"format": "pdf"},
     {"transformation": "zz_5"}, {"attachment": "maybe"}, {"public_id": "a?b"}],
)  # fmt: skip
def test_what_is_not_understood_is_400(client, params):
    assert get(client, **params).status_code == 400


def test_another_cloud_and_basic(client):
    assert get(client, cloud="studio").status_code == 401
    asked = {"public_id": "pets/cat", "type": "private"}
    for secret, status in ((SECRET, 200), ("wrong", 401)):
        answer = client.get(
            "/v1_1/demo/image/download", query_string=asked, auth=(KEY, secret), buffered=True
        )
        assert answer.status_code == status
