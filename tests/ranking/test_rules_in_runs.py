"""What runs and previews make of rules by branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ranking.actions import start_run
from ranking.actions.answer_rules import Change, answer_rules
from ranking.actions.preview_rules import preview_rules, sweep_rules_previews
from ranking.actions.rank import work
from ranking.actions.rules import write_rules
from ranking.models import BranchRules, ComparedOffer, PageRun, RulesPreview
from ranking.pipeline.options import Options
from ranking.pipeline.rules import apply_rules
from ranking.queries.inputs import snapshot
from taxonomy.models import Category, Product, Retailer
from tests.encoders import WordEncoder
from tests.factories import make_category, make_product
from tests.ranking.lineups import Candidate, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def lighting() -> Category:
    return make_category("Lighting")


@pytest.fixture
def lamps(lighting: Category) -> Category:
    return make_category("Lamps", lighting, is_page=True)


def live(
    branch: Category | None, based_on: BranchRules | None = None, **values: Any
) -> BranchRules:
    number = based_on.pk if based_on else None
    return write_rules(branch, values, live=True, based_on=number, by=None)


@pytest.fixture
def ranked(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path, lamps: Category
) -> Category:
    """A page of four lamps of which two are the same, and a quick encoder that is sure of none."""
    settings.DATA = tmp_path
    live(None, minimum_confidence=0)
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()
    shops = [Retailer.objects.create(name=name) for name in ("One", "Other")]
    for number, title in enumerate(("brass lamps", "oak lamps", "paper lamps", "lamps of paper")):
        make_product(
            title,
            retailer=shops[number % 2],
            filed_under=lamps,
            price=10 + number,
            currency="EUR",
            availability="out_of_stock" if "oak" in title else "in_stock",
        )
    paper = Product.objects.filter(title__contains="paper").order_by("id")
    for product in paper:
        ComparedOffer.objects.create(product=product, fingerprint="x", group=paper[0].pk)
    return lamps


def rank_all() -> PageRun:
    run = start_run(here=True)
    while work(run.pk):
        pass
    return run.page_runs.get()


def shown(page_run: PageRun) -> list[str]:
    of_page = page_run.ranked.filter(position__isnull=False).order_by("position")
    return list(of_page.values_list("product__title", flat=True))


def test_a_run_hides_the_dearer_offer_behind_the_cheaper_and_says_so(ranked: Category) -> None:
    page_run = rank_all()
    assert "lamps of paper" not in shown(page_run)
    hidden = page_run.ranked.get(product__title="lamps of paper")
    assert hidden.removed_by == "near-duplicate"
    assert hidden.duplicate_of == Product.objects.get(title="paper lamps")
    assert "cheaper elsewhere: 12.00 EUR" in hidden.why


def test_a_run_ranks_a_branchs_pages_by_its_rules(ranked: Category, lighting: Category) -> None:
    live(lighting, merge_duplicates=False, out_of_stock="remove")
    page_run = rank_all()
    assert set(shown(page_run)) == {"brass lamps", "paper lamps", "lamps of paper"}
    gone = page_run.ranked.get(product__title="oak lamps")
    assert (gone.removed_by, gone.position) == ("out of stock", None)


def test_rules_change_what_a_ranking_follows_from(ranked: Category, lighting: Category) -> None:
    before = rank_all().input_hash
    assert rank_all().input_hash == before
    live(lighting, band=0.2)
    assert rank_all().input_hash != before


def preview(branch: Category | None, **values: Any) -> dict[str, Any]:
    asked = preview_rules(branch, values, by=None)
    answer_rules(asked.pk)
    asked.refresh_from_db()
    assert asked.error == ""
    found: dict[str, Any] = asked.answer
    return found


def test_a_preview_says_what_would_change_and_why(ranked: Category, lighting: Category) -> None:
    page_run = rank_all()
    found = preview(lighting, out_of_stock="remove", merge_duplicates=False)
    assert (found["pages"], found["of"], found["changed"]) == (1, 1, 1)
    assert (found["leave"], found["enter"], found["top_changed"]) == (1, 1, 1)
    [leaves], [enters] = found["examples"]["leave"], found["examples"]["enter"]
    assert leaves["product"] == Product.objects.get(title="oak lamps").pk
    assert (leaves["why"], leaves["after"]) == ("It is out of stock.", None)
    assert enters["product"] == Product.objects.get(title="lamps of paper").pk
    assert enters["before"] is None
    assert shown(page_run) == shown(rank_all())  # nothing was saved


def test_what_a_preview_foretells_is_what_the_next_run_shows(
    ranked: Category, lighting: Category
) -> None:
    values: dict[str, Any] = {"merge_duplicates": False, "out_of_stock": "remove"}
    before = shown(rank_all())
    found = preview(lighting, **values)
    live(lighting, **values)
    after = shown(rank_all())
    assert found["leave"] == len(set(before) - set(after))
    assert found["enter"] == len(set(after) - set(before))


def test_a_preview_of_what_is_live_changes_nothing(ranked: Category) -> None:
    rank_all()
    found = preview(None, minimum_confidence=0)
    assert (found["changed"], found["most"]) == (0, [])


def test_a_preview_leaves_a_branch_below_its_own_rules(
    ranked: Category, lighting: Category
) -> None:
    rank_all()
    live(ranked, out_of_stock="ignore")
    assert preview(lighting, out_of_stock="remove")["changed"] == 0


def test_a_preview_names_pages_that_would_be_empty(ranked: Category) -> None:
    rank_all()
    Product.objects.update(availability="out_of_stock")
    found = preview(None, out_of_stock="remove", minimum_confidence=0)
    assert found["relaxed"] == [ranked.pk]


def test_a_preview_of_a_branch_that_was_never_ranked_says_so(lighting: Category) -> None:
    asked = preview_rules(lighting, {"band": 0.2}, by=None)
    answer_rules(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error[:27]) == ("failed", "No page of this branch has ")


def test_a_sample_of_many_pages_is_said_to_be_one(
    monkeypatch: pytest.MonkeyPatch, ranked: Category, lighting: Category
) -> None:
    monkeypatch.setattr("ranking.actions.answer_rules.MOST", 2)
    pages = [make_category(f"Lamps {n}", lighting, is_page=True) for n in range(4)]
    run = start_run(here=True)
    while work(run.pk):
        pass
    found = preview(lighting, band=0.2)
    assert (found["pages"], found["of"]) == (2, len(pages) + 1)


def test_a_preview_is_rung_for_and_forgotten_after_a_day(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    bells: list[int] = []
    monkeypatch.setattr("ranking.actions.preview_rules.ring_for_rules_preview", bells.append)
    with django_capture_on_commit_callbacks(execute=True):
        asked = preview_rules(None, {"band": 0.2}, by=None)
    assert bells == [asked.pk]
    RulesPreview.objects.update(asked_at=timezone.now() - timedelta(days=2))
    sweep_rules_previews()
    assert not RulesPreview.objects.exists()


def test_what_closes_up_where_another_leaves_has_not_moved() -> None:
    page = page_of(Candidate(0.6, stock=False), Candidate(0.99, unseen=60), Candidate(0.9))
    before, _ = apply_rules(page, Options())
    after, _ = apply_rules(page, replace(Options(), out_of_stock="remove"))
    change = Change(7, before, after, "")
    assert [kind for kind, _ in change.examples()] == ["leave"]
    assert (change.figures()["leave"], change.figures()["move"]) == (1, 0)
