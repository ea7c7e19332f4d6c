"""The URL, signature and token vectors of the wire, over real sockets: gunicorn and granian say the same."""

import socket
import sys
from collections.abc import Iterator
from urllib.parse import quote, unquote

import pytest

from rekproxy.domain.signature import sign_url
from tests.conftest import REQUIRED, encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, free_port, launched

if "granian" not in REQUIRED:
    pytest.importorskip("granian", reason="extra fast is not installed")

_APP = "tests.web.vectorapp:create_app"
COMMANDS = {
    "gunicorn": f"gunicorn -c config/gunicorn.conf.py -w 1 -b 127.0.0.1:{{port}} {_APP}()",
    "granian": f"granian --interface wsgi --blocking-threads 9 --port {{port}} --factory {_APP}",
}
#: The pictures that the vectors name, by type.
PICTURES = {
    "upload": ("image", "sample", "dog", "v1.2", "folder/a b ä", "a,b=c (d)"),
    "authenticated": ("image", "sample", "cat", "folder/a b ä"),
    "private": ("sample",),
}


@pytest.fixture(scope="module", params=COMMANDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    command = [sys.executable, "-m", *COMMANDS[request.param].format(port=port).split()]
    (folder / "clock").write_text("0")
    picture = encode(photograph().resize((120, 120)))
    with RekognitionDouble() as double, launched(folder, double.environment, command, port) as running:
        for type, names in PICTURES.items():
            for name in names:
                assert running.upload(picture, public_id=name, type=type).status == 200
        yield running


def status(server: Server, target: str, cookie: str = "") -> int:
    """The status of a GET for these very characters, which no library has escaped or joined anew."""
    lines = [f"GET {target} HTTP/1.1", "Host: a1.images.example:8080", "Connection: close"]
    lines += [f"Cookie: {cookie}", "", ""] if cookie else ["", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode("ascii"))
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])


URLS = {
    "/demo/image/upload/sample.jpg": 200,
    "/image/upload/sample.jpg": 200,
    "/demo/iu/sample": 200,
    "/iu/sample.webp": 200,
    "/demo/image/upload/c_fill,w_100/v12/folder/a%20b%20%C3%A4.jpg": 200,
    "/demo/image/upload/v1/folder/a%20b%20%c3%a4.png": 200,
    "/demo/image/upload/v1/folder%2Fa%20b%20%C3%A4": 200,
    "/demo/image/upload/c_fill,w_50/q_80/v9/a%2Cb%3Dc%20%28d%29.jpg": 200,
    "/demo/image/upload/a,b=c%20(d).jpg": 200,
    "/demo/image/upload/v1.2.jpg": 200,
    "/demo/image/upload/sample.jpg?_a=BAMAH2aE0": 200,
    "//demo//image///upload//w_20//v1///sample.jpg": 200,
    "http://images.example/demo/image/upload/sample.jpg": 200,
    "/demo/images/sample/seen-by-readers.jpg": 200,
    "/images/w_20/v1/folder/a%20b%20%C3%A4/seen-by-readers": 200,
    "/demo/images/s--n3C51sTt--/dog/my-dog.jpg": 200,
    "/demo/images/s--n3C51sTu--/dog/my-dog.jpg": 401,
    "/demo/private_images/sample/seen.jpg": 401,
    "/demo/images/sample.jpg": 404,
    "/demo/images/sample/seen.by.readers.jpg": 400,
    "/demo/sample.jpg": 200,
    "/demo/c_fill,w_9/v1/folder/a%20b%20%C3%A4.jpg": 200,
    "/studio/sample.jpg": 404,
    "/sample.jpg": 404,
    "/demo/image/upload/SAMPLE.jpg": 404,
    "/demo/image/upload/sample.jpg.jpg": 404,
    "/demo/image/upload/a%2520b.jpg": 400,
    "/studio/image/upload/sample.jpg": 404,
    "/demo/image/upload/ab_x/sample.jpg": 400,
    "/demo/image/upload/zz_5/sample.jpg": 400,
    "/demo/image/upload/w_abc/sample.jpg": 400,
    "/demo/image/upload/w_0/sample.jpg": 400,
    "/demo/video/upload/sample.mp4": 404,
    "/demo/raw/upload/sample.zip": 404,
    "/demo/image/list/cats.json": 404,
    "/demo/image/facebook/65646572251.jpg": 404,
    "/demo/image/private/sample.jpg": 401,
    "/demo/image/private/w_20/sample.jpg": 200,
    "/demo/image/authenticated/sample.jpg": 401,
    "/demo/image/authenticated/w_20/sample.jpg": 401,
    # fetch is not there; its signatures are no way in
    "/demo/image/fetch/s--hH_YcbiS--/http://google.com/path/to/image.png": 404,
    "/demo/image/fetch/s--BfGX5XCB--/c_crop,h_20,w_10/http://google.com/path/to/image.png": 404,
    "/demo/image/fetch/s--lUv551Zj--/c_fit,w_80/https://example.com/a%3Fb%3Dc%26d%3D%C3%A9.png": 404,
}


