"""Access rules on the wire: tokens, windows, overlays, and what caches are told; fail closed."""

import io

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.backends.sql.schema import assets
from rekproxy.domain import token
from rekproxy.domain.access import ONLY_TOKENS
from rekproxy.domain.signature import sign_url
from rekproxy.imaging.inprocess import InProcessImager
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for, upload

KEY = "00112233445566778899aabbccddeeff"
SECRET = "a-secret-of-tests"
PATH = "/demo/image/upload/w_90/cat.jpg"
NOW = 1_900_000_000.0  # 2030-03-17T17:46:40Z
OPEN = '[{"access_type":"token"},{"access_type":"anonymous","end":"2030-03-17T17:47:00Z"}]'
SOON = '[{"access_type":"token"},{"access_type":"anonymous","start":"2030-03-17T17:47:00Z"}]'


@pytest.fixture(scope="module")
def ruled(tmp_path_factory, imager):
    """A house at a fixed time, with a picture and another to lay over it."""
    folder = tmp_path_factory.mktemp("ruled")
    house = house_of(settings_for(folder, token_key=KEY), imager, ToldDetector())
    object.__setattr__(house.deliver, "now", lambda: NOW)
    for name in ("cat", "logo"):
        upload(house, encode(photograph().resize((120, 120)), quality=80), name)
    yield house
    house.close()


@pytest.fixture(scope="module")
def client(ruled):
    return Client(mount(ruled), use_cookies=False)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("rekproxy.web.caching.time.time", lambda: NOW)


def rule(house, name, rules):
    """Give an asset rules, as any writer of the catalog would: with a revision of their own."""
    with house.catalog._database.write() as tx:
        changed = update(assets).where(assets.c.public_id == name)
        tx.connection.execute(changed.values(access_control=rules, revision=tx.revision()))


@pytest.fixture(autouse=True)
def none_before(ruled):
    for name in ("cat", "logo"):
        rule(ruled, name, None)


def with_token(path=PATH, expires=NOW + 3600, **more):
    return (
        f"{path}?{token.NAME}={token.write(KEY, expires=int(expires), **({'patterns': ('/demo/*',)} | more))}"
    )


def test_rules_close_at_once_what_lies_in_memory(client, ruled):
    assert [client.get(PATH).status_code for _ in range(2)] == [200, 200]
    rule(ruled, "cat", ONLY_TOKENS)
    for path in (PATH, "/demo/image/upload/cat.jpg", "/demo/image/upload/w_91/cat"):
        refused = client.get(path)
        assert (refused.status_code, refused.headers["Cache-Control"]) == (401, "no-store")
        assert refused.headers["X-Cld-Error"] == "deny or ACL failure"
        assert client.get(path, headers={"Range": "bytes=0-9"}).status_code == 401
        assert client.head(path).status_code == 401


def test_a_token_opens_it_for_one_client_until_it_ends(client, ruled):
    rule(ruled, "cat", ONLY_TOKENS)
    for _ in range(2):  # made, and from memory
        opened = client.get(with_token(expires=NOW + 7))
        assert opened.status_code == 200
        assert opened.headers["Cache-Control"].startswith("private, no-transform, max-age=7,")
    cookie = {"Cookie": with_token().partition("?")[2]}
    assert client.get(PATH, headers=cookie).status_code == 200
    etag = {"If-None-Match": opened.headers["ETag"]}
    assert client.get(PATH, headers=etag).status_code == 401
    unchanged = client.get(with_token(), headers=etag)
    assert (unchanged.status_code, unchanged.headers["Cache-Control"][:8]) == (304, "private,")
    assert client.get(with_token(expires=NOW)).status_code == 401
    assert client.get(with_token(patterns=("/studio/*",))).status_code == 401


def test_a_signature_is_no_token(client, ruled):
    rule(ruled, "cat", ONLY_TOKENS)
    signed = f"/demo/image/upload/s--{sign_url('w_90/cat.jpg', SECRET)}--/w_90/cat.jpg"
    assert client.get(signed).status_code == 401
    assert client.get(with_token(signed)).status_code == 200


def test_within_a_window_it_is_public_and_no_cache_keeps_it_longer(client, ruled):
    rule(ruled, "cat", OPEN)
    for _ in range(2):
        answer = client.get(PATH)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public, no-transform, max-age=20,")
        assert not {"CDN-Cache-Control", "Surrogate-Control"} & set(answer.headers.keys())
    object.__setattr__(ruled.deliver, "now", lambda: NOW + 20)
    assert client.get(PATH).status_code == 401
    assert client.get(with_token()).headers["Cache-Control"].startswith("private")
    object.__setattr__(ruled.deliver, "now", lambda: NOW)


def test_a_window_to_come_opens_by_itself(client, ruled):
    rule(ruled, "cat", SOON)
    assert client.get(PATH).status_code == 401
    object.__setattr__(ruled.deliver, "now", lambda: NOW + 20)
    assert client.get(PATH).headers["Cache-Control"].startswith("public, no-transform, max-age=60,")
    object.__setattr__(ruled.deliver, "now", lambda: NOW)


@pytest.mark.parametrize(
    "rules", ["", "[]", "no json", '[{"access_type":"friends"}]', '[{"access_type":"token"},1]']
)
def test_what_is_not_understood_opens_to_nobody(client, ruled, rules):
    rule(ruled, "cat", rules)
    signed = f"/demo/image/upload/s--{sign_url('w_90/cat.jpg', SECRET)}--/w_90/cat.jpg"
    for path in (PATH, with_token(), signed, with_token(signed)):
        assert client.get(path).status_code == 401


