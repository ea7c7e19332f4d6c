"""A server that speaks DetectModerationLabels as Rekognition does, and misbehaves when a test asks it to.

In a test: `with RekognitionDouble() as double`, and the address is `double.url`. As a process of its own:
`python -m tests.doubles.rekognition --port 0` prints the address; `PUT /control` takes the fields of `Script`
as JSON (what is left out goes back to its default), `GET /control` gives the recorded requests.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import io
import json
import socket
import struct
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

TARGET = "RekognitionService.DetectModerationLabels"
JSON = "application/x-amz-json-1.1"
MAX_BYTES = 5_242_880
MIN_SIDE, MAX_SIDE = 80, 10_000
_COLOUR_DISTANCE = 24
_CLOCK = timedelta(minutes=5)


@dataclass(frozen=True)
class Reply:
    """What goes back. `hang` waits first (seconds); `reset` breaks the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0
    reset: bool = False


class RefusedError(Exception):
    """The service's own error: a code, a message and a status."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.reply = Reply(status, json.dumps({"__type": code, "Message": message}).encode())


def _labels(text: str) -> Reply:
    return Reply(body=f'{{"ModerationLabels": {text}, "ModerationModelVersion": "7.0"}}'.encode())


#: Ways to fail, by name. `error:CODE:STATUS` and `hang:SECONDS` name more.
FAULTS: dict[str, Reply] = {
    "throttle-400": RefusedError("ThrottlingException", "Rate exceeded").reply,
    "throttle-500": RefusedError("ThrottlingException", "Service busy", 500).reply,
    "internal": RefusedError("InternalServerError", "Internal server error", 500).reply,
    "unavailable": Reply(503, b"<html>Service Unavailable</html>"),
    "reset": Reply(reset=True),
    "empty": Reply(body=b""),
    "empty-object": Reply(body=b"{}"),
    "no-json": Reply(body=b"<html>OK</html>"),
    "no-object": Reply(body=b"[]"),
    "no-utf8": Reply(body=b'{"ModerationLabels": [], "x": "\xff"}'),
    "cut-off": Reply(body=b'{"ModerationLabels": ['),
    "null-labels": _labels("null"),
    "object-labels": _labels("{}"),
    "text-labels": _labels('""'),
    "null-label": _labels("[null]"),
    "nameless": _labels('[{"Confidence": 99.0, "ParentName": ""}]'),
    "blank-name": _labels('[{"Name": " ", "Confidence": 99.0, "ParentName": ""}]'),
    "number-name": _labels('[{"Name": 7, "Confidence": 99.0, "ParentName": ""}]'),
    "number-parent": _labels('[{"Name": "Violence", "Confidence": 99.0, "ParentName": 7}]'),
    "text-level": _labels('[{"Name": "Violence", "Confidence": 99.0, "TaxonomyLevel": "1"}]'),
    "no-confidence": _labels('[{"Name": "Violence", "ParentName": ""}]'),
    "nan": _labels('[{"Name": "Violence", "Confidence": NaN, "ParentName": ""}]'),
    "infinite": _labels('[{"Name": "Violence", "Confidence": 1e999, "ParentName": ""}]'),
    "negative": _labels('[{"Name": "Violence", "Confidence": -0.1, "ParentName": ""}]'),
    "over-100": _labels('[{"Name": "Violence", "Confidence": 100.1, "ParentName": ""}]'),
    "text-confidence": _labels('[{"Name": "Violence", "Confidence": "99", "ParentName": ""}]'),
    "true-confidence": _labels('[{"Name": "Violence", "Confidence": true, "ParentName": ""}]'),
    "bad-content-type": _labels('[], "ContentTypes": [{"Name": "Illustrated", "Confidence": null}]'),
    "no-content": Reply(204, b""),
    "accepted": Reply(202, b'{"ModerationLabels": [], "ModerationModelVersion": "7.0"}'),
    "moved": Reply(302, b"", {"Location": "/elsewhere"}),
}


def fault(name: str) -> Reply:
    """The fault of that name. Raises `KeyError`."""
    kind, *rest = name.split(":")
    if kind == "error":
        return RefusedError(rest[0], "as the test asked", int(rest[1])).reply
    if kind == "hang":
        return Reply(hang=float(rest[0]))
    return FAULTS[name]


@dataclass
class Script:
    """How the double answers.

    `faults` are used up one a request, then `always` counts, then the labels: those of the picture's SHA-256,
    else of the colour (`"ff0000"`) that the whole picture is near to, else `default`. A label is
    `[name, parent, confidence, level]`, without level as servers of the age of 6.1 have it.
    """

    default: list[list[Any]] = field(default_factory=list)
    by_digest: dict[str, list[list[Any]]] = field(default_factory=dict)
    by_colour: dict[str, list[list[Any]]] = field(default_factory=dict)
    content_types: dict[str, float] = field(default_factory=dict)
    model: str = "7.0"
    faults: list[str] = field(default_factory=list)
    always: str | None = None


@dataclass(frozen=True)
class Recorded:
    """One request that named the operation, as it came."""

    attempt: str
    invocation: str
    user_agent: str
    size: int
    digest: str
    min_confidence: float | None


class RekognitionDouble:
    """The server, in a thread of this process. `script`, `keys` and `region` may be changed at any time.

    `meanwhile` is called once, while the next request is in hand and its answer is made and not sent.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        keys: Mapping[str, str] | None = None,
        region: str = "us-east-1",
        script: Script | None = None,
    ) -> None:
        self.keys = dict(keys or {"testing": "testing"})
        self.region = region
        self.script = script or Script()
        self.requests: list[Recorded] = []
        self.meanwhile: Callable[[], object] | None = None
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which boto3 finds this server and is let in."""
        key, secret = next(iter(self.keys.items()))
        return {
            "AWS_ENDPOINT_URL_REKOGNITION": self.url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": self.region,
        }

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Nobody listens at the address within the block; connections that were open are cut."""
        port = self._server.server_port
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        try:
            yield
        finally:
            self._server = _Server(("127.0.0.1", port), self)
            self.start()

    def interrupt(self) -> None:
        """Do what is to happen meanwhile."""
        with self.lock:
            meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """The reply to one POST, faults first: a service may fail before it reads."""
        request = _read_request(headers, body)
        image = _image_of(request)
        with self.lock:
            self.requests.append(_record(headers, request, image))
            name = self.script.faults.pop(0) if self.script.faults else self.script.always
        if name is not None:
            return fault(name)
        _check_signature(headers, body, self.keys, self.region)
        return self._judge(image, request.get("MinConfidence", 50))

    def _judge(self, image: bytes, floor: Any) -> Reply:
        if not isinstance(floor, int | float) or not 0 <= floor <= 100:
            raise RefusedError("InvalidParameterException", "MinConfidence is not in 0..100")
        colour = _check_image(image)
        labels = [_wire_label(*each) for each in self._labels_of(image, colour) if each[2] >= floor]
        answer = {
            "ModerationLabels": labels,
            "ModerationModelVersion": self.script.model,
            "ContentTypes": [
                {"Name": name, "Confidence": confidence}
                for name, confidence in self.script.content_types.items()
            ],
        }
        return Reply(body=json.dumps(answer).encode())

    def _labels_of(self, image: bytes, colour: tuple[int, int, int]) -> list[list[Any]]:
        digest = hashlib.sha256(image).hexdigest()
        if digest in self.script.by_digest:
            return self.script.by_digest[digest]
        for marker, labels in self.script.by_colour.items():
            if all(
                abs(a - b) <= _COLOUR_DISTANCE for a, b in zip(bytes.fromhex(marker), colour, strict=True)
            ):
                return labels
        return self.script.default


