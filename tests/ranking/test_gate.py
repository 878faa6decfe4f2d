"""The gate: what is published instead of what is published now, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.actions.hand import go_live
from ranking.actions.ledger import settle
from ranking.models import Comparison, HandRule, State
from ranking.queries.gate import FEWEST, RIGHT, SURE, bound_now, gate, verdicts
from tests.factories import make_category, make_user
from tests.ranking.comparing import judged, make_page, measured, publish, rank
from tests.ranking.rankings import make_ranking, make_run

pytestmark = pytest.mark.django_db


def branch(right: dict[str, Any], sure: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a branch's figures against what is published."""
    known = {RIGHT: gained(**right), SURE: gained(**(sure or {"pages": 20}))}
    return {"branch": 1, "name": "Shoes", "pages": 20, "against_first": known}


def gained(
    mean: float | None = 0.0, low: float = 0.0, high: float = 0.0, pages: int = 20
) -> dict[str, Any]:
    if not pages:
        return {"mean": None, "low": None, "high": None, "pages": 0, "before": None, "after": None}
    ends = {"mean": mean, "low": low, "high": high, "pages": pages}
    return {**ends, "before": 0.9, "after": 0.9 + (mean or 0.0)}


# The rule


def test_a_loss_that_is_large_and_no_chance_shuts_it() -> None:
    (said,) = verdicts([branch({"mean": -0.04, "low": -0.07, "high": -0.01})], 0.01)
    assert (said.is_worse, said.decided_by) == (True, RIGHT)
    assert said.sentence == (
        "Shoes is worse: of what is judged among the first ten, 86.0 % is right instead of 90.0 % "
        "(−4.0 points, −7.0 to −1.0 with 95 % certainty, on 20 pages)."
    )


@pytest.mark.parametrize("mean", [-0.01, -0.009, 0.0, 0.2])
def test_a_loss_within_the_bound_does_not(mean: float) -> None:
    (said,) = verdicts([branch({"mean": mean, "low": -0.05, "high": -0.001})], 0.01)
    assert (said.is_worse, said.decided_by, said.sentence) == (False, RIGHT, "")


def test_where_a_large_loss_may_be_chance_the_machines_confidence_decides() -> None:
    may_be_chance = {"mean": -0.04, "low": -0.10, "high": 0.0}
    fine, worse = verdicts(
        [
            branch(may_be_chance, {"mean": -0.002, "low": -0.01, "high": 0.0}),
            branch(may_be_chance, {"mean": -0.03, "low": -0.04, "high": -0.02}),
        ],
        0.01,
    )
    assert (fine.is_worse, fine.decided_by) == (False, SURE)
    assert "the judgments of 20 pages cannot tell a loss from chance" in fine.sentence
    assert (worse.is_worse, worse.decided_by) == (True, SURE)
    assert "worse by the machine’s own word" in worse.sentence


def test_a_branch_that_nobody_judged_goes_by_the_machines_confidence() -> None:
    nobody = {"pages": 0}
    fine, worse = verdicts(
        [branch(nobody), branch(nobody, {"mean": -0.1, "low": -0.2, "high": -0.05})], 0.01
    )
    assert not fine.is_worse
    assert worse.is_worse
    assert "none of its pages is judged on both sides" in worse.sentence


def test_of_few_pages_the_confidence_counts_without_an_interval() -> None:
    few = {"mean": -0.05, "low": -0.2, "high": 0.1, "pages": FEWEST - 1}
    (said,) = verdicts([branch({"pages": 0}, few)], 0.01)
    assert said.is_worse
    assert "certainty" not in said.sentence


def test_a_branch_without_a_page_on_both_sides_is_passed_over() -> None:
    (said,) = verdicts([branch({"pages": 0}, {"pages": 0})], 0.01)
    assert (said.is_worse, said.decided_by, said.sentence) == (False, "", "")


@given(st.floats(-0.5, 0.5), st.floats(0, 0.3), st.floats(0, 0.2), st.integers(0, 30))
def test_a_wider_bound_never_shuts_it(mean: float, spread: float, bound: float, pages: int) -> None:
    told = {"mean": mean, "low": mean - spread, "high": mean + spread, "pages": pages}
    (strict,) = verdicts([branch(told, told)], bound)
    (lenient,) = verdicts([branch(told, told)], bound + 0.05)
    assert strict.is_worse or not lenient.is_worse


# Of runs


def test_before_anything_is_published_it_is_open() -> None:
    said = gate(make_run())
    assert (said.is_open, said.is_measured, said.reasons) == (True, True, [])


def test_until_a_run_has_been_compared_it_is_shut_and_says_so() -> None:
    page = make_page(make_category("Shoes"))
    products = judged(page, 3, 3)
    publish(rank({page: products}))
    said = gate(rank({page: products}))
    assert (said.is_open, said.is_measured) == (False, False)
    assert said.reasons == ["It has not been compared with what is published."]
    assert gate(make_run(State.RUNNING)).reasons == ["The run has not ended yet."]


