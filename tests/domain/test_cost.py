"""What a chain costs is told before it runs, and too much of it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.cost import MOST_WORK, check_cost
from rekproxy.domain.transformation import MAX_COMPONENTS, parse
from rekproxy.errors import InvalidTransformationError

MOST = 25_000_000
SIZE = (6000, 4000)


def check(text, size=SIZE, **more):
    check_cost(parse(text), size, {"logo": (500, 500)}, MOST, **more)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c_fill,w_400,h_300/e_sharpen:100",
        "w_5000/e_blur:500",
        "w_2000/e_oil_paint/r_max/l_logo,w_0.5,fl_tiled",
        "/".join(["w_1000"] + ["e_blur"] * 20),
        "l_logo/e_blur/fl_layer_apply,g_south",
    ],
)
def test_what_sites_ask_for_is_not_too_much(text):
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "/".join(["w_5000"] + ["e_oil_paint"] * 5),
        "/".join(["a_45"] * 45),
        "/".join(["w_99999,h_99999"] * 30),
        "l_logo/" + "/".join(["w_5000"] + ["e_oil_paint"] * 5) + "/fl_layer_apply",
    ],
)
def test_too_much_is_refused_in_words(text):
    with pytest.raises(InvalidTransformationError, match=r"too much work\. Maximum is 1000\. Requested"):
        check(text)


def test_each_frame_of_a_film_counts():
    check("w_500/e_blur", (500, 500), frames=100)
    with pytest.raises(InvalidTransformationError, match="too much work"):
        check("w_500/e_blur", (500, 500), frames=1000)


@given(
    st.lists(
        st.sampled_from([
            "w_5", "c_crop,x_3", "e_trim", "l_logo,w_99999", "l_text:A_999:x", "a_33", "bo_2000px_solid_red",
            "l_logo,x_-99999", "w_1.0,h_99999", "e_shadow,x_500", "c_pad,ar_1000,b_auto", "c_thumb,g_face",
        ]),
        max_size=MAX_COMPONENTS,
    ),
    st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
)  # fmt: skip
def test_an_estimate_is_always_made(steps, size):
    try:
        check("/".join(steps), size)
    except InvalidTransformationError as error:
        assert "too much work" in str(error) or "Too many overlays" in str(error)  # noqa: PT017
    assert MOST_WORK > 1
