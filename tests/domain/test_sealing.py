"""Seals by themselves: any change of a line or of a seal shows, and the altered line is told."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rekproxy.domain.sealing import FIELDS, NOTHING, Seal, SealingKey, first_difference, summarise, written

KEY = SealingKey("a key of the tests")


def line(id: int, **changed: Any) -> dict[str, Any]:
    plain = dict.fromkeys(FIELDS) | {
        "id": id,
        "at": 1000 + id,
        "actor": "key:1",
        "action": "viewed",
        "detail": {},
    }
    return plain | changed


def sealed(lines: list[dict[str, Any]], previous: str = NOTHING) -> Seal:
    digest, marks = summarise([written(each) for each in lines])
    seal = Seal(1, lines[-1]["id"], len(lines), digest, marks, KEY.id, 5)
    return replace(seal, mac=KEY.mac(seal, previous))


def test_a_line_reads_alike_whatever_the_order_of_its_keys() -> None:
    one = line(1, detail={"a": 1, "b": "Ä"})
    other = dict(reversed(one.items())) | {"detail": {"b": "Ä", "a": 1}}
    assert written(one) == written(other)
    assert written(one).isascii()
    assert written(one).startswith(b'[1,1001,null,null,null,"key:1","viewed",null,null,{"a":1,')


def test_every_part_of_a_seal_is_signed() -> None:
    seal = sealed([line(1), line(2)])
    assert KEY.signs(seal, NOTHING)
    assert not KEY.signs(seal, "ab" * 32)
    assert not SealingKey("another key of tests").signs(seal, NOTHING)
    for part in fields(Seal):
        value = getattr(seal, part.name)
        altered = replace(seal, **{part.name: value + 1 if isinstance(value, int) else value + "0"})
        assert not KEY.signs(altered, NOTHING), part.name


def test_a_key_is_told_apart_and_not_told() -> None:
    derived = SealingKey.derived("a secret key of tests")
    assert derived != KEY
    assert len({KEY.id, derived.id, SealingKey.derived("another one of tests").id}) == 3
    assert "a key" not in repr(KEY)
    assert KEY.id not in KEY.secret


@given(st.integers(1, 12), st.data())
@settings(max_examples=60, deadline=None)
def test_one_change_is_found_where_it_is(count: int, data: st.DataObject) -> None:
    lines = [line(3 * number) for number in range(1, count + 1)]
    seal, place = sealed(lines), data.draw(st.integers(0, count - 1))
    id = lines[place]["id"]
    changed = [*lines[:place], line(id, actor="key:2"), *lines[place + 1 :]]
    assert first_difference(seal, changed) == f"line {id} is not the one that was sealed"
    added = [*lines[:place], line(id - 1), *lines[place:]]
    assert first_difference(seal, added) == f"line {id - 1} was put in later"
    behind = f"behind line {id - 3}" if place else "at the front, from line 1 on"
    assert first_difference(seal, lines[:place] + lines[place + 1 :]) == f"1 line is missing {behind}"