def test_a_run_that_shows_the_same_may_be_published() -> None:
    page = make_page(make_category("Shoes"))
    products = judged(page, 3, 3)
    publish(rank({page: products}))
    run = rank({page: products})
    measured(run)
    said = gate(run)
    assert (said.is_open, said.is_measured, said.reasons) == (True, True, [])
    assert said.figures["bound"] == bound_now()


def test_a_run_that_is_worse_in_one_branch_is_told_in_which_and_by_how_much() -> None:
    shoes, bags = make_category("Shoes"), make_category("Bags")
    before, after = {}, {}
    for root in (shoes, bags):
        for _ in range(FEWEST + 1):
            page = make_page(root)
            right, wrong = judged(page, 3, 4), judged(page, 0, 4)
            before[page] = right
            after[page] = [*wrong, *right] if root == shoes else right
    publish(rank(before))
    run = rank(after)
    measured(run)
    said = gate(run)
    assert not said.is_open
    (reason,) = said.reasons
    assert reason.startswith("Shoes is worse: of what is judged among the first ten, 50.0 %")
    assert [(line["name"], line["is_worse"]) for line in said.figures["branches"]] == [
        ("Bags", False),
        ("Shoes", True),
    ]


def test_what_nobody_judged_is_not_taken_for_wrong() -> None:
    root = make_category("Shoes")
    pages = [make_page(root) for _ in range(FEWEST)]
    known = {page: judged(page, 3, 3) for page in pages}
    publish(rank(known))
    strangers = {page: [*judged(make_page(root), 3, 5), *known[page]] for page in pages}
    run = rank(strangers)
    comparison = measured(run)
    assert gate(run).is_open
    metrics = comparison.figures["sides"][1]["metrics"]
    assert metrics[RIGHT]["mean"] == 1
    assert metrics["judged@10"]["mean"] == pytest.approx(3 / 8)


def test_a_page_that_would_fall_empty_shuts_it_and_is_named() -> None:
    root = make_category("Shoes")
    full, empty = make_page(root, "Boots"), make_page(root, "Sandals")
    products = {page: judged(page, 3, 2) for page in (full, empty)}
    publish(rank(products))
    run = rank({full: products[full], empty: []})
    measured(run)
    assert gate(run).reasons[0] == "Sandals would be left without a product."


def test_a_page_that_the_run_could_not_rank_keeps_what_it_shows_and_shuts_nothing() -> None:
    root = make_category("Shoes")
    page, failed = make_page(root), make_page(root)
    publish(rank({page: judged(page, 3, 2), failed: judged(failed, 3, 2)}))
    run = make_run()
    make_ranking(page, shown=judged(page, 3, 2), run=run)
    make_ranking(failed, run=run, state=State.FAILED)
    measured(run)
    assert gate(run).is_open


def test_another_run_that_was_published_meanwhile_makes_it_unmeasured() -> None:
    page = make_page(make_category("Shoes"))
    products = judged(page, 3, 3)
    publish(rank({page: products}))
    run = rank({page: products})
    measured(run)
    publish(rank({page: products[::-1]}))
    said = gate(run)
    assert (said.is_open, said.is_measured) == (False, False)
    assert "Compare it again" in said.reasons[0]
    measured(run)
    assert gate(run).is_open


def test_a_rule_by_hand_is_laid_over_both_sides_and_leaves_the_gate_as_it_was() -> None:
    page = make_page(make_category("Shoes"))
    products = judged(page, 3, 4)
    publish(rank({page: products}))
    run = rank({page: products})
    measured(run)
    rule = HandRule.objects.create(page=page, product=products[0], kind="hide")
    assert go_live(page, [rule.pk], by=make_user("merchandisers")).release
    assert gate(run).is_open
    comparison = measured(run)
    assert comparison.figures["sides"][1]["changed"] == 0


# How it is asked for


def test_a_run_that_ends_is_compared_by_itself() -> None:
    page = make_page(make_category("Shoes"))
    publish(rank({page: judged(page, 3, 2)}))
    run = make_run(State.RUNNING)
    make_ranking(page, shown=judged(page, 3, 2), run=run)
    run.measured_at = run.prepared_at
    run.save()
    settle(run.pk)
    run.refresh_from_db()
    asked = Comparison.objects.get(run=run)
    assert asked.settings["sides"] == [{"published": True}, {"run": run.pk}]
    assert gate(run).reasons == ["It is being compared with what is published."]


def test_a_run_that_was_cancelled_is_not() -> None:
    page = make_page(make_category("Shoes"))
    run = make_run(State.RUNNING)
    make_ranking(page, run=run, state=State.CANCELLED)
    settle(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not Comparison.objects.exists()
