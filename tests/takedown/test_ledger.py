"""The judge of storms finds a wrong log wrong, and a right one right."""

import json

import pytest

from tests.takedown import motifs
from tests.takedown.ledger import SECOND, Asked, Bounds, Deed, History, judge, read, written

BOUNDS = Bounds(deadline=3 * SECOND)
#: Version 1 from 10 to 20, hidden until 30, version 2 from then on; each deed takes a second.
DEEDS = [
    Deed(10 * SECOND, 11 * SECOND, "ada", 1, "upload"),
    Deed(20 * SECOND, 21 * SECOND, "ada", None, "reject"),
    Deed(30 * SECOND, 31 * SECOND, "ada", 2, "upload"),
]
#: Version 7 from 12, version 8 from 25 on.
LAID = [
    Deed(12 * SECOND, 13 * SECOND, "bob", 7, "upload"),
    Deed(25 * SECOND, 26 * SECOND, "bob", 8, "upload"),
]


def asked(sent: float, answered: float, *shown: int, **more: object) -> Asked:
    """A request that was shown those versions; with none, one that was told 404."""
    names = ("ada", "bob")[: max(1, len(shown))]
    given = {"status": 200, "etag": str(shown), "shown": shown} if shown else {"status": 404}
    times = int(sent * SECOND), int(answered * SECOND), int(answered * SECOND)
    return Asked(*times, names, "w_96", **given)._replace(**more)


def faults(*lines: Asked, bounds: Bounds = BOUNDS) -> list[str]:
    return [fault.promise for fault in judge([*DEEDS, *LAID, *lines], bounds).faults]


@pytest.mark.parametrize(
    "line",
    [
        asked(12, 13, 1),
        asked(20.5, 22, 1),  # sent before the rejection had returned
        asked(29, 30.5, 2),  # answered after the upload was sent
        asked(31.5, 32, 2),
        asked(22, 23),
        asked(20.5, 20.6),
        asked(9, 9.5),
        asked(15, 16, 1, 7),
        asked(20.5, 22, status=503),
        asked(12, 13, 1, status=206, shown=None),
    ],
)
def test_what_is_right_is_found_right(line):
    assert faults(line) == []


HIDDEN, OLD = "nothing hidden is shown", "only what is current is shown"
WITHHELD, OTHER = "what is approved is shown", "shown, unknown or busy, and nothing else"


@pytest.mark.parametrize(
    ("promise", "line"),
    [
        (HIDDEN, asked(21.001, 22, 1)),
        (HIDDEN, asked(22, 23, 1, status=304, shown=None)),
        (HIDDEN, asked(22, 23, 1, status=206, shown=None)),
        (HIDDEN, asked(1, 2, 1)),
        (HIDDEN, asked(19, 24, 1)),  # sent before, and three seconds late
        (OLD, asked(32, 33, 1)),
        (OLD, asked(12, 13, 2)),  # not uploaded yet
        (OLD, asked(15, 16, 1, 8)),
        (OLD, asked(32, 33, 2, 7)),
        (OLD, asked(12.5, 13, 1, 7, names=("ada",))),
        (HIDDEN, asked(22, 23, 1, 7)),
        (HIDDEN, asked(5, 6, 1, names=("nobody",))),
        (WITHHELD, asked(12, 13)),
        (OTHER, asked(12, 13, status=500)),
        ("every picture has its tag", asked(12, 13, 1, etag=None)),
        ("a response ends within the deadline", asked(12, 13, 1, ended=17 * SECOND)),
    ],
)
def test_what_is_wrong_is_found_wrong(promise, line):
    assert faults(line) == [promise]


def test_a_picture_and_what_is_laid_on_it_were_visible_at_one_moment():
    """Version 1 ended by 21 at the latest, and version 8 did not begin before 25."""
    patient = BOUNDS._replace(late=60 * SECOND)
    assert faults(asked(20.5, 20.9, 1, 7), bounds=patient) == []
    assert faults(asked(15, 27, 1, 8), bounds=patient) == [OLD]


def test_a_tag_that_somebody_read_tells_of_those_who_only_saw_the_tag():
    first = asked(12, 13, 1)
    assert faults(first, asked(32, 33, 1, status=304, shown=None)) == [OLD]
    assert faults(first, asked(14, 15, 2, etag=first.etag)) == ["one tag is one body", OLD]


def test_a_cache_in_front_may_be_late_but_not_later():
    lagging = BOUNDS._replace(lag=5 * SECOND)
    assert faults(asked(25, 25.5, 1), bounds=lagging) == []
    assert faults(asked(26.5, 27, 1), bounds=lagging) == [HIDDEN]


def test_a_404_that_tells_more_than_another_is_found():
    alike = [
        asked(22, 23, refusal="X-Cld-Error: NAME"),
        asked(5, 6, names=("nobody",), refusal="X-Cld-Error: NAME"),
    ]
    assert faults(*alike) == []
    assert faults(*alike, asked(22, 23, refusal="X-Cld-Error: NAME\nEtag: 1")) == ["one 404 is as the other"]


def test_what_proved_something_is_counted():
    verdict = judge(
        [*DEEDS, asked(12, 13, 1), asked(22, 23), asked(20, 23), asked(12, 13, 1, status=304)], BOUNDS
    )
    assert (verdict.visible, verdict.hidden, verdict.unchanged, verdict.deeds) == (2, 1, 1, 3)
    assert verdict.by_status == {200: 1, 304: 1, 404: 2}


def test_deeds_that_overlap_are_no_history():
    with pytest.raises(ValueError, match="overlap"):
        History([Deed(1, 5, "ada", 1, ""), Deed(4, 6, "ada", 2, "")])


@pytest.mark.parametrize("line", [DEEDS[1], asked(12, 13, 1), asked(22, 23)])
def test_lines_are_written_and_read(line):
    assert read(json.loads(json.dumps(written(line)))) == line


@pytest.mark.parametrize("number", [0, 1, 170, 4097, 65_535])
def test_pixels_tell_their_number(number):
    assert motifs.read(motifs.draw(number), 0) == (number,)
    with pytest.raises(motifs.UnreadableError):
        motifs.read(motifs.draw(number)[:200], 0)
