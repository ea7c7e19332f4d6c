"""Runs in an environment that has pyvips: makes a picture for each line of JSON, says what it cost."""

import json
import sys
import time

import pyvips  # of that environment

_OPTIONS = {
    "jpg": {"optimize_coding": True, "subsample_mode": "on"},
    "webp": {"effort": 4},
    # speed 8 of the same encoder
    "avif": {"effort": 1, "subsample_mode": "on", "encoder": "aom"},
}


def make(order: dict[str, object]) -> bytes:
    """One picture, as pyvips makes thumbnails, without metadata."""
    height = order["height"]
    box = {"height": height, "crop": "centre"} if height else {"height": 100_000}
    image = pyvips.Image.thumbnail(order["file"], order["width"], **box)
    form = str(order["format"])
    data: bytes = image.write_to_buffer(f".{form}", Q=order["quality"], keep="none", **_OPTIONS[form])
    return data


for line in sys.stdin:
    started = time.process_time()
    made = make(json.loads(line))
    print(time.process_time() - started, flush=True)
