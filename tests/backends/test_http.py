"""The guarded client: no socket to a private address, by no spelling, and an end that none can put off."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from receiver import Receiver, receiving

from rekproxy.backends.http import GuardedClient, resolve
from rekproxy.domain.addresses import Allowed
from rekproxy.errors import UnreachableError

NOBODY = Allowed()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where sockets went, of this whole process; none gets there."""
    places: list[Any] = []

    def connect(self: socket.socket, where: Any) -> None:
        places.append(where)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    return places


def named(*addresses: str) -> Callable[[str, int], list[Any]]:
    """A resolver that finds these addresses for every name."""

    def find(host: str, port: int) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return find


def to(receiver: Receiver, **more: Any) -> GuardedClient:
    return GuardedClient(Allowed.of([f"127.0.0.1:{receiver.port}"]), **more)


def post(client: GuardedClient, url: str, body: bytes = b"{}") -> Any:
    return client.send("POST", url, headers={"Content-Type": "application/json"}, body=body)


# --- what is sent and read ---------------------------------------------------------------------------


def test_a_request_arrives_as_it_was_made(receiver: Receiver) -> None:
    receiver.reply = b"thanks"
    reply = post(to(receiver), receiver.url("/a/b?c=d%20e"), b'{"a":"\xc3\xa9"}')
    assert (reply.status, reply.body) == (200, b"thanks")
    [came] = receiver.came
    assert (came.path, came.body) == ("/a/b?c=d%20e", b'{"a":"\xc3\xa9"}')
    assert came.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert came.headers["Content-Length"] == str(len(came.body))


def test_a_redirect_is_a_reply_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [302], {"Location": receiver.url("/elsewhere")}
    assert post(to(receiver), receiver.url()).status == 302
    assert len(receiver.came) == 1


def test_a_proxy_of_the_environment_is_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(to(receiver), receiver.url()).status == 200
        assert not proxy.came


def test_of_a_long_reply_only_its_beginning_is_read(receiver: Receiver) -> None:
    receiver.reply = b"x" * 1_000_000
    assert len(post(to(receiver, most_bytes=65_536), receiver.url()).body) == 65_536


def test_an_endless_reply_is_left_where_enough_was_read() -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 8192)

    with raw_server(behave) as port:
        client = GuardedClient(Allowed.of([f"127.0.0.1:{port}"]), total_seconds=5, most_bytes=20_000)
        assert len(post(client, f"http://127.0.0.1:{port}/").body) == 20_000


def test_no_password_of_this_machine_is_sent(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    post(to(receiver), receiver.url())
    assert "Authorization" not in receiver.came[0].headers


def test_a_packed_reply_is_not_unpacked(receiver: Receiver) -> None:
    receiver.reply, receiver.headers = b"\x1f\x8bnot really", {"Content-Encoding": "gzip"}
    assert post(to(receiver), receiver.url()).body == receiver.reply
    assert receiver.came[0].headers["Accept-Encoding"] == "identity"


# --- where a socket goes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "::1", "::", "fd00::1", "fe80::1", "fe80::1%1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
     "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"],
)  # fmt: skip
def test_no_socket_goes_to_a_private_address(address: str, opened: list[Any]) -> None:
    client = GuardedClient(NOBODY, resolve=named(address))
    for scheme in ("http", "https"):
        with pytest.raises(UnreachableError, match="private address"):
            post(client, f"{scheme}://looks-public.example/")
    assert opened == []


def test_of_a_public_and_a_private_address_only_the_public_one_is_tried(opened: list[Any]) -> None:
    client = GuardedClient(NOBODY, resolve=named("10.0.0.1", "93.184.215.14", "::1", "127.0.0.1"))
    with pytest.raises(UnreachableError, match="refused"):
        post(client, "http://mixed.example:81/")
    assert opened == [("93.184.215.14", 81)]


def test_no_more_than_four_addresses_are_tried(opened: list[Any]) -> None:
    client = GuardedClient(NOBODY, resolve=named(*(f"93.184.215.{n}" for n in range(50))))
    with pytest.raises(UnreachableError):
        post(client, "http://many.example/")
    assert len(opened) == 4