def test_rules_reach_through_overlays_and_default_images(client, ruled):
    laid = "l_logo,w_20/cat.jpg"
    assert client.get(f"/demo/image/upload/{laid}").status_code == 200
    rule(ruled, "logo", ONLY_TOKENS)
    signed = f"/demo/image/upload/s--{sign_url(laid, SECRET)}--/{laid}"
    for path in (f"/demo/image/upload/{laid}", with_token(f"/demo/image/upload/{laid}"), signed):
        assert client.get(path).status_code == 401
    assert client.get(with_token(signed)).headers["Cache-Control"].startswith("private")
    assert client.get("/demo/image/upload/d_logo.jpg/nowhere.jpg").status_code == 401
    assert client.get(PATH).status_code == 200


def test_rules_and_a_closed_type_hold_together(client, ruled, jpeg):
    upload(ruled, jpeg, "closed", type="authenticated")
    rule(ruled, "closed", OPEN)
    path = "/demo/image/authenticated/w_90/closed.jpg"
    assert client.get(path).status_code == 401
    answer = client.get(with_token(path))
    assert answer.headers["Cache-Control"].startswith("private, no-transform, max-age=20,")


def test_what_is_not_approved_is_missing_and_not_forbidden(client, ruled, jpeg):
    upload(ruled, jpeg, "waits", moderation="manual")
    rule(ruled, "waits", ONLY_TOKENS)
    for path in ("/demo/image/upload/waits.jpg", with_token("/demo/image/upload/waits.jpg")):
        assert client.get(path).status_code == 404


def test_it_is_explained_to_who_may_know(ruled):
    from rekproxy.services.why import Link

    def explained(path):
        said = ruled.why.explain("demo", Link.read(path))
        return said["status"], [cause["cause"] for cause in said["causes"]]

    rule(ruled, "cat", ONLY_TOKENS)
    assert explained(PATH) == (401, ["token_missing"])
    assert explained(with_token()) == (200, [])
    rule(ruled, "cat", "[]")
    assert explained(with_token()) == (401, ["access_control"])
    rule(ruled, "cat", OPEN)
    assert explained(PATH) == (200, [])


def test_an_administrator_closes_and_opens_it(client, ruled):
    update = "/v1_1/demo/resources/image/upload/cat"
    key = ("123456789012345", SECRET)
    for given, status in (
        ('[{"access_type":"token"}]', 401),
        ('[{"access_type":"anonymous","start":"2030-01-01 00:00 +0200"}]', 200),
        ('{"access_type":"anonymous","end":"2030-01-01T00:00:00Z"}', 401),
        ("[]", 200),
    ):
        told = client.post(update, data={"access_control": given}, auth=key, buffered=True)
        assert told.status_code == 200, told.text
        assert bool(told.json.get("access_control")) is (given != "[]")
        assert client.get(PATH).status_code == status, given
    refused = client.post(update, data={"access_control": '[{"access_type":"x"}]'}, auth=key, buffered=True)
    assert refused.status_code == 400
    assert client.get(PATH).status_code == 200


def test_uploads_bring_rules_and_other_bytes_do_not_lift_them(client, ruled, jpeg):
    key = ("123456789012345", SECRET)

    def sent(**more):
        file = (io.BytesIO(encode(photograph().resize((100 + len(seen), 100)))), "a.jpg")
        data = {"file": file, "public_id": "brought", **more}
        told = client.post("/v1_1/demo/image/upload", data=data, auth=key, buffered=True)
        seen.append(told)
        return told.status_code, client.get("/demo/image/upload/brought.jpg").status_code

    seen = []
    assert sent() == (200, 200)
    assert sent(access_control='{"access_type":"token"}') == (200, 401)
    assert seen[-1].json["access_control"] == [{"access_type": "token"}]
    assert sent() == (200, 401)
    assert sent(access_control='[{"access_type":"anonymous"}]') == (200, 200)
    assert sent(access_mode="authenticated") == (200, 401)
    assert seen[-1].json["access_mode"] == "authenticated"
    assert sent(access_control="nonsense")[0] == 400
    assert sent(access_mode="secret")[0] == 400
    explicit = {"public_id": "brought", "type": "upload", "access_control": "[]"}
    client.post("/v1_1/demo/image/explicit", data=explicit, auth=key, buffered=True)
    assert client.get("/demo/image/upload/brought.jpg").status_code == 200
    assert sent(access_control='{"access_type":"token"}') == (200, 401)
    destroyed = {"public_id": "brought"}
    assert (
        client.post("/v1_1/demo/image/destroy", data=destroyed, auth=key, buffered=True).json["result"]
        == "ok"
    )
    assert sent() == (200, 200)


def test_a_change_of_rules_purges_edges_and_a_window_gives_them_no_life(tmp_path):
    edge = {"edge": "varnish", "varnish_urls": "http://127.0.0.1:9", "varnish_secret": "a-long-secret"}
    house = house_of(settings_for(tmp_path, **edge), InProcessImager(25_000_000), ToldDetector())
    object.__setattr__(house.deliver, "now", lambda: NOW)
    upload(house, encode(photograph().resize((120, 120))))
    client = Client(mount(house), use_cookies=False)
    key = ("123456789012345", SECRET)
    assert "Surrogate-Control" in client.get(PATH).headers
    for rules, life in ((OPEN, False), (ONLY_TOKENS, False), ("[]", True)):
        before = house.catalog.asset("demo", "upload", "cat").revision
        told = client.post(
            "/v1_1/demo/resources/image/upload/cat", data={"access_control": rules}, auth=key, buffered=True
        )
        assert [tier["state"] for tier in told.json["purge"]] == ["queued"], rules
        assert house.catalog.asset("demo", "upload", "cat").revision > before
        answer = client.get(PATH)
        assert ("Surrogate-Control" in answer.headers) is (life and answer.status_code == 200)
    house.close()
