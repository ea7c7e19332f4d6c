"""How somebody likes to see pictures that may hurt."""

import pytest

from rekproxy.domain.wellness import Wellness, wellness_of
from rekproxy.errors import InvalidRequestError


def test_what_was_chosen_is_kept() -> None:
    chosen = Wellness("light", True, "key")
    assert wellness_of({"wellness": chosen.kept, "other": 1}) == chosen


def test_who_chose_nothing_sees_pictures_as_they_are() -> None:
    assert wellness_of({}) == Wellness("none", False, "pointer")


@pytest.mark.parametrize(
    "kept", ["strong", {"blur": "half"}, {"blur": "none", "hue": 1}, {"grey": "yes"}, [1]]
)
def test_what_cannot_be_read_veils(kept: object) -> None:
    assert wellness_of({"wellness": kept}) == Wellness("strong", True)


def test_other_choices_are_refused() -> None:
    for wrong in ({"blur": "half"}, {"reveal": "always"}):
        with pytest.raises(InvalidRequestError, match="strong"):
            Wellness(**wrong)
