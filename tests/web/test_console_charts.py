"""Geometry of the dashboard's charts, and what its figures since the start are made of."""

from rekproxy.web.console.charts import HEIGHT, WIDTH, Bar, Bars, Columns, Series
from rekproxy.web.console.rates import rates
from rekproxy.web.metrics import Metrics


def columns(machine: list[int], person: list[int]) -> Columns:
    series = (Series("detector", "machine", machine), Series("people", "person", person))
    return Columns("Decisions", [str(hour) for hour in range(len(machine))], series)


def test_columns_stand_on_the_ground_on_top_of_each_other() -> None:
    chart = columns([5, 0], [3, 0])
    lower, upper = chart.parts
    assert (chart.top, lower.kind, upper.kind) == (8, "machine", "person")
    assert lower.y + lower.height == HEIGHT
    assert (upper.y, upper.y + upper.height) == (0, lower.y)
    assert 0 < lower.x < lower.x + lower.width < WIDTH / 2
    assert (lower.title, chart.rows) == ("0: detector 5", [("0", [5, 3]), ("1", [0, 0])])


def test_axes_end_at_round_numbers() -> None:
    assert [columns([number], [0]).top for number in (1, 3, 9, 11, 99, 1234)] == [1, 4, 10, 20, 100, 2000]


def test_nothing_to_draw_is_known() -> None:
    assert columns([0], [0]).empty
    assert columns([0], [0]).parts == []
    assert not columns([0], [1]).empty
    assert Bars("Overturned", [("good", "approved")], []).empty


def test_bars_are_drawn_to_the_longest() -> None:
    long, short = Bar("Violence", [3, 1]), Bar("Alcohol", [0, 2])
    chart = Bars("Overturned", [("good", "approved"), ("bad", "rejected")], [long, short])
    assert [(part.x, part.width) for part in chart.parts(long)] == [(0, 750), (750, 250)]
    assert [(part.x, part.width, part.kind) for part in chart.parts(short)] == [(0, 500, "bad")]


def test_rates_are_of_all_that_was_served() -> None:
    metrics = Metrics()
    for surface, tier in (("delivery", "memory"), ("delivery", "derived"), ("delivery", "original")):
        metrics.request(surface, 200, tier)
    metrics.request("delivery", 404, "none")
    metrics.request("upload", 200, "none")
    for outcome in ("ok", "ThrottlingException", "ThrottlingException"):
        metrics.provider_call("rekognition", outcome)
    for seconds in (0.5, 1.5):
        metrics.taken_down(seconds)
    found = rates(metrics.samples())
    assert (found.hits, found.served, found.hit_rate) == (2, 3, 2 / 3)
    assert found.failures == {"ThrottlingException": 2}
    assert (found.takedowns, found.takedown_mean) == (2, 1.0)


def test_before_anything_happened_there_are_no_rates() -> None:
    found = rates(Metrics().samples())
    assert (found.hit_rate, found.takedown_mean, found.failures) == (None, None, {})
