"""Rates of keys: counted over processes, never exceeded, begun anew each hour."""

from rekproxy.services.rates import UNLIMITED, Rates

HOUR = 3600


class Counting:
    """A catalog that counts calls, and how often it is asked."""

    def __init__(self):
        self.counts, self.asked = {}, 0

    def count_calls(self, name, calls, hour):
        self.asked += 1
        self.counts[name, hour] = self.counts.get((name, hour), 0) + calls
        return self.counts[name, hour]


def test_a_key_may_call_as_often_as_its_limit_says_in_all_processes_together():
    catalog, clock = Counting(), [10 * HOUR + 5.0]
    processes = [Rates(catalog, 500, lambda: clock[0]) for _ in range(3)]
    told = [processes[number % 3].admit("k", None) for number in range(700)]
    assert sum(not rate.refused for rate in told) == 500
    assert {(rate.limit, rate.reset) for rate in told} == {(500, 11 * HOUR)}
    assert told[0].remaining == 499
    assert told[-1].remaining == 0
    assert catalog.asked < 110
    clock[0] += HOUR
    assert not processes[0].admit("k", None).refused


def test_keys_have_limits_of_their_own_or_none():
    rates = Rates(Counting(), 0, lambda: 7.0)
    assert (rates.admit("a", None).limit, rates.admit("a", None).remaining) == (UNLIMITED, UNLIMITED)
    assert [rates.admit("b", 2).refused for _ in range(4)] == [False, False, True, True]
    assert not rates.admit("c", 2).refused


def test_who_is_refused_asks_the_catalog_no_more():
    catalog = Counting()
    rates = Rates(catalog, 1, lambda: 7.0)
    for _ in range(50):
        rates.admit("k", None)
    assert catalog.asked <= 2
