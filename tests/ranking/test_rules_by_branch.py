"""What branches ask of their pages: written, inherited, kept by runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from ranking.actions import start_run
from ranking.actions.rules import ChangedMeanwhile, NoBranch, write_rules
from ranking.models import BranchRules, Run, State
from ranking.pipeline.options import Options
from ranking.queries.rules import branch_lines, options_by_page, options_of, rules_of
from ranking.queries.stale import stale_line, stale_pages
from ranking.rule_fields import FIELDS, BadRules, read
from taxonomy.models import Category
from tests.factories import make_category

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def lighting() -> Category:
    return make_category("Lighting")


@pytest.fixture
def lamps(lighting: Category) -> Category:
    return make_category("Lamps", lighting, is_page=True)


@pytest.fixture
def mugs() -> Category:
    return make_category("Mugs", is_page=True)


def live(
    branch: Category | None, based_on: BranchRules | None = None, **values: Any
) -> BranchRules:
    number = based_on.pk if based_on else None
    return write_rules(branch, values, live=True, based_on=number, by=None)


def draft(branch: Category | None, **values: Any) -> BranchRules:
    return write_rules(branch, values, live=False, based_on=None, by=None)


def counts(branch: Category | None, name: str) -> tuple[object, str]:
    """Return what counts at a branch, and where it comes from."""
    line = next(line for line in rules_of(branch) if line.field.name == name)
    return line.value, line.origin


# What is written


def test_a_page_follows_the_nearest_branch_then_the_shop_then_the_defaults(
    lighting: Category, lamps: Category, mugs: Category
) -> None:
    assert counts(lamps, "minimum_confidence") == (0.35, "the default")
    live(None, minimum_confidence=0.4, band=0.1)
    live(lighting, minimum_confidence=0.5)
    assert counts(lamps, "minimum_confidence") == (0.5, "Lighting")
    assert counts(lamps, "band") == (0.1, "the whole shop")
    assert counts(mugs, "minimum_confidence") == (0.4, "the whole shop")
    live(lamps, minimum_confidence=0.6)
    assert counts(lamps, "minimum_confidence") == (0.6, "Lamps")
    assert counts(lighting, "minimum_confidence") == (0.5, "Lighting")


def test_a_branch_that_withdraws_its_rules_inherits_again(lighting: Category) -> None:
    first = live(lighting, band=0.2)
    live(lighting, first)
    assert counts(lighting, "band") == (0.05, "the default")
    assert BranchRules.objects.count() == 2


def test_a_draft_counts_for_nothing_until_it_is_live(lighting: Category) -> None:
    first = draft(lighting, band=0.2)
    assert counts(lighting, "band") == (0.05, "the default")
    live(lighting, first, band=0.2)
    assert counts(lighting, "band") == (0.2, "Lighting")


def test_the_second_of_two_editors_sees_what_the_first_wrote(lighting: Category) -> None:
    first = live(lighting, band=0.2)
    theirs = live(lighting, first, band=0.3)
    with pytest.raises(ChangedMeanwhile) as told:
        live(lighting, first, band=0.1)
    assert told.value.newest == theirs
    assert counts(lighting, "band") == (0.3, "Lighting")


def test_the_same_again_is_no_new_revision(lighting: Category) -> None:
    first = live(lighting, band=0.2)
    assert live(lighting, None, band=0.2) == first
    assert write_rules(lighting, {"band": 0.2}, live=False, based_on=None, by=None) == first


def test_the_shop_and_a_branch_have_their_own_revisions(lighting: Category) -> None:
    live(None, band=0.1)
    live(lighting, band=0.2)
    assert [line.branch for line in branch_lines()] == [None, lighting]


@pytest.mark.parametrize(
    ("values", "name", "sentence"),
    [
        ({"minimum_confidence": 2}, "minimum_confidence", "from 0\xa0% to 95\xa0%"),
        ({"minimum_confidence": True}, "minimum_confidence", "it is a number"),
        ({"half_life_days": 0}, "half_life_days", "from 1\xa0days to 3650\xa0days"),
        ({"most_in_top": 2.5}, "most_in_top", "whole number from 1 to 10"),
        ({"out_of_stock": "burn"}, "out_of_stock", "one of lower, remove, ignore"),
        ({"merge_duplicates": 1}, "merge_duplicates", "one of true, false"),
        ({"candidates": 3}, "candidates", "There is no rule “candidates”."),
        ({"band": float("nan")}, "band", "it is a number"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_by_name(
    lighting: Category, values: dict[str, Any], name: str, sentence: str
) -> None:
    with pytest.raises(BadRules) as told:
        live(lighting, None, **values)
    assert sentence in told.value.faults[name]
    assert not BranchRules.objects.exists()


def test_a_form_is_read_in_per_cent_and_what_is_empty_is_inherited() -> None:
    form = {"minimum_confidence": "40 %", "half_life_days": "14", "band": "", "most_in_top": "3"}
    values = read(form | {"merge_duplicates": "false", "freshness_floor": "33,5"})
    assert values == {
        "minimum_confidence": 0.4,
        "half_life_days": 14,
        "merge_duplicates": False,
        "freshness_floor": 0.335,
        "most_in_top": 3,
    }
    with pytest.raises(BadRules, match="write a number from"):
        read({"band": "little"})


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_default_may_be_written_as_it_is_shown(field: Any) -> None:
    assert field.read(field.written(field.default)) == field.default
    assert getattr(Options(), field.name) == field.default


def test_a_retired_branch_has_no_rules_to_change(lighting: Category) -> None:
    Category.objects.update(retired_at=timezone.now())
    lighting.refresh_from_db()
    with pytest.raises(NoBranch, match="retired"):
        live(lighting, band=0.2)


# What runs keep


def test_a_run_keeps_what_counted_when_it_began(lighting: Category, lamps: Category) -> None:
    make_category("Mugs", is_page=True)
    live(None, half_life_days=14)
    first = live(lighting, band=0.2)
    run = start_run(here=True)
    live(lighting, first, band=0.3)
    run.refresh_from_db()
    assert (options_of(run).band, options_of(run).half_life_days) == (0.05, 14)
    of_lamps = options_by_page(run)
    assert set(of_lamps) == {lamps.pk}
    assert (of_lamps[lamps.pk].band, of_lamps[lamps.pk].half_life_days) == (0.2, 14)


def test_runs_of_before_there_were_rules_go_by_the_defaults(lamps: Category) -> None:
    run = start_run(here=True)
    Run.objects.update(settings={"candidates": 100})
    run.refresh_from_db()
    assert options_of(run) == Options(candidates=100)
    assert options_by_page(run) == {}


def test_live_rules_make_the_pages_below_stale_until_they_are_ranked_again(
    lighting: Category, lamps: Category, mugs: Category
) -> None:
    def rank() -> None:
        start_run(here=True).page_runs.update(state=State.DONE)

    rank()
    draft(mugs, band=0.1)
    rules = live(lighting, band=0.2)
    assert list(stale_pages()) == [lamps]
    line = stale_line(lamps)
    assert line is not None
    assert line.rules == [rules]
    rank()
    assert not stale_pages().exists()
    of_shop = live(None, band=0.1)
    assert set(stale_pages()) == {lamps, mugs}
    line = stale_line(mugs)
    assert line is not None
    assert line.rules == [of_shop]