@pytest.mark.parametrize("target", URLS)
def test_urls(server: Server, target: str) -> None:
    assert status(server, target) == URLS[target]


# signature, what it covers, and how the same may be written otherwise
SIGNATURES = (
    ("Ai4Znfl3", "c_crop,h_20,w_10/image.jpg", "c_crop,h_20,w_10/v123/image.jpg"),
    ("--SjmNDA", "image.jpg", "v1/image.jpg"),
    ("v2fTPYTu", "sample.jpg", "v99//sample.jpg"),
    ("2hbrSMPO", "sample.jpg", "sample.jpg?_a=x"),
    ("2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf", "sample.jpg", "v1234567890/sample.jpg"),
    ("Golj7oPp", "folder/a%20b%20%C3%A4.jpg", "v1/folder/a%20b%20%c3%a4.jpg"),
    (
        "i9MJaWJa",
        "c_fill,w_100/e_sepia:50/folder/a%20b%20%C3%A4.jpg",
        "c_fill,w_100/e_sepia:50/v3/folder/a%20b%20%C3%A4.jpg",
    ),
    ("0in3rjcr", "c_scale,w_50/cat.webp", "c_scale,w_50/v1/cat.webp"),
)


@pytest.mark.parametrize(("signature", "signed", "otherwise"), SIGNATURES)
@pytest.mark.parametrize("type", ["authenticated", "private", "upload"])
def test_signatures(server: Server, type: str, signature: str, signed: str, otherwise: str) -> None:
    name = unquote(signed[signed.find("folder") :] if "folder" in signed else signed.rpartition("/")[2])
    there = 200 if name.rpartition(".")[0] in PICTURES[type] else 404
    base = f"/demo/image/{type}"
    assert status(server, f"{base}/s--{signature}--/{signed}") == there
    assert status(server, f"{base}/s--{signature}--/{otherwise}") == there
    wrong = ("A" if signature[0] != "A" else "B") + signature[1:]
    for refused in (f"{wrong}--/{signed}", f"{signature}--/w_9/{signed}", f"{signature}--/x{quote(name)}"):
        assert status(server, f"{base}/s--{refused}") == 401


def test_a_signature_of_another_secret_opens_nothing(server: Server) -> None:
    for long in (False, True):
        signature = sign_url("sample.jpg", "a-secret-of-tests", long=long)
        assert status(server, f"/demo/image/authenticated/s--{signature}--/sample.jpg") == 401


ACL = (
    "st=1111111111~exp=1111111411~acl=%2fimage%2f*"
    "~hmac=1751370bcc6cfe9e03f30dd1a9722ba0f2cdca283fa3e6df3342a00a7528cc51"
)
ONE_PATH = "st=11111111~exp=11111411~hmac=8db0d753ee7bbb9e2eaf8698ca3797436ba4c20e31f44527e43b6a6e995cfdb3"


@pytest.mark.parametrize(
    ("text", "time", "path", "expected"),
    [
        (ACL, 1111111111, "/image/authenticated/v1486020273/sample.jpg", 200),
        (ACL, 1111111410, "/image/authenticated/w_20/cat.webp", 200),
        (ACL, 1111111410, "/image/private/sample.jpg", 200),
        (ACL, 1111111410, "/demo/image/authenticated/sample.jpg", 401),
        (ACL, 1111111110, "/image/authenticated/sample.jpg", 401),
        (ACL, 1111111411, "/image/authenticated/sample.jpg", 401),
        (ACL.replace("1411", "1412"), 1111111111, "/image/authenticated/sample.jpg", 401),
        (ONE_PATH, 11111111, "/image/authenticated/v1486020273/sample.jpg", 200),
        (ONE_PATH, 11111111, "/image/authenticated/v1486020274/sample.jpg", 401),
        (ONE_PATH, 11111411, "/image/authenticated/v1486020273/sample.jpg", 401),
    ],
)
def test_tokens(server: Server, text: str, time: int, path: str, expected: int) -> None:
    (server.log.parent / "clock").write_text(str(time))
    assert status(server, f"{path}?_a=x&__cld_token__={text}") == expected
    assert status(server, path, f"a=b; __cld_token__={text}") == expected
    assert status(server, path) == 401