def test_a_name_is_looked_up_once_and_the_socket_goes_to_what_was_judged(opened: list[Any]) -> None:
    answers = [named("93.184.215.14"), named("127.0.0.1")]
    asked: list[str] = []

    def changing(host: str, port: int) -> Any:
        asked.append(host)
        return answers[len(asked) - 1](host, port)

    with pytest.raises(UnreachableError):
        post(GuardedClient(NOBODY, resolve=changing), "http://changing.example/")
    assert (asked, opened) == (["changing.example"], [("93.184.215.14", 80)])


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "0", "0.0.0.0", "2130706433", "017700000001", "0x7f000001", "127.1", "0x7f.1", "[::1]",
     "[::]",
     "[::ffff:127.0.0.1]", "localhost", "localhost.", "LOCALHOST", "127。0。0。1", "①27.0.0.1",
     "me@127.0.0.1", "8.8.8.8@127.0.0.1", "127.0.0.1#@8.8.8.8", "127.0.0.1\\@8.8.8.8"],
)  # fmt: skip
def test_no_spelling_of_this_machine_gets_through(host: str, receiver: Receiver) -> None:
    url = f"http://{host}:{receiver.port}/"
    with pytest.raises(UnreachableError):
        post(GuardedClient(NOBODY), url)
    assert receiver.came == []


def test_an_exception_is_for_its_port_alone(receiver: Receiver) -> None:
    client = GuardedClient(Allowed.of([f"127.0.0.1:{receiver.port + 1}"]))
    with pytest.raises(UnreachableError, match="private"):
        post(client, receiver.url())
    by_name = GuardedClient(Allowed.of([f"hooks.internal:{receiver.port}"]), resolve=named("127.0.0.1"))
    assert post(by_name, f"http://hooks.internal:{receiver.port}/").status == 200
    with pytest.raises(UnreachableError, match="private"):
        post(by_name, f"http://other.internal:{receiver.port}/")


def test_what_is_no_name_has_no_address() -> None:
    with pytest.raises(UnreachableError, match="not found"):
        post(GuardedClient(NOBODY), "http://no-such-host.invalid/")
    with pytest.raises(UnreachableError):
        post(GuardedClient(NOBODY), "http://" + "a" * 300 + ".example/")
    assert list(resolve("127.0.0.1", 80))


# --- how long it takes -------------------------------------------------------------------------------


@contextmanager
def raw_server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of one connection that does what it likes with it."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join(timeout=5)
        listening.close()


def drip(head: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(drop)
            time.sleep(0.05)

    return behave


@pytest.mark.parametrize(
    ("behave", "scheme"),
    [
        (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"), "http"),
        (drip(b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"), "http"),
        (drip(b"", b"\r\n"), "http"),
        (lambda connection: time.sleep(0.8), "http"),
        (lambda connection: time.sleep(0.8), "https"),
    ],
    ids=["body", "headers", "blank lines", "silence", "silent handshake"],
)
def test_a_slow_server_is_left_at_the_deadline(behave: Any, scheme: str) -> None:
    with raw_server(behave) as port:
        client = GuardedClient(Allowed.of([f"127.0.0.1:{port}"]), total_seconds=0.4)
        began = time.monotonic()
        with pytest.raises(UnreachableError):
            post(client, f"{scheme}://127.0.0.1:{port}/")
        assert time.monotonic() - began < 0.7


def test_a_resolver_that_does_not_answer_is_left_too() -> None:
    let_go = threading.Event()

    def hang(host: str, port: int) -> Any:
        let_go.wait(10)
        return ()

    client = GuardedClient(NOBODY, total_seconds=0.2, resolve=hang)
    with pytest.raises(UnreachableError, match="in time"):
        post(client, "http://slow.example/")
    let_go.set()


@pytest.mark.parametrize("noise", [b"", b"SSH-2.0-x\r\n", b"\x00" * 200_000, b"HTTP/1.1 9999 x\r\n\r\n"])
def test_what_is_no_http_is_a_failure_in_plain_words(noise: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(noise)) as port:
        client = GuardedClient(Allowed.of([f"127.0.0.1:{port}"]), total_seconds=3)
        with pytest.raises(UnreachableError) as failed:
            post(client, f"http://127.0.0.1:{port}/?secret=word")
    assert "word" not in str(failed.value)


# --- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hook.example that nobody but this test trusts, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_a_certificate_is_checked_for_the_name_though_the_socket_goes_to_an_address(
    certificate: Path,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            while not secured.recv(65_536).endswith(b"{}"):
                pass
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def ask(name: str, **more: Any) -> int:
        with raw_server(answer) as port:
            client = GuardedClient(Allowed.of([f"{name}:{port}"]), resolve=named("127.0.0.1"), **more)
            status: int = post(client, f"https://{name}:{port}/").status
            return status

    trusting = ssl.create_default_context(cafile=str(certificate))
    assert ask("hook.example", trust=trusting) == 200
    with pytest.raises(UnreachableError, match="not trusted"):
        ask("other.example", trust=trusting)
    with pytest.raises(UnreachableError, match="not trusted"):
        ask("hook.example")
