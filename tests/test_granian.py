"""The same application on granian, which gives no raw URI: the same answers."""

from collections.abc import Iterator

import pytest

from rekproxy.domain.url import delivery_path
from tests.conftest import REQUIRED, encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, serving

if "granian" not in REQUIRED:
    pytest.importorskip("granian", reason="extra fast is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("granian")
    with RekognitionDouble() as double, serving(folder, double.environment, "--server", "granian") as running:
        yield running


NAMES = ("cat", "a/b c", "ümlaut", "a.b", "half,and half", "100 $")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_comes_up_and_down(server: Server, name: str) -> None:
    # pixels of its own: a rejection would hold for the next name too
    picture = encode(photograph().resize((200 + NAMES.index(name), 200)))
    assert server.upload(picture, public_id=name).status == 200
    path = delivery_path("demo", "upload", name, version=1, format="jpg", transformation="c_fill,h_50,w_80")
    answers = [server.get(path) for _ in range(6)]
    assert {answer.status for answer in answers} == {200}
    # six answers of two workers: one of them has answered twice
    assert any("memory" in answer.headers["server-timing"] for answer in answers)
    assert server.decide(name, "rejected").status == 200
    assert {server.get(path).status for _ in range(6)} == {404}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demo/image/upload/zz_5/cat.jpg", 400),
        ("/demo/image/upload/%2e%2e/%2e%2e/etc.jpg", 400),
        ("/demo/image/upload/a%00b.jpg", 400),
        ("/demo/image/upload/%ff.jpg", 400),
        ("/demo/image/upload/unknown.jpg", 404),
        ("/v1_1/demo/ping", 401),
    ],
)
def test_what_is_refused_is_refused_here_too(server: Server, path: str, status: int) -> None:
    assert server.get(path).status == status
