"""Every encoding of the wire reads as the same parameters; what could be read in two ways is refused."""

from contextlib import suppress

import pytest

from rekproxy.errors import InvalidRequestError
from rekproxy.web.forms import Parameters, merge, read_json, read_pairs


@pytest.mark.parametrize(
    "parameters",
    [
        read_pairs([("tags", "a, b,,")]),
        read_pairs([("tags[]", "a"), ("tags[]", "b")]),
        read_pairs([("tags[1]", "b"), ("tags[0]", "a")]),
        read_pairs([("tags[]", "a"), ("tags[]", ""), ("tags[]", "b")]),
        read_json(b'{"tags": ["a", null, "b"]}'),
        read_json(b'{"tags": "a,b"}'),
    ],
)
def test_a_list_in_every_encoding(parameters):
    assert parameters.items("tags") == ("a", "b")


@pytest.mark.parametrize("name", ["tags", "none"])
def test_an_empty_list_is_none(name):
    assert Parameters({"tags": ()}).items(name) == ()


def test_ten_items_by_number_keep_their_order():
    pairs = [(f"ids[{number}]", str(number)) for number in reversed(range(12))]
    assert read_pairs(pairs).items("ids") == tuple(map(str, range(12)))


@pytest.mark.parametrize("word", ["1", "true", "True", "TRUE"])
def test_true(word):
    assert read_pairs([("flag", word)]).flag("flag") is True


@pytest.mark.parametrize("word", ["0", "false", "False", ""])
def test_false_even_where_true_is_the_default(word):
    assert read_pairs([("flag", word)]).flag("flag", True) is False


@pytest.mark.parametrize(
    ("body", "expected"), [(b'{"f": true}', True), (b'{"f": 0}', False), (b'{"f": 1}', True)]
)
def test_truth_in_json(body, expected):
    assert read_json(body).flag("f") is expected


@pytest.mark.parametrize("body", [b"{}", b'{"f": null}'])
def test_what_is_not_said_has_its_default(body):
    assert read_json(body).flag("f", True) is True


@pytest.mark.parametrize(
    "parameters",
    [
        read_pairs([("context", r"a=1|b=x\|y\=z=w")]),
        read_pairs([("context[a]", "1"), ("context[b]", "x|y=z=w")]),
        read_json(b'{"context": {"a": 1, "b": "x|y=z=w", "c": null}}'),
    ],
)
def test_a_map_in_every_encoding(parameters):
    assert parameters.pairs("context") == {"a": "1", "b": "x|y=z=w"}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("access_control", '[{"access_type": "token"}]', '[{"access_type": "token"}]'),
        ("face_coordinates", "[[1, 2, 3, 4], [5, 6, 7, 8.5]]", "1,2,3,4|5,6,7,8.5"),
        ("custom_coordinates", "[[1, 2], {}]", "[[1, 2], {}]"),
    ],
)
def test_what_lies_deeper_in_json_is_the_text_that_sdks_send(name, value, text):
    assert read_json(f'{{"{name}": {value}}}'.encode()).text(name) == text
    for other in (f'{{"public_ids": {value}}}', f'{{"context": {{"k": {value}}}}}'):
        with pytest.raises(InvalidRequestError):
            read_json(other.encode())


def test_a_list_in_a_map_of_metadata_is_the_text_that_sdks_send():
    assert read_json(b'{"metadata": {"set": ["a", "b"]}}').pairs("metadata") == {"set": '["a", "b"]'}


def test_a_transformation_in_json_is_as_it_is_told():
    steps = b'[{"crop": "scale", "width": 50, "flags": ["a", "b"]}, {"effect": "sepia:50"}]'
    assert read_json(b'{"transformation": ' + steps + b"}").text("transformation") == (
        "c_scale,w_50,fl_a.b/e_sepia:50"
    )
    with pytest.raises(InvalidRequestError):
        read_json(b'{"transformation": [{"nonsense": 1}]}')


@pytest.mark.parametrize("depth", [500, 900, 980, 100_000])
def test_json_of_any_depth_is_read_or_refused(depth):
    body = b'{"metadata": ' + b"[" * depth + b"]" * depth + b"}"
    with suppress(InvalidRequestError):
        assert len(read_json(body).text("metadata") or "") <= 2 * depth


def test_a_thousand_items_leave_room_for_what_else_is_said():
    ids = [("public_ids[]", f"i{number}") for number in range(1000)]
    assert len(read_pairs([*ids, *((name, "x") for name in "abcdefghij")]).items("public_ids")) == 1000
    with pytest.raises(InvalidRequestError, match="Too many parameters"):
        read_pairs(ids * 2)


def test_lines_are_for_those_who_allow_them():
    parameters = read_pairs([("note", "a\nb")])
    assert parameters.text("note", lines=True) == "a\nb"
    with pytest.raises(InvalidRequestError, match="Illegal character in parameter note"):
        parameters.text("note")


def test_a_signature_covers_all_that_was_sent():
    pairs = [("b", "1"), ("ids[]", "x"), ("ids[]", "y,z"), ("c[k]", "v"), ("empty", "")]
    assert read_pairs(pairs).signable() == {"b": "1", "ids": ("x", "y,z"), "c[k]": "v", "empty": ""}


def test_what_is_in_two_places_is_refused():
    with pytest.raises(InvalidRequestError, match="Duplicate parameter a"):
        merge(Parameters({"a": "1"}), Parameters({"a": "1"}))


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "a[]"), ("a[]", "a[0]"), ("a[0]", "a[00]"), ("a", "a[k]")]
)
def test_what_is_said_twice_is_refused(names):
    with pytest.raises(InvalidRequestError, match="Duplicate parameter a"):
        read_pairs([(name, "1") for name in names])


def test_only_a_file_may_be_long():
    assert len(read_pairs([("file", "x" * 200_000)]).values["file"]) == 200_000
    with pytest.raises(InvalidRequestError, match="Parameter a is too long"):
        read_pairs([("a[]", "x" * 200_000)])