def _wire_label(name: str, parent: str, confidence: float, level: int | None = None) -> dict[str, Any]:
    label = {"Name": name, "ParentName": parent, "Confidence": confidence}
    return label if level is None else label | {"TaxonomyLevel": level}


def _record(headers: Mapping[str, str], request: Mapping[str, Any], image: bytes) -> Recorded:
    return Recorded(
        attempt=headers.get("amz-sdk-request", ""),
        invocation=headers.get("amz-sdk-invocation-id", ""),
        user_agent=headers.get("User-Agent", ""),
        size=len(image),
        digest=hashlib.sha256(image).hexdigest(),
        min_confidence=request.get("MinConfidence"),
    )


def _read_request(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if headers.get("X-Amz-Target") != TARGET or headers.get("Content-Type") != JSON:
        raise RefusedError("UnknownOperationException")
    try:
        request = json.loads(body)
    except ValueError as error:
        raise RefusedError("SerializationException", "no JSON") from error
    if not isinstance(request, dict) or not isinstance(request.get("Image"), dict):
        raise RefusedError("InvalidParameterException", "Image is missing")
    return request


def _image_of(request: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(request["Image"].get("Bytes", ""), validate=True)
    except (binascii.Error, TypeError) as error:
        raise RefusedError("SerializationException", "Bytes are no base64") from error


def _check_image(data: bytes) -> tuple[int, int, int]:
    """Refuse what the service refuses; gives the mean colour."""
    if not data:
        raise RefusedError("InvalidParameterException", "Request has invalid parameters")
    if len(data) > MAX_BYTES:
        raise RefusedError("ImageTooLargeException", "Image size is too large")
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        image.load()
    except Exception as error:
        raise RefusedError("InvalidImageFormatException", "Request has invalid image format") from error
    if min(image.size) < MIN_SIDE:
        raise RefusedError("InvalidParameterException", f"Minimum image dimension is {MIN_SIDE} pixels")
    if max(image.size) > MAX_SIDE:
        raise RefusedError("ImageTooLargeException", f"Maximum image dimension is {MAX_SIDE} pixels")
    red, green, blue = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return red, green, blue


# --- signature version 4, by our own arithmetic ----------------------------------------------------


def _check_signature(headers: Mapping[str, str], body: bytes, keys: Mapping[str, str], region: str) -> None:
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        raise RefusedError("MissingAuthenticationTokenException", "Missing Authentication Token")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    key, *scope = parts.get("Credential", "").split("/")
    if key not in keys:
        raise RefusedError("UnrecognizedClientException", "The security token in the request is invalid.")
    at = headers.get("X-Amz-Date", "")
    signed = parts.get("SignedHeaders", "").split(";")
    if scope != [at[:8], region, "rekognition", "aws4_request"] or not _fresh(at) or not _complete(signed):
        raise RefusedError("InvalidSignatureException", "Credential scope, time or signed headers are wrong")
    expected = _signature(headers, signed, body, scope, at, keys[key])
    if not hmac.compare_digest(expected, parts.get("Signature", "")):
        raise RefusedError("InvalidSignatureException", "The request signature does not match")


def _fresh(at: str) -> bool:
    try:
        then = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    # not by time.time: a test may set that wrong for everything else in its process
    return abs(then - datetime.now(UTC)) <= _CLOCK


def _complete(signed: list[str]) -> bool:
    return signed == sorted(signed) and {"content-type", "host", "x-amz-date", "x-amz-target"} <= set(signed)


def _signature(
    headers: Mapping[str, str], signed: list[str], body: bytes, scope: list[str], at: str, secret: str
) -> str:
    fields = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed)
    request = f"POST\n/\n\n{fields}\n{';'.join(signed)}\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{at}\n{'/'.join(scope)}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


# --- HTTP ------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], double: RekognitionDouble) -> None:
        self.double = double
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def cut(self) -> None:
        """End every connection."""
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what tests are about: nothing to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def do_POST(self) -> None:
        body = self._body()
        try:
            reply = self.server.double.answer(self.headers, body)
        except RefusedError as refused:
            reply = refused.reply
        self.server.double.interrupt()
        self._send(reply)

    def do_PUT(self) -> None:
        self.server.double.script = Script(**json.loads(self._body()))
        self._send(Reply())

    def do_GET(self) -> None:
        found = [asdict(each) for each in self.server.double.requests]
        self._send(Reply(body=json.dumps({"requests": found}).encode()))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, reply: Reply) -> None:
        if reply.hang:
            self.server.double.stopping.wait(reply.hang)
        if reply.reset:
            return self._reset()
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": JSON,
            "x-amzn-RequestId": str(uuid.uuid4()),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        return None

    def _reset(self) -> None:
        """Close so that the other side sees a reset, not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Quiet: what came is in `requests`."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A double of Rekognition's DetectModerationLabels.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--region", default="us-east-1")
    arguments = parser.parse_args()
    with RekognitionDouble(arguments.port, region=arguments.region) as double:
        print(double.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
