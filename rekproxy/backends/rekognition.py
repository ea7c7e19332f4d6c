"""Amazon Rekognition as a `Detector`: one picture, one DetectModerationLabels, no benefit of the doubt."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from .. import __version__
from ..domain.policy import Label, taxonomy_of
from ..errors import ConfigurationError, ProviderError
from ..interfaces import AnalysisCopy, Detection
from .perprocess import PerProcess

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

#: The service model's bound of `Image.Bytes`, before base64; boto3 does not check it.
MAX_BYTES = 5_242_880
#: Codes that say something about this one picture: nobody's uploads may open the circuit for everybody.
_PICTURE = {
    "413",
    "ImageTooLargeException",
    "InvalidImageFormatException",
    "InvalidParameterException",
    "ValidationException",
}
_PASSING = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailableException",
    "ThrottlingException",
}
#: Codes that only an operator can mend: asking again is of no use, so the circuit opens at once.
_OPERATOR = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "UnrecognizedClientException",
}
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_NO_REGION = (
    "Rekognition needs a region: set AWS_DEFAULT_REGION (such as us-east-1), or a region in the profile "
    "that AWS_PROFILE names"
)


def from_settings(settings: object) -> "RekognitionDetector":
    """The detector named `rekognition`. Region, credentials and endpoint are boto3's own to find.

    Raises `ConfigurationError`, saying what to set, when boto3 has no region or no usable configuration.
    """
    return RekognitionDetector()


@dataclass
class Circuit:
    """Leaves a service alone for `seconds` after `threshold` failures in a row, or one that it cannot mend.

    After the pause one call goes through, alone: if it fails, or has not ended after another pause, the next
    one follows it; if it passes, all do.
    """

    threshold: int = 5
    seconds: float = 30.0
    now: Callable[[], float] = time.monotonic
    _failures: int = 0
    _closed_from: float = 0.0
    _last: ProviderError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raises `ProviderError` with code `CircuitOpen` while it is open."""
        with self._lock:
            self._refuse(self._closed_from - self.now())

    def enter(self) -> None:
        """Raises as `check`; else the caller goes through, and behind an open circuit nobody with it."""
        with self._lock:
            self._refuse(self._closed_from - self.now())
            if self._failures >= self.threshold:
                self._closed_from = self.now() + self.seconds

    def _refuse(self, left: float) -> None:
        last = self._last
        if left > 0 and last is not None:
            raise ProviderError(
                f"not asked for another {left:.0f} s, after: {last}",
                code="CircuitOpen",
                retryable=last.retryable,
            )

    def failed(self, error: ProviderError, *, for_good: bool) -> None:
        """Count a failure; `for_good` opens at once."""
        with self._lock:
            self._failures = self.threshold if for_good else self._failures + 1
            self._last = error
            if self._failures >= self.threshold:
                self._closed_from = self.now() + self.seconds

    def passed(self) -> None:
        """The service answered."""
        with self._lock:
            self._failures, self._closed_from, self._last = 0, 0.0, None


class RekognitionDetector:
    """DetectModerationLabels through boto3, with a client of its own in each process.

    A call makes at most 3 attempts, each of 3 s to connect and 10 s without a byte of an answer, and waits
    at most 3 s between them in all (10 s more if the service asks for that): silence ends after 42 s.
    """

    name = "rekognition"
    coverage: frozenset[str] | None = None
    min_side = 80
    paid = True
    limits_said = (
        "Amazon Rekognition looks for every category of its moderation taxonomy; it is no authority on what "
        "is unsafe, and does not detect illegal content such as CSAM."
    )

    def __init__(
        self, *, connect_timeout: float = 3, read_timeout: float = 10, circuit: Circuit | None = None
    ) -> None:
        self._circuit = circuit or Circuit()
        self._client = PerProcess(lambda: _connect(connect_timeout, read_timeout))
        try:
            self._client.get()
        except NoRegionError as error:
            raise ConfigurationError(_NO_REGION) from error
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"boto3 cannot be set up for Rekognition: {error}") from error

    def check(self) -> None:
        self._circuit.check()

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        if not 0 < len(copy.data) <= MAX_BYTES:
            raise _picture_error("ImageTooLarge", f"{len(copy.data)} bytes; 1 to {MAX_BYTES} are taken")
        if not 0 <= min_confidence <= 100:  # sent above 100, it would ask for no labels at all
            raise _picture_error("InvalidParameter", f"min_confidence {min_confidence} is not in 0..100")
        self._circuit.enter()
        return self._ask(copy.data, min_confidence)

    def ping(self) -> str:
        """Send bytes that are no picture: refused only after endpoint, credentials and permission were good.

        It goes past the circuit, and closes it when the service is well again.
        """
        try:
            self._ask(b"ping", 50)
        except ProviderError as error:
            if error.code != "InvalidImageFormatException":
                raise
        meta = self._client.get().meta
        return f"Rekognition answers at {meta.endpoint_url} (region {meta.region_name})"

    def _ask(self, data: bytes, min_confidence: float) -> Detection:
        try:
            answer = self._client.get().detect_moderation_labels(
                Image={"Bytes": data}, MinConfidence=min_confidence
            )
            detection = _detection(dict(answer))
        except Exception as error:
            failure, for_good = _failure(error)
            if failure.code in _PICTURE:
                self._circuit.passed()
            else:
                self._circuit.failed(failure, for_good=for_good)
            raise failure from error
        self._circuit.passed()
        return detection


