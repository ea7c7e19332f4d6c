"""Hostile requests over real sockets, gunicorn and granian alike: a clean 4xx, no file, no secret logged."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rekproxy.domain import token
from rekproxy.domain.signature import sign_url
from tests.conftest import REQUIRED
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import _BASIC, KEY, SECRET, Server, serving

if "granian" not in REQUIRED:
    pytest.importorskip("granian", reason="extra fast is not installed")

TOKEN_KEY = "00112233445566778899aabbccddeeff"
MARK = "xk7marker"
CAT = b"/demo/image/upload/w_90/cat.jpg"


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, jpeg: bytes
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp(request.param)
    with RekognitionDouble() as double:
        variables = double.environment | {"REKPROXY_TOKEN_KEY": TOKEN_KEY}
        with serving(folder, variables, "--server", request.param, workers=1) as running:
            for type in ("upload", "authenticated"):
                assert running.upload(jpeg, public_id="cat", type=type).status == 200
            assert running.get(CAT.decode()).status == 200
            yield running


def spoken(server: Server, request: bytes) -> int:
    """The status of the answer to these very bytes; 0 if there is none: closed, or more was to come."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=3) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while len(answer) < 12 and (part := connection.recv(4096)):
                answer += part
        except (ConnectionResetError, TimeoutError):
            return 0
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0


def answers(server: Server, request: bytes) -> list[int]:
    """The statuses of all answers to these bytes, until the server has closed or is silent for a second."""
    said = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
        connection.sendall(request)
        try:
            while part := connection.recv(65_536):
                said += part
        except (ConnectionResetError, TimeoutError):
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]


