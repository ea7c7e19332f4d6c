"""boto3 itself against the double: what comes back, what fails, and that no failure is ever "no labels"."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from PIL import Image

from rekproxy import __version__
from rekproxy.backends.rekognition import MAX_BYTES, Circuit, RekognitionDetector, from_settings
from rekproxy.domain.policy import Label
from rekproxy.errors import ConfigurationError, ProviderError
from rekproxy.interfaces import AnalysisCopy, Detection
from tests.doubles.rekognition import FAULTS, RekognitionDouble, Script
from tests.doubles.s3 import free_port

VIOLENCE = [
    ["Violence", "", 91.5, 1],
    ["Graphic Violence", "Violence", 91.5, 2],
    ["Weapons", "Violence", 55.0, 2],
]
NONSENSE = [name for name, reply in FAULTS.items() if reply.status in (200, 202, 204) and not reply.reset]


def picture(colour: str = "#ff0000", size: tuple[int, int] = (100, 80), format: str = "JPEG") -> AnalysisCopy:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format)
    return AnalysisCopy(file.getvalue(), 0, "white")


@pytest.fixture(scope="module")
def server() -> Iterator[RekognitionDouble]:
    with RekognitionDouble() as double:
        yield double


@pytest.fixture
def double(server: RekognitionDouble, monkeypatch: pytest.MonkeyPatch) -> RekognitionDouble:
    server.script = Script()
    server.requests.clear()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    return server


@pytest.fixture(scope="module")
def patient(server: RekognitionDouble) -> RekognitionDetector:
    """One client for most tests (making one is slow), whose circuit never stays open."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        return RekognitionDetector(read_timeout=0.3, circuit=Circuit(seconds=0))


@pytest.fixture
def detector(double: RekognitionDouble, patient: RekognitionDetector) -> RekognitionDetector:
    return patient


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's pauses between attempts take no time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)


