"""The charts of a model's card: everything is drawn inside, and nothing is drawn out of order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ranking.queries.card_charts import WIDTH, axis, lines, points
from ranking.queries.cards import Bin, Candidate, Curve, candidates, curves, rest

shares = st.floats(0, 1)
numbers = st.floats(-1e6, 1e6)


@st.composite
def compared(draw: st.DrawFn) -> list[Candidate]:
    found = []
    for name in draw(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True)):
        low, mean, high = sorted(draw(st.tuples(shares, shares, shares)))
        ends = (low, high) if draw(st.booleans()) else (None, None)
        found.append(Candidate(name, name, mean, ends[0], ends[1], None, chosen=False))
    return found


@given(compared())
def test_means_and_intervals_lie_on_their_axis_in_order(found: list[Candidate]) -> None:
    drawn = axis(found)
    assert drawn is not None
    assert drawn.low < drawn.high
    for dot in drawn.dots:
        assert 0 <= dot.at <= WIDTH
        if dot.low is not None and dot.width is not None:
            assert 0 <= dot.low <= dot.at + 0.01
            assert dot.at <= dot.low + dot.width + 0.01 <= WIDTH + 0.02
    ranked = sorted(drawn.dots, key=lambda dot: dot.candidate.mean)
    assert all(one.at <= other.at for one, other in pairwise(ranked))


def test_nothing_compared_is_no_chart() -> None:
    assert axis([]) is None


@given(st.lists(st.tuples(shares, shares), max_size=12))
def test_what_is_said_and_true_lies_in_the_square(pairs: list[tuple[float, float]]) -> None:
    bins = [Bin(said, true, None, None, 10) for said, true in pairs]
    for point, (said, true) in zip(points(bins), pairs, strict=True):
        assert abs(point.x - WIDTH * said) < 0.01
        assert abs(WIDTH - point.y - WIDTH * true) < 0.01
        assert point.top == point.y == point.bottom


@given(st.lists(numbers, min_size=1, max_size=40))
def test_a_curve_runs_across_its_whole_chart(values: list[float]) -> None:
    [line] = lines([Curve("loss", values)])
    places = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert (places[0][0], places[-1][0]) == (0, WIDTH)
    assert all(0 <= x <= WIDTH and 0 <= y <= WIDTH for x, y in places)
    assert (line.first, line.last, line.steps) == (values[0], values[-1], len(values))


def test_what_is_not_as_it_should_be_on_a_card_is_passed_over() -> None:
    assert candidates({"kinds": {"linear": {"mean": None}, "gain": {}, "odd": "none"}}) == []
    assert candidates({"kinds": ["linear"]}) == []
    assert curves({"curves": {"fold 1": [], "fold 2": ["x"], "fold 3": [1, 2]}}) == [
        Curve("fold 3", [1.0, 2.0])
    ]
    assert rest({"why": "said above", "sure": True, "parts": {"a_b": [1, 2.5]}, "none": None}) == [
        ("sure", "yes"),
        ("parts: a b", "1, 2.5"),
        ("none", "–"),
    ]
