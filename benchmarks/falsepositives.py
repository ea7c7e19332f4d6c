"""`python -m benchmarks.falsepositives`: what the embedded detector says of photographs without nudity.

Prints the tables of docs/moderation.md, section Coverage. The photographs are those that scikit-image and
scikit-learn ship in their wheels; none of them is part of this project's files.
"""

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import skimage
import sklearn.datasets
from PIL import Image

from rekproxy.backends.opennsfw import OpenNsfwDetector, from_settings
from rekproxy.imaging.ingest import ingest
from rekproxy.interfaces import InputLimits

#: Levels of a policy at which false positives are counted.
LEVELS: Final = (0.5, 0.8)
#: Files in scikit-image's wheel that are photographs, and what is on them.
PHOTOGRAPHS: Final[Mapping[str, str]] = {
    "astronaut.png": "a woman in a space suit",
    "brick.png": "a brick wall",
    "camera.png": "a man with a camera, grey",
    "cell.png": "a cell under a microscope, grey",
    "chelsea.png": "a cat",
    "clock_motion.png": "a clock, blurred",
    "coffee.png": "a cup of coffee",
    "coins.png": "coins, grey",
    "grass.png": "grass",
    "gravel.png": "gravel",
    "hubble_deep_field.jpg": "galaxies",
    "ihc.png": "stained tissue",
    "microaneurysms.png": "part of a retina, grey",
    "moon.png": "the moon's surface",
    "motorcycle_left.png": "a motorcycle",
    "motorcycle_right.png": "the same motorcycle",
    "page.png": "a printed page",
    "retina.jpg": "a retina",
    "rocket.jpg": "a rocket",
    "text.png": "a handwritten page",
}
_LIMITS: Final = InputLimits(50_000_000, 100)


def pictures() -> Iterator[tuple[str, bytes]]:
    """What is on each photograph, and its file."""
    folder = Path(skimage.__file__).parent / "data"
    for name, said in PHOTOGRAPHS.items():
        yield said, (folder / name).read_bytes()
    for name, said in (("china.jpg", "a Chinese temple"), ("flower.jpg", "a flower")):
        yield said, _file(Image.fromarray(sklearn.datasets.load_sample_image(name)))


def faces() -> list[bytes]:
    """A hundred faces of 25 x 25 pixels."""
    pixels: Any = np.load(Path(skimage.__file__).parent / "data" / "lfw_subset.npy")[:100]
    return [_file(Image.fromarray((255 * face).astype(np.uint8))) for face in pixels]


def _file(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@cache
def score(detector: OpenNsfwDetector, data: bytes) -> float:
    """P(nsfw) of the copy that a detector is shown of this file, 0 to 1."""
    (copy,) = ingest(data, _LIMITS).analysis
    return detector.detect(copy, 0).labels[0].confidence / 100


def table(detector: OpenNsfwDetector) -> list[tuple[str, str]]:
    """A row for each photograph, the most doubtful first."""
    scored = sorted(((score(detector, data), said) for said, data in pictures()), reverse=True)
    return [(said, f"{value:.3f}") for value, said in scored]


def counts(detector: OpenNsfwDetector) -> list[tuple[str, ...]]:
    """A row for each set: how many, how many of them are rejected at each level, the highest score."""
    sets = {
        "photographs": [score(detector, data) for _, data in pictures()],
        "faces of 25 x 25 pixels": [score(detector, data) for data in faces()],
    }
    return [
        (name, str(len(scores)), *_rejected(scores), f"{max(scores):.3f}") for name, scores in sets.items()
    ]


def _rejected(scores: list[float]) -> list[str]:
    return [str(sum(value > level for value in scores)) for level in LEVELS]


def main() -> None:
    """Print both tables."""
    detector = from_settings(None)
    print("| set | how many | rejected at 0.5 | rejected at 0.8 | highest score |\n|---|---|---|---|---|")
    for row in counts(detector):
        print(f"| {' | '.join(row)} |")
    print("\n| photograph | score |\n|---|---|")
    for said, value in table(detector):
        print(f"| {said} | {value} |")


if __name__ == "__main__":
    main()
