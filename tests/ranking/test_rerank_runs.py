"""Runs with a cross-encoder: it reads what is new, and a broken one is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from ranking.actions import start_run
from ranking.actions.adopt import adopt
from ranking.actions.forget_scores import forget_scores
from ranking.actions.rank import work
from ranking.learning.reranker.held_out import save
from ranking.models import Kind, RankedProduct, Run, State, Training
from ranking.pipeline.data import Floats
from ranking.pipeline.rerank import reader as readers
from ranking.pipeline.rerank.batches import read_pairs
from ranking.pipeline.rerank.reader import HELD_OUT, HeldOut, learned_digest
from ranking.pipeline.rerank.tokens import TokenIds
from ranking.queries import cross_encoders
from ranking.queries.cross_encoders import kept_tokens
from ranking.queries.inputs import load_catalogue, snapshot
from ranking.queries.readers import load_reader, product_texts
from ranking.vectors import VectorStore
from taxonomy.models import Category
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product, make_text
from tests.ranking.readers import make_model
from tests.ranking.shelves import make_shelf

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def fresh_worker(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    """Let each test have a worker that has loaded nothing yet, and data of its own."""
    settings.DATA = tmp_path
    encoder = WordEncoder()
    for module in ("evaluate", "prepare"):
        monkeypatch.setattr(f"ranking.actions.{module}.the_encoder", lambda *_: encoder)
    snapshot.cache_clear()
    cross_encoders.loaded.cache_clear()
    yield
    cross_encoders.loaded.cache_clear()


@pytest.fixture
def lamps() -> Category:
    page = make_category("Lamps", is_page=True)
    for title in ("brass lamp", "oak lamp", "paper lamp"):
        make_product(title, filed_under=page, attributes={"color": f"as {title.split()[0]}"})
    return page


@pytest.fixture
def version(tmp_path: Path) -> Training:
    """Return a version of the cross-encoder that runs use."""
    folder = tmp_path / "models" / "reranker-1"
    make_model(tmp_path / "bert").save(folder)
    nobody = np.empty(0, np.int64)
    save(HeldOut(nobody, nobody, np.empty(0)), folder / HELD_OUT)
    training = Training.objects.create(
        kind=Kind.RERANKER,
        state=State.DONE,
        chosen="graded",
        made={"folder": folder.name, "digest": learned_digest(folder)},
    )
    adopt(Kind.RERANKER, training, by=None, based_on=None)
    return training


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many products were read each time that the model was asked."""
    counts: list[int] = []

    def counted(
        model: object, page: list[int], products: TokenIds, *pictures: Floats | None
    ) -> object:
        counts.append(len(products))
        return read_pairs(model, page, products, *pictures)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(readers, "read_pairs", counted)
    return counts


def finished() -> Run:
    """Return a run after all of its pieces."""
    run = start_run(here=True)
    while work(run.pk):
        pass
    run.refresh_from_db()
    return run


def said(run: Run) -> dict[str, float]:
    rows = RankedProduct.objects.filter(page_run__run=run).select_related("product")
    return {row.product.title: row.signals["reranked"] for row in rows}


def test_a_run_reads_with_the_version_in_use(lamps: Category, version: Training) -> None:
    run = finished()
    assert (run.state, run.blend["reranker"]) == (State.DONE, version.pk)
    assert len(set(said(run).values())) == 3


def test_a_run_without_a_version_reads_nothing(lamps: Category, read: list[int]) -> None:
    assert set(said(finished()).values()) == {None}
    assert read == []


def test_a_second_run_reads_only_what_is_new(
    lamps: Category, version: Training, read: list[int]
) -> None:
    before = said(finished())
    assert sum(read) == 3
    assert said(finished()) == before
    assert sum(read) == 3
    make_product("glass lamp", filed_under=lamps)
    after = said(finished())
    assert sum(read) == 4
    assert {title: after[title] for title in before} == before


def test_a_page_is_read_again_once_somebody_wrote_about_it(
    lamps: Category, version: Training, read: list[int]
) -> None:
    before = said(finished())
    make_text(lamps, None, "stands on a table")
    assert said(finished()) != before
    assert sum(read) == 6


def test_titles_are_cut_into_tokens_before_pages_are_ranked(
    lamps: Category, version: Training
) -> None:
    finished()
    kept = kept_tokens(version.pk)
    lines = list(product_texts(timezone.now()))
    assert len(lines) == 3
    assert "color: as brass" in lines[0]
    assert not kept.store.missing(kept.keys(lines)).size


def test_products_are_read_as_they_are_kept(lamps: Category, tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "none", 4)
    assert load_catalogue(store, timezone.now()).details == [
        "color: as brass",
        "color: as oak",
        "color: as paper",
    ]
    assert load_catalogue(store, timezone.now(), details=False).details == []
    nobody = load_catalogue(store, datetime(2000, 1, 1, tzinfo=UTC))
    assert nobody.details == []


def test_a_damaged_version_fails_the_run_before_any_page(
    lamps: Category, version: Training, tmp_path: Path
) -> None:
    (tmp_path / "models" / "reranker-1" / "model.safetensors").write_bytes(b"half")
    run = finished()
    assert run.state == State.FAILED
    assert "The cross-encoder in " in run.error
    assert not RankedProduct.objects.exists()


@pytest.mark.parametrize("file", ["model.safetensors", "reading.json", "held_out.npz"])
def test_a_version_with_a_changed_or_missing_file_is_refused_in_a_sentence(
    lamps: Category, version: Training, tmp_path: Path, file: str
) -> None:
    path = tmp_path / "models" / "reranker-1" / file
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    run = finished()
    assert run.state == State.FAILED
    assert "The cross-encoder in " in run.error
    path.unlink()
    cross_encoders.loaded.cache_clear()
    assert "The cross-encoder in " in finished().error


def test_an_evaluation_with_a_damaged_version_ends_in_a_sentence(
    lamps: Category, version: Training, tmp_path: Path
) -> None:
    make_judgment(lamps, make_product("tin lamp"), 3)
    (tmp_path / "models" / "reranker-1" / "held_out.npz").unlink()
    with pytest.raises(CommandError, match=r"The cross-encoder in .* is damaged"):
        call_command("evaluate", "--leave-pages-out")


def test_no_version_is_no_reader() -> None:
    from ranking.pipeline.disambiguate import NO_TEXTS

    assert load_reader(None, make_shelf(), NO_TEXTS) is None


def test_scores_of_versions_that_nobody_uses_are_forgotten(
    lamps: Category, version: Training, tmp_path: Path
) -> None:
    finished()
    kept = tmp_path / "scores"
    (kept / "999").mkdir()
    under_way = start_run(here=True)
    [first] = version.adoptions.all()
    adopt(Kind.RERANKER, None, by=None, based_on=first.pk)
    forget_scores()
    assert [folder.name for folder in kept.iterdir()] == [str(version.pk)]
    while work(under_way.pk):
        pass
    forget_scores()
    assert not list(kept.iterdir())