def get(path: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    lines = (b"%s %s HTTP/1.1" % (method, path), b"Host: localhost", b"Connection: close", *headers, b"", b"")
    return b"\r\n".join(lines)


PATHS = {
    "8 KB": b"/demo/image/upload/" + b"a" * 8100,
    "9 KB": b"/demo/image/upload/" + b"a" * 9000,
    "64 KB": b"/demo/image/upload/" + b"a" * 65_000,
    "bad escape": b"/demo/image/upload/%zz.jpg",
    "half an escape": b"/demo/image/upload/a%2",
    "no UTF-8": b"/demo/image/upload/%ff%fe.jpg",
    "bare bytes": b"/demo/image/upload/\xff\xfe.jpg",
    "NUL": b"/demo/image/upload/%00.jpg",
    "bare NUL": b"/demo/image/upload/a\x00b.jpg",
    "up": b"/demo/image/upload/../../../../etc/passwd",
    "escaped up": b"/demo/image/upload/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "escaped slashes": b"/demo/image/upload/..%2f..%2fetc%2fpasswd",
    "twice escaped": b"/demo/image/upload/%252e%252e%252fetc",
    "backslashes": b"/demo/image/upload/..%5c..%5cetc",
    "slashes": b"//demo////image//upload//" + MARK.encode() + b"//../x",
    "own name": b"/demo/image/upload/originals/" + MARK.encode(),
    "unknown token": b"/demo/image/upload/zz_5/cat.jpg",
    "many components": b"/demo/image/upload/" + b"w_1/" * 400 + b"cat.jpg",
    "many overlays": b"/demo/image/upload/" + b"l_cat/" * 30 + b"cat.jpg",
    "huge number": b"/demo/image/upload/w_" + b"9" * 500 + b"/cat.jpg",
    "unknown cloud": b"/" + MARK.encode() + b"/image/upload/cat.jpg",
    "line break": b"/demo/image/upload/a%0d%0aSet-Cookie:%20x=y.jpg",
    "version": b"/demo/image/upload/v999999999999999999/cat.jpg/x",
}


@pytest.mark.parametrize("name", PATHS)
def test_a_bad_path_is_a_clean_4xx(server: Server, name: str) -> None:
    assert 400 <= spoken(server, get(PATHS[name])) < 500


FORMS = {
    "two lengths": get(CAT, b"Content-Length: 0", b"Content-Length: 5"),
    "length and chunks": get(CAT, b"Content-Length: 5", b"Transfer-Encoding: chunked", method=b"POST")
    + b"0\r\n\r\n",
    "odd encoding": get(CAT, b"Transfer-Encoding: xchunked", method=b"POST"),
    "chunks twice": get(CAT, b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", method=b"POST"),
    "negative length": get(CAT, b"Content-Length: -1", method=b"POST"),
    "signed length": get(CAT, b"Content-Length: +5", method=b"POST"),
    "folded header": get(CAT, b"X-A: b\r\n c"),
    "space before the colon": get(CAT, b"Content-Length : 0"),
    "bad header": get(CAT, b"X\x00Y: z"),
    "no version": b"GET %s\r\n\r\n" % CAT,
    "bad version": b"GET %s HTTP/9.9\r\nHost: x\r\n\r\n" % CAT,
    "chunk of no size": get(CAT, b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\nabc\r\n0\r\n\r\n",
    "chunk of a huge size": get(CAT, b"Transfer-Encoding: chunked", method=b"POST") + b"f" * 40 + b"\r\n",
    "odd white space": get(CAT, b"Transfer-Encoding:\x0bchunked", method=b"POST"),
    "return alone": get(CAT, b"X-A: b\rTransfer-Encoding: chunked", method=b"POST"),
    "lengths in a list": get(CAT, b"Content-Length: 0, 5"),
    "noise": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("name", FORMS)
def test_no_form_of_smuggling_gets_a_picture(server: Server, name: str) -> None:
    status = spoken(server, FORMS[name])
    assert status in (0, 501) or 400 <= status < 500  # 501: a coding that the server does not know


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
CARRIERS = {
    "in a body": get(CAT, b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
    "behind a length that chunks deny": get(
        CAT, b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding: chunked", method=b"POST"
    )
    + b"0\r\n\r\n"
    + SMUGGLED,
    "behind two lengths": get(CAT, b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
}


@pytest.mark.parametrize("name", CARRIERS)
def test_what_a_request_carries_is_never_answered_by_itself(server: Server, name: str) -> None:
    # kept open, so that nothing but the form of the request separates the two
    got = answers(server, CARRIERS[name].replace(b"Connection: close\r\n", b""))
    assert len(got) <= 1
    assert not got or got[0] < 500 or got[0] == 501


def test_bare_line_feeds_split_no_request(server: Server) -> None:
    smuggled = get(b"/healthz").replace(b"\r\n", b"\n")
    assert spoken(server, smuggled) in (0, 200, 400)


HEADERS = {
    "many tags": (
        b"If-None-Match: " + b",".join(b'"%d"' % number for number in range(5000)),
        {200, 400, 431},
    ),
    "a wild tag": (b'If-None-Match: W/"*", *, "', {200}),
    "many ranges": (
        b"Range: bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(1000)),
        {200, 206, 400, 416, 431},
    ),
    "10,000 ranges": (
        b"Range: bytes=" + b",".join(b"%d-" % n for n in range(10_000)),
        {200, 206, 400, 416, 431},
    ),
    "beyond the end": (b"Range: bytes=999999999999-", {416}),
    "backwards": (b"Range: bytes=9-1", {200, 206, 416}),
    "a huge suffix": (b"Range: bytes=-99999999999999999999999", {200, 206, 416}),
    "no number": (b"Range: bytes=a-b", {200, 206, 416}),
    "a wild date": (b"If-Modified-Since: 99 Foo 99999999999", {200}),
    "a wild Accept": (b"Accept: " + b"image/webp;q=," * 500, {200}),
    "forwarded": (
        b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /../..",
        {200},
    ),
    "wild cookie": (b"Cookie: " + b"__cld_token__=;" * 300, {200}),
}


@pytest.mark.parametrize("name", HEADERS)
def test_absurd_headers_are_answered_calmly(server: Server, name: str) -> None:
    line, allowed = HEADERS[name]
    request = get(CAT, line)
    assert spoken(server, request) in allowed


HOSTS = {
    "another": b"Host: evil.example\r\n",
    "none": b"",
    "empty": b"Host:\r\n",
    "two": b"Host: localhost\r\nHost: evil.example\r\n",
    "a path": b"Host: ../../etc/passwd\r\n",
    "a user": b"Host: key:secret@localhost\r\n",
    "noise": b"Host: \xff\xfe<script>\r\n",
    "8 KB": b"Host: " + b"a" * 8000 + b"\r\n",
    "a wild port": b"Host: localhost:99999999\r\n",
}


@pytest.mark.parametrize("name", HOSTS)
def test_no_host_is_a_way_to_anything_else(server: Server, name: str) -> None:
    for path, right in ((CAT, 200), (b"/demo/image/authenticated/cat.jpg", 401), (b"/v1_1/demo/ping", 401)):
        status = spoken(server, get(path).replace(b"Host: localhost\r\n", HOSTS[name]))
        assert status in (0, right, 400, 431)


def test_forged_forwarding_opens_nothing_and_leads_nowhere(server: Server) -> None:
    text = token.write(TOKEN_KEY, expires=2**33, address="192.0.2.1", patterns=("/demo/*",))
    path = f"/demo/image/authenticated/cat.jpg?{token.NAME}={text}"
    assert server.get(path, X_Forwarded_For="192.0.2.1").status == 401
    assert server.get(path, Forwarded="for=192.0.2.1", X_Real_IP="192.0.2.1").status == 401


FORGED = (
    {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "evil", "X_Forwarded_Port": "1"},
    {"X_Forwarded_Prefix": "/../..", "X_Script_Name": "/demo"},
    {"Forwarded": 'host=evil.example;proto=evil;for="[::1]"'},
    {"X_Original_URL": "/demo/image/upload/cat.jpg", "X_Rewrite_URL": "/metrics"},
    {"X_HTTP_Method_Override": "DELETE", "X_Forwarded_For": "127.0.0.1, " * 500},
)


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: next(iter(forged)))
def test_what_a_stranger_says_of_a_proxy_changes_no_answer(server: Server, forged: dict[str, str]) -> None:
    plain, told = server.get(CAT.decode()), server.get(CAT.decode(), **forged)
    assert (told.status, told.body) == (200, plain.body)
    assert not {"evil", "set-cookie", "location"} & {name.lower() for name in told.headers}
    assert server.get("/demo/image/upload/none.jpg", **forged).status == 404
    assert server.get("/metrics", **forged).status == 401
    names = {name.replace("_", "-"): value for name, value in forged.items()}
    reply = server.request("GET", "/v1_1/demo/resources/image/upload/cat", headers=_BASIC | names)
    assert reply.status == 200
    assert b"evil" not in reply.body


NAMES = (
    f"../../{MARK}",
    f"/{MARK}",
    f"a/../{MARK}",
    f"{MARK}\\..\\x",
    f"{MARK}%2e%2e",
    f"{MARK}/é.jpg",
    "..",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_an_upload_name_no_file(server: Server, jpeg: bytes, name: str) -> None:
    form = {"public_id": name, "filename_override": f"../../{MARK}.jpg", "folder": f"../{MARK}", "tags": MARK}
    assert server.upload(jpeg, **form).status in (200, 400)
    assert server.upload(jpeg, public_id=name).status in (200, 400)
    assert 400 <= server.upload(jpeg, public_id="cat", type=f"../{MARK}").status < 500


VECTORS = (
    ("cat.jpg", "cat.jpg"),
    ("w_50/cat.webp", "w_50/v1/cat.webp"),
    ("c_fill,h_40,w_40/cat.jpg", "c_fill,h_40,w_40/cat.jpg"),
)


@pytest.mark.parametrize(("signed", "path"), VECTORS)
@pytest.mark.parametrize("long", [False, True])
def test_signatures_and_tokens_open_closed_pictures(
    server: Server, signed: str, path: str, long: bool
) -> None:
    signature = sign_url(signed, SECRET, long=long)
    assert server.get(f"/demo/image/authenticated/s--{signature}--/{path}").status == 200
    assert server.get(f"/demo/image/authenticated/s--{signature[:-1]}_--/{path}").status == 401
    assert server.get(f"/demo/image/authenticated/{path}").status == 401
    url = f"/demo/image/authenticated/{path}"
    for more in ({"patterns": ("/demo/image/authenticated/*",)}, {"path": url}):
        text = token.write(TOKEN_KEY, expires=2**33, **more)  # type: ignore[arg-type]
        answer = server.get(f"{url}?{token.NAME}={text}")
        assert (answer.status, {k.lower(): v for k, v in answer.headers.items()}["cache-control"][:7]) == (
            200,
            "private",
        )
        assert server.get(url, Cookie=f"{token.NAME}={text}").status == 200


def test_afterwards_it_lives_names_no_file_and_has_told_no_secret(server: Server) -> None:
    """Runs last in this module, over everything that was asked before."""
    signature = sign_url("cat.jpg", SECRET)
    text = token.write(TOKEN_KEY, expires=1, patterns=("/*",))
    for path in (
        f"/demo/image/authenticated/s--{signature}--/zz_1/cat.jpg?{token.NAME}={text}",
        f"/v1_1/demo/resources/image?api_secret={SECRET}&signature={signature}",
    ):
        assert (
            400
            <= server.get(path, Cookie=f"{token.NAME}={text}", Authorization=f"Bearer {SECRET}").status
            < 500
        )
    assert server.get(CAT.decode()).status == 200
    lines = [line for line in server.said.splitlines() if line.startswith("{")]
    assert len(lines) > 10
    for line in lines:
        said = json.loads(line)
        assert {"event", "level", "timestamp", "pid"} <= said.keys()
        assert "?" not in said.get("path", "")
    log = "\n".join(lines)
    for secret in (
        SECRET,
        TOKEN_KEY,
        "signs-what-tests-need-signed",
        signature,
        text,
        text.rpartition("=")[2],
    ):
        assert secret not in log
    assert not re.search(r"s--[A-Za-z0-9_-]{8,}--", log)
    assert "Traceback" not in server.said
    assert KEY in log  # who asked may be known
    data = Path(server.log).parent
    names = [str(file.relative_to(data)) for file in data.rglob("*")]
    assert not [
        name for name in names if MARK in name or "passwd" in name or "cat" in name.replace("catalog", "")
    ]
