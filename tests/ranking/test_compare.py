"""Runs and releases held against each other: what is measured, and of what it is made."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ranking.actions.compare import NotRanked, ask_for_comparison, ask_for_gate
from ranking.actions.hand import go_live
from ranking.actions.jobs import abandoned_jobs, cancel
from ranking.actions.publish import roll_back
from ranking.evaluation.overlap import DEPTH, PERSISTENCE, rank_biased_overlap
from ranking.models import Comparison, HandRule, PageRun, RankedProduct, State
from ranking.queries.gate import RIGHT, SURE
from ranking.queries.shown import newest_release
from ranking.queries.sides import BadSides, Side, choices, said, side_of
from ranking.tasks import doorbell, sweep, work_on_comparison, work_on_job
from taxonomy.models import Category, Product
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.comparing import compared, judged, make_page, publish, rank, worked_at
from tests.ranking.rankings import make_page_run, make_run

pytestmark = pytest.mark.django_db

rankings = st.lists(st.integers(0, 30), unique=True, max_size=20)


# How alike two rankings are


@given(rankings, rankings)
def test_overlap_is_between_0_and_1_and_the_same_from_both_sides(
    first: list[int], other: list[int]
) -> None:
    alike = rank_biased_overlap(first, other)
    assert 0 <= alike <= 1 + 1e-12
    assert alike == pytest.approx(rank_biased_overlap(other, first))
    assert rank_biased_overlap(first, first) == pytest.approx(1)
    if first and other and not set(first) & set(other):
        assert alike == 0


@given(rankings, rankings)
def test_overlap_is_the_weighted_mean_of_what_is_shared_at_each_depth(
    first: list[int], other: list[int]
) -> None:
    depth = max(len(first), len(other))
    weights = [PERSISTENCE**d for d in range(depth)]
    shared = [len(set(first[: d + 1]) & set(other[: d + 1])) / (d + 1) for d in range(depth)]
    expected = np.average(shared, weights=weights) if depth else 1.0
    assert rank_biased_overlap(first, other) == pytest.approx(expected)


def test_a_swap_at_the_top_changes_more_than_one_further_down() -> None:
    ranking = list(range(12))
    top = [1, 0, *ranking[2:]]
    below = [*ranking[:10], 11, 10]
    assert rank_biased_overlap(ranking, top) < rank_biased_overlap(ranking, below) < 1


def test_what_lies_below_the_cut_does_not_count() -> None:
    ranking = list(range(DEPTH + 5))
    assert rank_biased_overlap(ranking, ranking[:DEPTH]) == pytest.approx(1)


# What may be compared


@pytest.mark.parametrize("text", ["", "run", "run:", "run:x", "run:-1", "release:1e3", "page:4"])
def test_what_is_no_side_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadSides, match="A side is"):
        side_of(text)


def test_sides_are_named_as_people_say_it() -> None:
    run, other, published = Side("run", 5), Side("run", 6), Side("published")
    assert said([published, run]) == "Run 5 against what is published"
    assert said([run, published, other]) == "What is published and run 6 against run 5"
    assert said([run]) == "Run 5"
    assert [str(side) for side in (run, published)] == ["run:5", "published"]


def test_less_than_two_sides_or_the_same_twice_or_none_are_refused() -> None:
    run = Side("run", make_run().pk)
    for sides, why in (
        ([run], "two sides or more"),
        ([run, run], "with itself"),
        ([run, Side("run", 10**12)], "There is no run"),
        ([run, Side("release", 1)], "There is no release 1"),
        ([run, Side("published")], "Nothing is published yet"),
    ):
        with pytest.raises(BadSides, match=why):
            ask_for_comparison(sides, here=True)
    assert not Comparison.objects.exists()


def test_what_is_no_longer_kept_is_neither_offered_nor_compared() -> None:
    kept, gone = make_run(), make_run(thinned_at=make_run().as_of)
    with pytest.raises(BadSides, match="no longer kept"):
        ask_for_comparison([Side("run", kept.pk), Side("run", gone.pk)], here=True)
    with pytest.raises(NotRanked, match="no longer kept"):
        ask_for_gate(gone, here=True)
    assert Side("run", gone.pk) not in [choice.side for choice in choices()]


def test_products_that_go_while_it_waits_fail_it_with_the_reason() -> None:
    page = make_page(make_category())
    runs = [rank({page: [make_product()]}) for _ in range(2)]
    asked = ask_for_comparison([Side("run", run.pk) for run in runs], here=True)
    RankedProduct.objects.filter(page_run__run=runs[1]).delete()
    worked_at(asked)
    assert asked.state == State.FAILED
    assert asked.error == f"What run {runs[1].pk} had ranked is no longer kept."


# The figures


def shop() -> tuple[list[Category], list[list[Product]], list[list[Product]]]:
    """Return pages with what two runs show, products judged at random, and some not at all."""
    rng = np.random.default_rng(3)
    branches = [make_category(name) for name in ("Bags", "Shoes")]
    pages = [make_page(branches[place % 2]) for place in range(8)]
    first, other = [], []
    for page in pages:
        products = [make_product() for _ in range(14)]
        for product in products[:10]:
            make_judgment(page, product, int(rng.integers(4)))
        first.append([products[place] for place in rng.permutation(14)])
        other.append([products[place] for place in rng.permutation(14)])
    return pages, first, other


def test_the_figures_are_those_of_ir_measures_and_scipy() -> None:
    pages, first, other = shop()
    runs = [rank(dict(zip(pages, shown, strict=True))) for shown in (first, other)]
    figures = compared(*runs).figures
    known = [{name: reference(pages, shown, name) for name in KNOWN} for shown in (first, other)]
    for side, expected in zip(figures["sides"], known, strict=True):
        for name in KNOWN:
            assert side["metrics"][name]["mean"] == pytest.approx(np.mean(expected[name]), abs=1e-6)
    for name in KNOWN:
        found = figures["sides"][1]["against_first"][name]
        gains = np.array(known[1][name]) - np.array(known[0][name])
        drawn = stats.bootstrap((gains,), np.mean, method="percentile", rng=1)
        assert found["mean"] == pytest.approx(gains.mean(), abs=1e-6)
        assert found["low"] == pytest.approx(drawn.confidence_interval.low, abs=0.02)
        assert found["high"] == pytest.approx(drawn.confidence_interval.high, abs=0.02)
        assert found["p"] <= found["p_holm"]


KNOWN = {"ndcg@10": ir_measures.nDCG @ 10, RIGHT: ir_measures.P(rel=2) @ 10}


def reference(pages: list[Category], shown: list[list[Product]], name: str) -> list[float]:
    """Return a metric of each page by ir-measures: of what is judged, closed up for the order."""
    values = []
    for page, products in zip(pages, shown, strict=True):
        grades = {str(j.product_id): j.grade for j in page.judgments.all()}
        ranked = [str(product.pk) for product in products]
        if name == RIGHT:
            ranked = ranked[:10]
        ranked = [product for product in ranked if product in grades]
        gains = grades if name == RIGHT else {one: 2**grade - 1 for one, grade in grades.items()}
        qrels = [ir_measures.Qrel("page", product, gain) for product, gain in gains.items()]
        run = [
            ir_measures.ScoredDoc("page", product, -place) for place, product in enumerate(ranked)
        ]
        (found,) = ir_measures.iter_calc([KNOWN[name]], qrels, run)
        # It divides by ten, also where fewer of the first ten are judged.
        values.append(found.value * 10 / len(ranked) if name == RIGHT else found.value)
    return values


def test_each_branch_has_its_own_figures_and_together_they_have_all_pages() -> None:
    pages, first, other = shop()
    runs = [rank(dict(zip(pages, shown, strict=True))) for shown in (first, other)]
    branches = compared(*runs).figures["sides"][1]["branches"]
    assert [branch["name"] for branch in branches] == ["Bags", "Shoes"]
    assert [branch["pages"] for branch in branches] == [4, 4]
    bags = [place for place, page in enumerate(pages) if page.parent and page.parent.name == "Bags"]
    gains = [
        reference(pages, other, RIGHT)[place] - reference(pages, first, RIGHT)[place]
        for place in bags
    ]
    found = branches[0]["against_first"][RIGHT]
    assert found["mean"] == pytest.approx(np.mean(gains), abs=1e-6)
    assert found["after"] - found["before"] == pytest.approx(found["mean"], abs=1e-5)


def test_what_is_judged_and_how_sure_the_machine_is_are_told_apart() -> None:
    page, strange = make_page(make_category()), make_page(make_category())
    known, unknown = judged(page, 3, 2), [make_product() for _ in range(2)]
    run = rank({page: [*known, *unknown], strange: unknown})
    figures = compared(rank({page: known}), run).figures
    metrics = figures["sides"][1]["metrics"]
    assert metrics[RIGHT] == {"mean": 1.0, "low": 1.0, "high": 1.0, "pages": 1}
    assert metrics["judged@10"]["mean"] == pytest.approx((0.5 + 0) / 2)
    assert metrics[SURE]["pages"] == 2
    assert metrics[SURE]["mean"] == pytest.approx((0.925 + 0.935) / 2, abs=1e-6)


def test_misfiled_products_are_unknown_until_somebody_says_that_one_is() -> None:
    page = make_page(make_category())
    products = judged(page, 3, 2)
    runs = [rank({page: products}) for _ in range(2)]
    assert compared(*runs).figures["sides"][0]["metrics"]["misfiled@10"]["mean"] is None
    word = page.judgments.get(product=products[0])
    word.belongs_to = make_category("Elsewhere")
    word.save()
    assert compared(*runs).figures["sides"][0]["metrics"]["misfiled@10"]["mean"] == 1


def test_pages_that_only_one_side_has_are_counted_and_not_compared() -> None:
    both, alone = make_page(make_category()), make_page(make_category())
    products = judged(both, 3, 3)
    side = compared(rank({both: products}), rank({both: products, alone: products})).figures[
        "sides"
    ][1]
    assert (side["pages"], side["both"], side["changed"]) == (2, 1, 0)
    assert side["against_first"][RIGHT]["pages"] == 1


def test_what_changed_on_a_page_is_told_by_what_came_in_and_what_left() -> None:
    page = make_page(make_category())
    products = [make_product() for _ in range(12)]
    comparison = compared(rank({page: products[:10]}), rank({page: products[2:]}))
    (line,) = comparison.by_page[1]
    assert (line["entered"], line["left"], line["shown"], line["was"]) == (2, 2, 10, 10)
    assert line["jaccard"] == pytest.approx(8 / 12, abs=1e-6)
    assert 0 < line["change"] < 1
    assert line["right"] is None


def test_a_page_that_was_carried_over_is_what_it_was() -> None:
    page = make_page(make_category())
    before = rank({page: judged(page, 3, 3)})
    after = make_run()
    held = PageRun.objects.get(run=before)
    make_page_run(page, after, carried_from=held, shown=3)
    side = compared(before, after).figures["sides"][1]
    assert (side["both"], side["changed"], side["jaccard"]) == (1, 0, 1.0)


def test_three_sides_are_all_held_against_the_first() -> None:
    page = make_page(make_category())
    right, wrong = judged(page, 3, 2), judged(page, 0, 2)
    runs = [rank({page: shown}) for shown in (right, wrong, [*right, *wrong])]
    _, worse, between = compared(*runs).figures["sides"]
    assert worse["against_first"][RIGHT]["mean"] == -1
    assert between["against_first"][RIGHT]["mean"] == -0.5


def test_nothing_in_common_and_nothing_judged_are_unknown_and_no_fault() -> None:
    one, other = make_page(make_category()), make_page(make_category())
    comparison = compared(rank({one: [make_product()]}), rank({other: []}))
    assert comparison.state == State.DONE
    side = comparison.figures["sides"][1]
    assert (side["both"], side["jaccard"], side["branches"]) == (0, None, [])
    assert side["against_first"][RIGHT]["mean"] is None
    assert side["metrics"]["judged@10"]["mean"] is None


def test_equal_inputs_give_equal_figures() -> None:
    pages, first, other = shop()
    runs = [rank(dict(zip(pages, shown, strict=True))) for shown in (first, other)]
    one, again = compared(*runs), compared(*runs)
    assert (one.figures, one.by_page) == (again.figures, again.by_page)
    assert not any(
        isinstance(value, float) and math.isnan(value)
        for side in one.by_page
        for line in side
        for value in line.values()
    )


# Rules by hand, and what was published when


def test_runs_are_compared_with_the_live_rules_by_hand() -> None:
    page = make_page(make_category())
    products = [make_product() for _ in range(3)]
    first = rank({page: products})
    rule = HandRule.objects.create(page=page, product=products[2], kind="pin", place=1)
    unruled = compared(first, rank({page: [products[2], *products[:2]]}))
    assert unruled.figures["sides"][1]["changed"] == 1
    go_live(page, [rule.pk], by=make_user("merchandisers"))
    ruled = compared(first, rank({page: [products[2], *products[:2]]}))
    assert ruled.figures["sides"][1]["changed"] == 0


def test_a_release_is_what_pages_showed_then_and_the_published_what_they_show_now() -> None:
    page = make_page(make_category())
    one, other = [make_product()], [make_product()]
    first = publish(rank({page: one}))
    publish(rank({page: other}))
    then = compared(f"release:{first.pk}", "published")
    assert then.figures["sides"][1]["jaccard"] == 0
    newest = newest_release()
    assert newest is not None
    roll_back(first, by=None, token=then.token, based_on=newest.pk)
    assert compared(f"release:{first.pk}", "published").figures["sides"][1]["jaccard"] == 1
    assert then.figures["shown"] != compared(f"release:{first.pk}", "published").figures["shown"]


# How it is worked at


@pytest.mark.rows
def test_comparisons_wait_with_the_runs_and_not_behind_what_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [make_run(), make_run()]
    asked = ask_for_comparison([Side("run", run.pk) for run in runs], here=True)
    assert doorbell(Comparison) is work_on_comparison
    assert abandoned_jobs() == [asked]
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr("ranking.tasks._letters_wait", lambda queue: queue == "learning")
    monkeypatch.setattr(work_on_comparison, "delay", lambda *job: rung.append(job))
    monkeypatch.setattr(work_on_job, "delay", lambda *_: pytest.fail("the wrong queue"))
    sweep()
    assert rung == [("Comparison", asked.pk)]


@pytest.mark.rows
def test_a_comparison_that_nobody_works_at_is_cancelled_at_once() -> None:
    runs = [make_run(), make_run()]
    asked = ask_for_comparison([Side("run", run.pk) for run in runs], here=True)
    cancel(asked)
    assert worked_at(asked).state == State.CANCELLED
    assert asked.figures == {}
