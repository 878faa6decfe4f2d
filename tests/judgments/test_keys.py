"""Keys: presets, what may be bound anew, and what is in the way."""

from __future__ import annotations

import pytest

from judgments.keys import ACTIONS, PRESETS, Conflict, bound, conflicts, rebound


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_has_one_key_for_two_actions_of_a_view(name: str) -> None:
    assert conflicts(PRESETS[name].keys) == {}
    assert set(PRESETS[name].keys) == {action.name for action in ACTIONS}


def test_nobody_has_bound_anything_at_first_and_judges_on_the_home_row() -> None:
    keys = bound({})
    grades = [keys[name] for name in ("wrong", "related", "acceptable", "exact")]
    assert grades == ["a", "s", "d", "f"]


def test_only_what_differs_from_the_preset_is_kept() -> None:
    kept = rebound("numbers", {**PRESETS["numbers"].keys, "exact": "X"})
    assert kept == {"preset": "numbers", "exact": "x"}
    assert bound(kept) == {**PRESETS["numbers"].keys, "exact": "x"}


def test_a_key_that_another_action_has_is_refused_on_both_sides() -> None:
    with pytest.raises(Conflict) as refused:
        rebound("home", {"exact": "a"})
    assert refused.value.faults == {
        "exact": "“A” is also Wrong.",
        "wrong": "“A” is also Exact.",
    }


def test_two_views_may_use_the_same_key() -> None:
    assert rebound("home", {"first": "f"}) == {"preset": "home", "first": "f"}


@pytest.mark.parametrize("key", ["", "?", "/", " ", "ab", "\t"])
def test_what_is_no_key_of_ones_own_is_refused(key: str) -> None:
    with pytest.raises(Conflict) as refused:
        rebound("home", {"later": key})
    assert list(refused.value.faults) == ["later"]


def test_what_was_kept_for_an_action_that_is_no_more_does_no_harm() -> None:
    assert bound({"preset": "gone", "celebrate": "c"}) == PRESETS["home"].keys
