"""What people are told of outliers: by the command, on a run, on what was removed and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from ranking.actions import start_run
from ranking.actions.evaluate_outliers import lines_of_outliers
from ranking.actions.rank import work
from ranking.models import RankedProduct
from ranking.queries.inputs import snapshot
from ranking.queries.oddities import oddity_lines, risk_words
from taxonomy.models import Category, Product
from tests.commands import run as command
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.conftest import text_of
from tests.ranking.rankings import make_ranking, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

GUARANTEED = {"kind": "guaranteed", "chance": 0.58, "asked": 0.05, "held": 0.05, "pages": 104}
ESTIMATED = {"kind": "estimated", "chance": 0.5, "asked": 0.05, "held": 0.24, "pages": 34}
ASSUMED = {"kind": "assumed", "chance": 0.65, "asked": 0.05, "held": None, "pages": 0}


@pytest.fixture
def quick_encoder(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    settings.DATA = tmp_path
    for module in ("evaluate", "prepare"):
        monkeypatch.setattr(f"ranking.actions.{module}.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()
    yield
    snapshot.cache_clear()


@pytest.fixture
def odd(pepper: Category) -> RankedProduct:
    """Return a product that was removed from its page as an outlier."""
    page_run = make_ranking(
        pepper, [], [make_product("Salt mill")], make_run(blend={"kind": "x", "risk": GUARANTEED})
    )
    ranked = page_run.products.get()
    ranked.removed_by, ranked.why = "outlier", "Its picture is unlike the others."
    ranked.chance_wrong, ranked.oddities = 0.61, {"picture": 0.9, "price": 0.01, "text": 0.3}
    ranked.save()
    return ranked


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        (GUARANTEED, "So at most 5 % of the products shown are wrong, on average over pages like"),
        (ESTIMATED, "An estimated 24 % of the products shown are wrong, by 34 judged pages; the 5"),
        (ESTIMATED | {"held": 0.04}, "too few to guarantee the 5 % that is put up with."),
        (ASSUMED, "Too little is judged to say what share of the products shown that leaves wrong"),
    ],
)
def test_a_run_says_what_share_of_wrong_products_it_leaves_and_how_that_is_known(
    risk: dict[str, object], said: str
) -> None:
    assert said in risk_words({"risk": risk}).replace("\N{NO-BREAK SPACE}", " ")


def test_a_run_of_before_says_nothing() -> None:
    assert risk_words({}) == ""


def test_the_oddest_is_named_first_and_what_is_hardly_odd_is_not(odd: RankedProduct) -> None:
    assert [(line.label, line.odd) for line in oddity_lines(odd)] == [
        ("Picture unlike the page's surest", 0.9),
        ("Text unlike the page's surest", 0.3),
    ]


def test_why_shows_how_likely_it_is_wrong_and_what_is_odd(
    merchandiser: Client, odd: RankedProduct
) -> None:
    page = text_of(merchandiser, reverse("page_why", args=(7, odd.product_id)))
    assert "removed: does not belong" in page
    assert "Chance of being wrong here" in page
    assert "Picture unlike" in page
    assert "90\N{NO-BREAK SPACE}%" in page
    assert "Price far from the usual" not in page


def test_what_was_removed_stands_under_what_that_promises(
    merchandiser: Client, odd: RankedProduct
) -> None:
    page = text_of(merchandiser, reverse("page_removed", args=(7,)))
    assert "at most 5\N{NO-BREAK SPACE}% of the products shown are wrong" in page
    assert "does not belong" in page
    run_page = text_of(merchandiser, reverse("run", args=(odd.page_run.run_id,)))
    assert "at most 5\N{NO-BREAK SPACE}% of the products shown are wrong" in run_page


@pytest.mark.usefixtures("quick_encoder")
def test_a_run_keeps_how_odd_each_product_is_and_what_its_cut_is_worth() -> None:
    lamps = make_category("lamp", is_page=True)
    for number in range(6):
        make_product(f"brass lamp {number}")
    done = start_run(here=True)
    while work(done.pk):
        pass
    done.refresh_from_db()
    assert done.blend["outliers"].startswith("outliers-")
    assert done.blend["risk"]["kind"] == "assumed"
    rows = RankedProduct.objects.filter(page_run__run=done, page_run__page=lamps)
    assert rows.count() == 6
    for row in rows:
        assert row.chance_wrong == pytest.approx(1 - row.confidence, abs=0.5)
        assert set(row.oddities) <= {"price", "picture", "text", "misfiled"}


@pytest.mark.usefixtures("quick_encoder")
def test_the_command_says_how_many_strangers_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.evaluate_outliers.DRAWS", 4)
    for name in ("lamp", "mug"):
        page = make_category(name, is_page=True)
        for number in range(12):
            make_judgment(page, make_product(f"{name} {number}"), 3)
    told = command("evaluate", "--outliers").figures
    assert told["pages"] == 2
    assert told["cut"]["kind"] == "assumed"
    siblings = [row for row in told["injected"] if row["kind"] == "siblings"]
    assert siblings[-1]["foreign"] > 0
    assert siblings[-1]["ap"]["chance_wrong"] > 0.5
    table = "\n".join(lines_of_outliers(told))
    assert "2 pages, 2 draws each; goes what is more than 65 % likely wrong (assumed)" in table
    assert "10 % siblings" in table
    assert "none to be found" in table


@pytest.mark.usefixtures("quick_encoder")
def test_without_right_products_there_is_nothing_to_measure() -> None:
    product: Product = make_product("brass lamp")
    make_judgment(make_category("lamp", is_page=True), product, 0)
    with pytest.raises(CommandError, match="No page has ten products"):
        command("evaluate", "--outliers")