def failure(
    detector: RekognitionDetector, copy: AnalysisCopy | None = None, floor: float = 50
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        detector.detect(copy or picture(), floor)
    return caught.value


# answers


def test_labels_come_back_whole(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.default = VIOLENCE
    double.script.content_types = {"Illustrated": 88.0}
    seen = detector.detect(picture(), 50)
    assert seen.labels == (
        Label("Violence", "", 91.5, 1),
        Label("Graphic Violence", "Violence", 91.5, 2),
        Label("Weapons", "Violence", 55.0, 2),
    )
    assert (seen.model, seen.taxonomy, seen.content_types) == ("7.0", "7", {"Illustrated": 88.0})
    assert seen.request_id is not None
    assert len(seen.request_id) == 36


def test_an_answer_of_the_older_model(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.default = [["Suggestive", "", 70.0], ["Revealing Clothes", "Suggestive", 70.0]]
    double.script.model = "6.1"
    seen = detector.detect(picture(), 50)
    assert seen.taxonomy == "6.1"
    assert seen.labels[1] == Label("Revealing Clothes", "Suggestive", 70.0, None)


def test_a_clean_picture(detector: RekognitionDetector) -> None:
    assert detector.detect(picture(), 50).labels == ()


def test_the_floor_is_asked_for(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.default = VIOLENCE
    assert len(detector.detect(picture(), 60.5).labels) == 2
    assert double.requests[-1].min_confidence == 60.5


def test_the_picture_arrives_as_it_was_given(
    double: RekognitionDouble, detector: RekognitionDetector
) -> None:
    copy = picture()
    double.script.by_digest = {hashlib.sha256(copy.data).hexdigest(): VIOLENCE}
    double.script.by_colour = {"0000ff": VIOLENCE[:1]}
    seen = [len(detector.detect(each, 50).labels) for each in (copy, picture("#0000ff"), picture("#00ff00"))]
    assert seen == [3, 1, 0]
    assert f"rekproxy/{__version__}" in double.requests[0].user_agent


def test_the_detector_by_its_entry_point(double: RekognitionDouble) -> None:
    detector = from_settings(object())
    assert isinstance(detector.detect(picture(), 50), Detection)
    assert (detector.name, detector.coverage, detector.min_side) == ("rekognition", None, 80)
    assert "CSAM" in detector.limits_said


# nothing that is not an answer is one


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_a_failure(double: RekognitionDouble, detector: RekognitionDetector, name: str) -> None:
    double.script.always = name
    error = failure(detector)
    assert (error.code, error.retryable) == ("MalformedResponse", True)


def test_what_a_failure_says_has_an_end(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.faults = ["error:" + "E" * 5000 + ":400"]
    error = failure(detector)
    assert len(error.code) == 100
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    ("code", "status", "attempts", "retryable"),
    [
        ("ThrottlingException", 400, 3, True),
        ("ThrottlingException", 500, 3, True),
        ("ProvisionedThroughputExceededException", 400, 3, True),
        ("InternalServerError", 500, 3, True),
        ("TooManyRequests", 429, 3, True),
        ("RequestTimeout", 400, 3, True),
        ("LimitExceededException", 400, 3, False),
        ("ImageTooLargeException", 400, 1, False),
        ("InvalidImageFormatException", 400, 1, False),
        ("InvalidParameterException", 400, 1, False),
        ("AccessDeniedException", 400, 1, False),
        ("ResourceNotFoundException", 400, 1, False),
        ("ResourceNotReadyException", 400, 1, False),
        ("ExpiredTokenException", 400, 1, False),
        ("UnrecognizedClientException", 403, 1, False),
        ("HumanLoopQuotaExceededException", 400, 1, False),
    ],
)
@pytest.mark.usefixtures("no_waiting")
def test_errors_by_their_code(
    double: RekognitionDouble,
    detector: RekognitionDetector,
    code: str,
    status: int,
    attempts: int,
    retryable: bool,
) -> None:
    double.script.always = f"error:{code}:{status}"
    error = failure(detector)
    assert (error.code, error.retryable, len(double.requests)) == (code, retryable, attempts)


@pytest.mark.parametrize(
    ("name", "attempts"), [("reset", 3), ("unavailable", 3), ("hang:5", 3), ("moved", 1)]
)
@pytest.mark.usefixtures("no_waiting")
def test_a_server_that_gives_no_answer(
    double: RekognitionDouble, detector: RekognitionDetector, name: str, attempts: int
) -> None:
    double.script.always = name
    started = time.monotonic()
    error = failure(detector)
    assert error.retryable is (name != "moved")
    assert len(double.requests) == attempts
    assert time.monotonic() - started < 5


@pytest.mark.usefixtures("no_waiting")
def test_a_passing_fault_is_asked_again(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.faults = ["throttle-400", "reset"]
    double.script.default = VIOLENCE
    assert len(detector.detect(picture(), 50).labels) == 3
    attempts = [each.attempt.split("; ")[-2] for each in double.requests]
    assert attempts == ["attempt=1", "attempt=2", "attempt=3"]
    assert len({each.invocation for each in double.requests}) == 1


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, double: RekognitionDouble) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", f"http://127.0.0.1:{free_port()}")
    error = failure(RekognitionDetector())
    assert (error.code, error.retryable) == ("EndpointConnectionError", True)


# refused before anything is sent


@pytest.mark.parametrize("size", [0, MAX_BYTES + 1])
def test_a_picture_of_a_size_that_is_not_taken(
    double: RekognitionDouble, detector: RekognitionDetector, size: int
) -> None:
    error = failure(detector, AnalysisCopy(bytes(size), 0, "white"))
    assert (error.retryable, double.requests) == (False, [])


@pytest.mark.parametrize("floor", [-1, 100.01, float("nan")])
def test_a_floor_that_would_hide_labels(
    double: RekognitionDouble, detector: RekognitionDetector, floor: float
) -> None:
    failure(detector, floor=floor)
    assert double.requests == []


# credentials and set-up


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wrong", "InvalidSignatureException"),
        ("AWS_ACCESS_KEY_ID", "unknown", "UnrecognizedClientException"),
        ("AWS_DEFAULT_REGION", "eu-west-1", "InvalidSignatureException"),
    ],
)
def test_wrong_credentials_are_for_an_operator(
    double: RekognitionDouble, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, code: str
) -> None:
    monkeypatch.setenv(variable, value)
    error = failure(RekognitionDetector())
    assert (error.code, error.retryable) == (code, False)


@pytest.fixture
def bare(double: RekognitionDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing set anywhere: no variables, no files, no machine role."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("bare")
def test_no_region_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="AWS_DEFAULT_REGION"):
        from_settings(object())


@pytest.mark.usefixtures("bare")
def test_an_address_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "nonsense")
    with pytest.raises(ConfigurationError, match="nonsense"):
        from_settings(object())


@pytest.mark.usefixtures("bare")
def test_no_credentials_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    error = failure(RekognitionDetector())
    assert (error.code, error.retryable) == ("NoCredentialsError", False)
    assert "AWS_ACCESS_KEY_ID" in str(error)


# the circuit


class _Time:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.usefixtures("no_waiting")
def test_failures_in_a_row_open_the_circuit_for_a_while(double: RekognitionDouble) -> None:
    now = _Time()
    detector = RekognitionDetector(circuit=Circuit(threshold=3, seconds=30, now=now))
    double.script.always = "empty-object"
    assert [failure(detector).code for _ in range(4)] == ["MalformedResponse"] * 3 + ["CircuitOpen"]
    assert len(double.requests) == 3
    now.seconds += 31
    assert [failure(detector).code for _ in range(2)] == ["MalformedResponse", "CircuitOpen"]
    now.seconds += 31
    double.script.always = None
    detector.detect(picture(), 50)
    double.script.always = "empty-object"
    assert [failure(detector).code for _ in range(3)] == ["MalformedResponse"] * 3


def test_behind_an_open_circuit_one_call_goes_at_a_time() -> None:
    now = _Time()
    circuit = Circuit(threshold=1, seconds=30, now=now)
    circuit.enter()
    circuit.enter()
    circuit.failed(ProviderError("away", code="Away", retryable=True), for_good=False)
    now.seconds += 31
    circuit.check()
    circuit.enter()
    for others in (circuit.enter, circuit.check):
        with pytest.raises(ProviderError, match="not asked for another 30 s"):
            others()
    now.seconds += 31  # it never came back
    circuit.enter()
    circuit.passed()
    circuit.enter()
    circuit.enter()


def test_wrong_credentials_open_it_at_once(double: RekognitionDouble) -> None:
    detector = RekognitionDetector()
    double.script.always = "error:AccessDeniedException:400"
    assert failure(detector).code == "AccessDeniedException"
    error = failure(detector)
    assert (error.code, error.retryable, len(double.requests)) == ("CircuitOpen", False, 1)
    assert "AccessDeniedException" in str(error)


def test_bad_pictures_do_not_open_it(double: RekognitionDouble) -> None:
    detector = RekognitionDetector(circuit=Circuit(threshold=2))
    codes = {failure(detector, picture(format="WEBP")).code for _ in range(3)}
    codes |= {failure(detector, picture(size=(79, 200))).code for _ in range(3)}
    assert codes == {"InvalidImageFormatException", "InvalidParameterException"}
    assert detector.detect(picture(format="PNG"), 50).labels == ()


def test_ping_says_who_answers_and_closes_the_circuit(double: RekognitionDouble) -> None:
    detector = RekognitionDetector(circuit=Circuit(threshold=1))
    double.script.always = "empty-object"
    failure(detector)
    with pytest.raises(ProviderError):
        detector.ping()
    double.script.always = None
    assert detector.ping() == f"Rekognition answers at {double.url} (region us-east-1)"
    assert detector.detect(picture(), 50).labels == ()


def test_many_threads_share_a_client(double: RekognitionDouble, detector: RekognitionDetector) -> None:
    double.script.default = VIOLENCE
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(len(detector.detect(picture(), 50).labels)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [3] * 16


# the double itself, where the tests above could be fooled by it


def test_the_double_checks_signatures_over_the_body(double: RekognitionDouble) -> None:
    """botocore signs, a proxy changes the floor: the double must notice."""
    client: Any = boto3.client("rekognition")

    def change(request: Any, **_: Any) -> None:
        request.body = request.body.replace(b"60.0", b"61.0")

    client.meta.events.register("before-send.rekognition.DetectModerationLabels", change)
    with pytest.raises(client.exceptions.ClientError, match="InvalidSignatureException"):
        client.detect_moderation_labels(Image={"Bytes": picture().data}, MinConfidence=60.0)
    client.close()


def test_the_double_needs_a_signature(double: RekognitionDouble) -> None:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "RekognitionService.DetectModerationLabels",
    }
    answer = requests.post(double.url, json={"Image": {"Bytes": ""}}, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["__type"]) == (400, "MissingAuthenticationTokenException")


def test_the_double_runs_as_a_process(monkeypatch: pytest.MonkeyPatch, double: RekognitionDouble) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.doubles.rekognition", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", url)
        requests.put(f"{url}/control", data=json.dumps({"default": VIOLENCE}), timeout=5).raise_for_status()
        assert len(RekognitionDetector().detect(picture(), 50).labels) == 3
        (recorded,) = requests.get(f"{url}/control", timeout=5).json()["requests"]
        assert recorded["attempt"] == "attempt=1; max=3"
    finally:
        process.terminate()
        process.communicate(timeout=5)
