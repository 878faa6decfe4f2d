"""The command that says what texts are worth, and texts in a run."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from pytest_django import Settings

from ranking.actions import start_run
from ranking.actions.rank import work
from ranking.models import RankedProduct, Run
from ranking.queries.inputs import load_tree, snapshot, vector_store
from ranking.queries.texts import load_texts
from taxonomy.models import Category, Filing, Product
from tests.commands import run
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product, make_text

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


class EvenEncoder(WordEncoder):
    """All texts look the same to it, but for one word: only titles tell products apart."""

    name = "even"

    def texts(self, lines: Sequence[str]) -> NDArray[np.float32]:
        return super().texts([line if line == "shades" else "text" for line in lines])


@pytest.fixture(autouse=True)
def _quick_encoder(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    settings.DATA = tmp_path
    for module in ("evaluate", "evaluate_siblings", "prepare"):
        monkeypatch.setattr(f"ranking.actions.{module}.the_encoder", lambda *_: EvenEncoder())
    snapshot.cache_clear()
    yield
    snapshot.cache_clear()


@pytest.fixture
def lighting() -> Category:
    return make_category("Lighting")


@pytest.fixture
def lamps(lighting: Category) -> Category:
    return make_category("Lamps", lighting, is_page=True)


@pytest.fixture
def torches(lighting: Category) -> Category:
    return make_category("Torches", lighting, is_page=True)


@pytest.fixture
def things(lamps: Category, torches: Category) -> dict[Product, Category]:
    """Return six products that two words of their titles alone tell apart."""
    truth = {}
    for number in range(6):
        words, category = [("round shade", lamps), ("narrow beam", torches)][number % 2]
        truth[make_product(f"Thing {words}")] = category
    return truth


def write(file: Path, truth: dict[Product, Category], *more: str) -> Path:
    rows = [f"{product.offer_id},{category.pk}" for product, category in truth.items()]
    file.write_text("\n".join(["offer_id,category_id", *rows, *more]))
    return file


def test_texts_help_where_controls_do_not(
    tmp_path: Path, lamps: Category, torches: Category, things: dict[Product, Category]
) -> None:
    make_text(lamps, torches, "with a round shade")
    make_text(torches, lamps, "with a narrow beam")
    figures = run("evaluate_siblings", "--truth", write(tmp_path / "t.csv", things)).figures
    assert figures["products"] == 6
    assert figures["uncertain"] == 6
    assert figures["error_before"] == 0.5
    assert figures["error_after"] == 0
    assert figures["helped"] > 0 == figures["harmed"]
    assert set(figures["controls"]) == {"random_words", "shuffled", "templates"}
    assert min(figures["controls"].values()) > 0
    assert figures["controls"]["templates"] == 0.5


def test_without_texts_before_and_after_are_equal(
    tmp_path: Path, things: dict[Product, Category]
) -> None:
    figures = run("evaluate_siblings", "--truth", write(tmp_path / "t.csv", things)).figures
    assert figures["error_before"] == figures["error_after"]
    assert set(figures["controls"].values()) == {figures["error_before"]}


def test_nothing_is_learned_from_the_truths_products(
    tmp_path: Path, lamps: Category, torches: Category, things: dict[Product, Category]
) -> None:
    """Not even when they are filed and judged where they belong, or where they do not."""
    file = write(tmp_path / "t.csv", things)
    make_text(lamps, torches, "with a shade")
    before = run("evaluate_siblings", "--truth", file).figures
    for product, category in things.items():
        Filing.objects.create(product=product, category=category, source="feed")
        make_judgment(lamps, product, 3)
    assert run("evaluate_siblings", "--truth", file).figures == before


def test_a_packed_file_reads_the_same_and_bad_lines_are_named(
    tmp_path: Path, things: dict[Product, Category], lamps: Category
) -> None:
    plain = write(tmp_path / "t.csv", things)
    packed = tmp_path / "t.csv.gz"
    bad = ["nobody,1", f"{next(iter(things)).offer_id},{lamps.pk}", f"nobody,{lamps.pk}", "alone"]
    packed.write_bytes(gzip.compress(write(tmp_path / "b.csv", things, *bad).read_bytes()))
    ran = run("evaluate_siblings", "--truth", packed)
    assert ran.figures == run("evaluate_siblings", "--truth", plain).figures
    assert "4 lines were left out" in ran.told
    assert "line 8: There is no category 1." in ran.told
    assert "line 11" in ran.told


def test_under_takes_only_what_belongs_below(
    tmp_path: Path, things: dict[Product, Category], lighting: Category
) -> None:
    bags = make_category("Bags")
    things[make_product("Duffel")] = make_category("Duffel bags", bags)
    file = write(tmp_path / "t.csv", things)
    assert run("evaluate_siblings", "--truth", file).figures["products"] == 7
    under = run("evaluate_siblings", "--truth", file, "--under", lighting.pk)
    assert under.figures["products"] == 6
    with pytest.raises(CommandError, match="There is no category 1"):
        call_command("evaluate_siblings", "--truth", str(file), "--under", "1")


def test_a_file_of_strangers_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "t.csv", {}, "nobody,5")
    with pytest.raises(CommandError, match="None of the products"):
        call_command("evaluate_siblings", "--truth", str(file), stderr=io.StringIO())


def test_people_read_sentences(tmp_path: Path, things: dict[Product, Category]) -> None:
    out = io.StringIO()
    file = write(tmp_path / "t.csv", things)
    call_command("evaluate_siblings", "--truth", str(file), stdout=out)
    assert "6 products, of which" in out.getvalue()
    assert "With names in templates alone" in out.getvalue()


def finished() -> Run:
    """Return a run that has ranked all pages."""
    made = start_run(here=True)
    while work(made.pk):
        pass
    made.refresh_from_db()
    assert made.state == "done"
    return made


def moved(made: Run, page: Category, product: Product) -> float | None:
    """Return by how much texts moved the product to the page in that run."""
    row = RankedProduct.objects.get(page_run__run=made, page_run__page=page, product=product)
    value: float | None = row.signals["sibling_fit"]
    return value


def test_a_run_reads_the_texts_that_were_live_at_its_start(
    lamps: Category, torches: Category, things: dict[Product, Category]
) -> None:
    first, second = list(things)[:2]
    without = finished()
    assert moved(without, lamps, first) is None
    make_text(lamps, torches, "with a round shade")
    make_text(torches, lamps, "with a narrow beam")
    within = finished()
    towards, away = moved(within, lamps, first), moved(within, lamps, second)
    assert towards is not None
    assert away is not None
    assert towards > 0 > away
    hashes = [each.page_runs.get(page=lamps).input_hash for each in (without, within)]
    assert hashes[0] != hashes[1]
    make_text(lamps, torches, "")
    make_text(torches, lamps, "")
    assert finished().page_runs.get(page=lamps).input_hash == hashes[0]


def test_what_is_said_of_a_category_alone_is_among_its_prompts(
    lamps: Category, torches: Category, things: dict[Product, Category]
) -> None:
    store = vector_store(EvenEncoder.name, EvenEncoder.dimensions)
    make_text(lamps, None, "shades")
    finished()
    now, before = load_tree(store), load_tree(store, until=0)
    place = now.ids.tolist().index(lamps.pk)
    assert (now.text[place] != before.text[place]).any()
    other = now.ids.tolist().index(torches.pk)
    assert (now.text[other] == before.text[other]).all()
    texts = load_texts(store)
    assert texts.alone[lamps.pk].texts == ("shades",)
    assert texts.tell_apart(lamps.pk, torches.pk)
    assert texts.names[torches.pk].texts == ("Torches",)


def test_texts_of_retired_siblings_are_not_read(
    lamps: Category, torches: Category, things: dict[Product, Category]
) -> None:
    make_text(lamps, torches, "with a shade")
    Category.objects.filter(pk=torches.pk).update(retired_at="2024-01-01T00:00Z")
    assert not load_texts(vector_store(EvenEncoder.name, EvenEncoder.dimensions))
