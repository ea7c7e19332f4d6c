"""Search expressions: what they mean, and that no text is more than an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.expression import All, Begins, Between, Either, Has, Is, Not, Present, meets
from rekproxy.domain.expressionreader import MOST_TERMS, Kind, parse
from rekproxy.errors import InvalidRequestError

NOW = 1_800_000_000_000
DAY = 86_400_000
KNOWN = {
    "public_id": Kind.TEXT,
    "tags": Kind.NAME,
    "format": Kind.WORD,
    "bytes": Kind.SIZE,
    "width": Kind.NUMBER,
    "aspect_ratio": Kind.RATIO,
    "created_at": Kind.DATE,
    "context": Kind.TEXT,
    "context.": Kind.TEXT,
    "metadata.": Kind.ANY,
}
A, B, C = Is("tags", "a"), Is("tags", "b"), Is("tags", "c")


def read(text):
    return parse(text, KNOWN, now=NOW)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", All()),
        ("  ", All()),
        ("*", All()),
        ("tags=a", A),
        ("tags:a", A),
        ("tags : a", A),
        ("tags=a AND tags=b", All((A, B))),
        ("tags=a tags=b", All((A, B))),
        ("tags=a OR tags=b AND tags=c", Either((A, All((B, C))))),
        ("(tags=a OR tags=b) AND tags=c", All((Either((A, B)), C))),
        ("NOT tags=a", Not(A)),
        ("-tags=a", Not(A)),
        ("+tags=a -tags=b", All((A, Not(B)))),
        ("NOT (tags=a OR tags=b)", Not(Either((A, B)))),
        ("tags:(a OR b)", Either((A, B))),
        ("tags:(a -b)", All((A, Not(B)))),
        ("tags=my-cat", Is("tags", "my-cat")),
        ("tags=AND", None),
        ('tags="AND"', Is("tags", "AND")),
        ('tags=""', Is("tags", "")),
        ('tags="two words"', Is("tags", "two words")),
        (r"tags=two\ words", Is("tags", "two words")),
        (r'tags="say \"a\""', Is("tags", 'say "a"')),
        ("tags=a*", Begins("tags", "a")),
        ('tags="a b*"', Begins("tags", "a b")),
        (r"tags=a\*", Is("tags", "a*")),
        ("tags:*", Present("tags")),
        ("public_id=dir/Cat", Is("public_id", "dir/Cat")),
        ("public_id:dir/Cat", Has("public_id", ("dir", "cat"))),
        ("public_id:dir/Ca*", Begins("public_id", "dir/Ca")),
        ("format=PNG", Is("format", "png")),
        ("kitten", Has("", ("kitten",))),
        ('"black kitten"', Has("", ("black", "kitten"))),
        ("kit*", Has("", ("kit",), True)),
        ("context.colour=red", Is("context.colour", "red")),
        ("context:red", Has("context", ("red",))),
        ("metadata.sku=SKU-1", Is("metadata.sku", "SKU-1")),
        ("metadata.size>5", Between("metadata.size", 5.0, with_low=False)),
        ("metadata.day<2024-01-02", Between("metadata.day", high="2024-01-02", with_high=False)),
        ("width=100", Between("width", 100.0, 100.0)),
        ("width>-5", Between("width", -5.0, with_low=False)),
        ("width<=100", Between("width", high=100.0)),
        ("width:[10 TO 20]", Between("width", 10.0, 20.0)),
        ("width:[-5 TO *]", Between("width", -5.0, None)),
        ("bytes>1k", Between("bytes", 1024.0, with_low=False)),
        ("bytes<1.5mb", Between("bytes", high=1.5 * 1024**2, with_high=False)),
        ('aspect_ratio<"16:9"', Between("aspect_ratio", high=16 / 9, with_high=False)),
        ("created_at>1d", Between("created_at", NOW - DAY, with_low=False)),
        ("created_at<2w", Between("created_at", high=NOW - 14 * DAY, with_high=False)),
        ("created_at:[4w TO 1w]", Between("created_at", NOW - 28 * DAY, NOW - 7 * DAY)),
        ('created_at="1970-01-02"', Between("created_at", DAY, 2 * DAY, with_high=False)),
        ("created_at>1970-01-02", Between("created_at", 2 * DAY)),
        ("created_at<=1970-01-02", Between("created_at", high=2 * DAY, with_high=False)),
        ('created_at>="1970-01-02T00:00:01Z"', Between("created_at", DAY + 1000)),
        ("created_at:[1970-01-01 TO 1970-01-02]", Between("created_at", 0, 2 * DAY, with_high=False)),
    ],
)
def test_what_an_expression_means(text, meaning):
    if meaning is None:
        with pytest.raises(InvalidRequestError):
            read(text)
    else:
        assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("tags=", 5),
        ("tags=a AND", 10),
        ("(tags=a", 7),
        ("tags=a)", 6),
        ("tags=a OR OR tags=b", 10),
        ("nothing=a", 0),
        ("tags=a AND nothing:b", 11),
        ("context.=a", 0),
        ("tags=a*b", 7),
        ("tags=*b", 6),
        ('tags="a', 5),
        ("tags={a}", 5),
        ("tags>a", 5),
        ("tags:[a TO b]", 6),
        ("width:[1 20]", 9),
        ("width:big", 6),
        ("created_at=1d", 11),
        ("created_at>2024-13-01", 11),
        ("bytes>1x", 6),
        ('aspect_ratio="1:0"', 13),
        ("a:b:c", 0),
        ("public_id:---", 10),
        ("tags:(width:1)", 11),
        ("(" * 25, 21),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands(text, at):
    with pytest.raises(InvalidRequestError, match=rf"^Query Error \(at position {at}\)"):
        read(text)


def test_expressions_are_bounded():
    read(" ".join(["a"] * MOST_TERMS))
    for text in (" ".join(["a"] * (MOST_TERMS + 1)), "a" * 5001):
        with pytest.raises(InvalidRequestError, match="Query Error"):
            read(text)


# --- any expression: written, read, and asked

_names = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters='"\\*'), max_size=6)
_leaves = st.one_of(
    st.builds(Is, st.just("tags"), _names),
    st.builds(Begins, st.just("tags"), st.text("abc /é", min_size=1, max_size=3)),
    st.builds(Present, st.sampled_from(["tags", "width"])),
    st.builds(Has, st.sampled_from(["public_id", "context.k"]), st.tuples(st.text("abc", min_size=1))),
    st.builds(lambda low: Between("width", float(low), with_low=False), st.integers(0, 99)),
)
_trees = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.tuples(inner, inner)),
        st.builds(Either, st.tuples(inner, inner)),
    ),
    max_leaves=8,
)


def written(expression):
    match expression:
        case Is(name, value):
            return f'{name}="{value}"'
        case Begins(name, prefix):
            return f'{name}="{prefix}*"'
        case Present(name):
            return f"{name}:*"
        case Has(name, words):
            return f'{name}:"{" ".join(words)}"'
        case Between(name, low):
            return f"{name}>{low}"
        case Not(part):
            return f"NOT ({written(part)})"
        case All(parts):
            return " AND ".join(f"({written(part)})" for part in parts)
        case Either(parts):
            return " OR ".join(f"({written(part)})" for part in parts)


@given(_trees)
def test_what_is_written_is_read_again(tree):
    assert read(written(tree)) == tree


@given(st.text(st.sampled_from('ab:=<>()[]"\\*+- \tANDORTO.1dtagswidh/é&|!{}~^?'), max_size=40))
def test_any_text_is_read_or_refused_in_the_wires_words(text):
    refused = ""
    try:
        read(text)
    except InvalidRequestError as error:
        refused = str(error)
    assert not refused or refused.startswith("Query Error (at position ")


_things = st.fixed_dictionaries(
    {
        "tags": st.lists(_names, max_size=2),
        "width": st.lists(st.integers(0, 99), max_size=1),
        "public_id": st.lists(st.text("abc /", max_size=6), min_size=1, max_size=1),
        "context.k": st.lists(st.text("abc ", max_size=6), max_size=1),
    }
)


@given(_trees, _trees, _things)
def test_operators_are_those_of_logic(first, second, thing):
    def asked(text):
        return meets(read(text), thing.__getitem__)

    one, two = written(first), written(second)
    assert asked(f"({one}) ({two})") is (asked(one) and asked(two))
    assert asked(f"({one}) OR ({two})") is (asked(one) or asked(two))
    assert asked(f"-({one})") is not asked(one)
    assert asked(f"NOT (({one}) OR ({two}))") is asked(f"-({one}) -({two})")


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("public_id:cat", True),
        ("public_id:CAT", True),
        ("public_id:ca", False),
        ("public_id:ca*", False),
        ("public_id:pets/b*", True),
        ("public_id:black_cat", True),
        ("public_id:cat_black", False),
        ("public_id=pets/black-cat", True),
        ("public_id=Pets/black-cat", False),
        ("ca*", True),
        ("width:[100 TO 200]", True),
        ("width>200", False),
        ("width<200", False),
        ("width:[* TO 199]", False),
        ("tags:*", False),
        ("metadata.n=5", True),
        ("metadata.n>=5", True),
        ("metadata.n>abc", False),
        ("metadata.d>2024-01-01", True),
    ],
)
def test_what_meets_an_expression(text, met):
    thing = {
        "public_id": ["pets/black-cat"],
        "": ["pets/black-cat"],
        "width": [200],
        "tags": [],
        "metadata.n": [5],
        "metadata.d": ["2024-05-05"],
    }
    assert meets(read(text), thing.__getitem__) is met