def _connect(connect_timeout: float, read_timeout: float) -> "RekognitionClient":
    config = Config(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=32,
        tcp_keepalive=True,
        user_agent_extra=f"rekproxy/{__version__}",
    )
    client = boto3.session.Session().client("rekognition", config=config)
    client.meta.events.register("after-call.rekognition.DetectModerationLabels", _keep_body)
    return client


def _keep_body(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    """Hand on the answer as it came. botocore reads `{}` or `""` in the place of the list as an empty list:
    nonsense would look like a clean picture."""
    parsed["Body"] = http_response.content


def _detection(response: Mapping[str, Any]) -> Detection:
    """Read an answer by the rules of its contract. Raises `ValueError` or `KeyError` for anything else."""
    meta = response["ResponseMetadata"]
    if meta["HTTPStatusCode"] != 200:
        raise ValueError(f"status {meta['HTTPStatusCode']}")
    answer = json.loads(response["Body"])
    found = answer.get("ModerationLabels") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise ValueError("the answer has no list of labels")
    labels = tuple(_label(each) for each in found)
    version = answer.get("ModerationModelVersion") or "unknown"
    if not isinstance(version, str):
        raise ValueError(f"the model's version is {version!r}")
    kinds = answer.get("ContentTypes")
    if not isinstance(kinds, list | None):
        raise ValueError("the content types are no list")
    content_types = {kind.name: kind.confidence for kind in map(_label, kinds or [])}
    return Detection(labels, version, taxonomy_of(version, labels), content_types, meta.get("RequestId"))


def _label(found: Any) -> Label:
    """A label, or a content type, which is one without parent and level."""
    if not isinstance(found, dict):
        raise ValueError(f"{found!r} is no label")
    level = found.get("TaxonomyLevel")
    if isinstance(level, bool) or not isinstance(level, int | None):
        raise ValueError(f"the level of {found!r} is no number")
    parent = found.get("ParentName")
    return Label(found["Name"], "" if parent is None else parent, found["Confidence"], level)


def _picture_error(code: str, message: str) -> ProviderError:
    return ProviderError(f"Rekognition was not asked: {message}", code=code, retryable=False)


def _failure(error: Exception) -> tuple[ProviderError, bool]:
    """What an error of boto3, or of reading its answer, means; and whether only an operator can mend it."""
    if isinstance(error, ClientError):
        return _refusal(error)
    kind = type(error).__name__
    if isinstance(error, _NO_CREDENTIALS):
        advice = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
        return ProviderError(f"Rekognition: {_said(error)}: {advice}", code=kind, retryable=False), True
    if isinstance(error, BotoCoreError):  # no connection, no answer in time, a broken one
        return ProviderError(f"Rekognition does not answer: {_said(error)}", code=kind, retryable=True), False
    message = f"Rekognition answered nonsense: {kind}: {_said(error)}"
    return ProviderError(message, code="MalformedResponse", retryable=True), False


def _refusal(error: ClientError) -> tuple[ProviderError, bool]:
    """Classified by code first, then by status: `ThrottlingException` comes with 400 and with 500."""
    code = error.response.get("Error", {}).get("Code", "")[:100]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    passing = code in _PASSING or (code not in _OPERATOR | _PICTURE and (status == 429 or status >= 500))
    for_good = code in _OPERATOR or (status in (401, 403) and not passing)
    return ProviderError(f"Rekognition refused: {_said(error)}", code=code, retryable=passing), for_good


def _said(error: Exception) -> str:
    """What the other side says may be of any length, and is kept beside the verdict."""
    return str(error)[:500]
