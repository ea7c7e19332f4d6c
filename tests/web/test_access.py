"""Access by token: in the query string or a cookie, on the wire, through memory and through the view."""

import pytest
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.domain import token
from rekproxy.domain.signature import sign_url
from rekproxy.web.access import presented
from tests.conftest import house_of, settings_for, upload

KEY = "00112233445566778899aabbccddeeff"
PATH = "/demo/image/authenticated/v1/w_90/cat.jpg".replace("v1/w_90", "w_90/v1")
NOW = 1_900_000_000.0


@pytest.fixture
def closed(tmp_path, imager, detector, jpeg):
    """A house at a fixed time, with a picture of each closed type."""
    house = house_of(settings_for(tmp_path, token_key=KEY), imager, detector)
    object.__setattr__(house.deliver, "now", lambda: NOW)
    for type in ("authenticated", "private"):
        upload(house, jpeg, type=type)
    yield house
    house.close()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("rekproxy.web.caching.time.time", lambda: NOW)


@pytest.fixture
def client(closed):
    return Client(mount(closed), use_cookies=False)


def made(expires=NOW + 3600, **more):
    return token.write(KEY, expires=int(expires), **({"patterns": ("/demo/image/*",)} | more))


def get(client, text, path=PATH, *, cookie=False, **headers):
    where = {"headers": {"Cookie": f"a=b; {token.NAME}={text}; c=d", **headers}} if cookie else {}
    return client.get(
        path if cookie else f"{path}?_a=x&{token.NAME}={text}", **(where or {"headers": headers})
    )


@pytest.mark.parametrize("cookie", [False, True])
def test_a_token_opens_a_closed_picture_for_one_client(client, cookie):
    for answer in (get(client, made(), cookie=cookie) for _ in range(2)):
        assert answer.status_code == 200
        said = answer.headers.getlist("Cache-Control")
        assert len(said) == 1
        assert said[0].startswith("private, no-transform, max-age=60, must-revalidate")
        assert not {"CDN-Cache-Control", "Surrogate-Control"} & set(answer.headers.keys())
    assert client.get(PATH).status_code == 401


def test_a_picture_in_memory_is_as_closed_as_any(client):
    first = get(client, made())
    assert get(client, made(expires=NOW)).status_code == 401
    again = get(client, made(), **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"][:8]) == (304, "private,")
    assert client.get(PATH, headers={"If-None-Match": first.headers["ETag"]}).status_code == 401
    assert client.get(PATH, headers={"Range": "bytes=0-9"}).status_code == 401
    part = get(client, made(), Range="bytes=0-9")
    assert (part.status_code, part.headers["Cache-Control"][:8]) == (206, "private,")


@pytest.mark.parametrize("warm", [False, True])
def test_nobody_keeps_it_longer_than_its_token_lives(client, warm):
    if warm:
        get(client, made())
    assert "max-age=7," in get(client, made(expires=NOW + 7)).headers["Cache-Control"]


def test_a_signature_opens_it_for_everybody_who_has_the_url(client):
    signature = sign_url("w_90/cat.jpg", "a-secret-of-tests")
    path = f"/demo/image/authenticated/s--{signature}--/w_90/v1/cat.jpg"
    assert get(client, made(), path).headers["Cache-Control"].startswith("public")
    wrong = path.replace(signature, "AAAAAAAA")
    assert get(client, made(), wrong).status_code == 401


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exp=1",
        made(expires=NOW),
        made(start=int(NOW) + 1),
        made(patterns=("/studio/*",)),
        made(patterns=(), path=PATH.replace("cat", "dog")),
        made(address="192.0.2.9"),
        token.write("ff" * 16, expires=int(NOW) + 9, patterns=("/*",)),
        "%00" * 9,
        "x" * 6000,
    ],
)
def test_a_wrong_token_is_401(client, text):
    for cookie in (False, True):
        answer = get(client, text, cookie=cookie)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
        assert answer.headers["X-Cld-Error"] == "deny or ACL failure"


def test_a_token_of_one_path_opens_it_and_its_address(client):
    text = made(patterns=(), path=PATH, address="127.0.0.1")
    assert (
        client.get(f"{PATH}?{token.NAME}={text}", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code
        == 200
    )
    assert (
        client.get(f"{PATH}?{token.NAME}={text}", environ_base={"REMOTE_ADDR": "127.0.0.2"}).status_code
        == 401
    )


def test_one_good_token_among_others_is_enough(client):
    url = f"{PATH}?{token.NAME}={made(expires=1)}"
    assert client.get(url, headers={"Cookie": f"{token.NAME}={made()}"}).status_code == 200


def test_only_the_original_of_a_private_picture_is_closed(client):
    assert client.get("/demo/image/private/w_80/cat.jpg").headers["Cache-Control"].startswith("public")
    assert client.get("/demo/image/private/cat.jpg").status_code == 401
    answer = get(client, made(), "/demo/image/private/cat.jpg")
    assert (answer.status_code, answer.headers["Cache-Control"][:8]) == (200, "private,")


def test_a_cookie_changes_nothing_for_an_open_picture(client, closed, jpeg):
    upload(closed, jpeg)
    path = "/demo/image/upload/w_90/cat.jpg"
    with_one = get(client, made(), path, cookie=True)
    assert with_one.headers["Cache-Control"].startswith("public")
    assert (with_one.data, "Vary" in with_one.headers) == (client.get(path).data, False)


def test_a_token_opens_nothing_that_is_not_approved(client, closed, jpeg):
    upload(closed, jpeg, "new", type="authenticated", moderation="manual")
    assert get(client, made(), PATH.replace("cat", "new")).status_code == 404


def test_without_a_key_there_are_no_tokens(tmp_path, imager, detector, jpeg):
    house = house_of(settings_for(tmp_path), imager, detector)
    upload(house, jpeg, type="authenticated")
    assert get(Client(mount(house)), made()).status_code == 401
    house.close()


def test_only_a_few_tokens_are_looked_at():
    environ = {"QUERY_STRING": "&".join([f"{token.NAME}=exp=1"] * 999), "REMOTE_ADDR": "::1"}
    assert len(presented(environ, "/").tokens) == 4


def test_a_token_that_was_escaped_whole_is_understood():
    escaped = {"QUERY_STRING": f"{token.NAME}=exp%3D1~acl%3D%252fa*~hmac%3Dx"}
    assert presented(escaped, "/").tokens == ("exp=1~acl=%2fa*~hmac=x",)
