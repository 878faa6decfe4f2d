"""A worker at a run: from rows to rankings, and what happens when something goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from ranking.actions import cancel_run, resume_run, start_run
from ranking.actions.jobs import abandoned_jobs
from ranking.actions.rank import work
from ranking.models import Comparison, PageRun, RankedProduct, Run, State
from ranking.pipeline.data import PageRanking
from ranking.queries.inputs import Snapshot, snapshot
from ranking.queries.ledger import progress
from taxonomy.models import Category, Product
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

Rank = Callable[[Snapshot, Sequence[int]], Iterator[PageRanking]]


@pytest.fixture(autouse=True)
def quick_encoder(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> WordEncoder:
    encoder = WordEncoder()
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: encoder)
    snapshot.cache_clear()
    return encoder


@pytest.fixture
def lamps() -> Category:
    page = make_category("Lamps", is_page=True)
    for title in ("brass lamp", "oak lamp", "paper lamp"):
        make_product(title, filed_under=page)
    return page


@pytest.fixture
def mugs() -> Category:
    page = make_category("Mugs", is_page=True)
    make_product("stone mug", filed_under=page)
    return page


def finish(run: Run) -> Run:
    while work(run.pk):
        pass
    run.refresh_from_db()
    return run


def titles(page: Category, first: int = 48) -> set[str]:
    shown = RankedProduct.objects.filter(page_run__page=page, position__lte=first)
    return set(shown.values_list("product__title", flat=True))


def break_page(monkeypatch: pytest.MonkeyPatch, page: Category) -> None:
    """Let the ranking of this page raise, as a bug in a stage would."""
    rank: Rank = Snapshot.rank

    def broken(self: Snapshot, pages: Sequence[int]) -> Iterator[PageRanking]:
        for ranking in rank(self, pages):
            if ranking.page == page.pk:
                raise ZeroDivisionError("no prices at all")
            yield ranking

    monkeypatch.setattr(Snapshot, "rank", broken)


def test_a_run_ranks_its_pages(lamps: Category, mugs: Category) -> None:
    run = finish(start_run(here=True))
    assert run.state == State.DONE
    assert titles(lamps, first=3) == {"brass lamp", "oak lamp", "paper lamp"}
    assert titles(mugs, first=1) == {"stone mug"}
    part = PageRun.objects.get(page=lamps)
    assert part.shown == len(titles(lamps))
    assert part.input_hash


def test_every_candidate_is_either_shown_or_removed_with_its_reason(lamps: Category) -> None:
    make_product("paper lamp from last year", filed_under=lamps, last_seen=_days_ago(300))
    finish(start_run(here=True))
    gone = RankedProduct.objects.get(position=None)
    assert gone.product.title == "paper lamp from last year"
    assert gone.removed_by
    assert "300 days" in gone.why


def test_equal_inputs_give_equal_rankings(lamps: Category, mugs: Category) -> None:
    def ranked() -> list[tuple[object, ...]]:
        run = finish(start_run(here=True))
        rows = RankedProduct.objects.filter(page_run__run=run).order_by("page_run__page", "product")
        return list(
            rows.values_list("product", "position", "score", "confidence", "page_run__input_hash")
        )

    assert ranked() == ranked()


def test_a_changed_product_changes_the_input_hash_of_its_page_alone(
    lamps: Category, mugs: Category
) -> None:
    def hashes() -> dict[int, str]:
        run = finish(start_run(here=True))
        return dict(run.page_runs.values_list("page", "input_hash"))

    before = hashes()
    make_judgment(lamps, Product.objects.get(title="oak lamp"), 0)
    after = hashes()
    assert before[lamps.pk] != after[lamps.pk]
    assert before[mugs.pk] == after[mugs.pk]


def test_a_second_run_encodes_nothing_twice(lamps: Category, quick_encoder: WordEncoder) -> None:
    finish(start_run(here=True))
    read: list[str] = []
    encode = quick_encoder.texts
    quick_encoder.texts = lambda lines: (read.extend(lines), encode(lines))[1]  # type: ignore[func-returns-value, method-assign]
    make_product("glass lamp", filed_under=lamps)
    finish(start_run(here=True))
    assert read == ["glass lamp."]


def test_one_bad_page_does_not_stop_the_others(
    lamps: Category, mugs: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_page(monkeypatch, lamps)
    run = finish(start_run(here=True))
    assert run.state == State.DONE
    assert "stone mug" in titles(mugs)
    bad = PageRun.objects.get(page=lamps)
    assert (bad.state, bad.error) == (State.FAILED, "ZeroDivisionError: no prices at all")


def test_a_page_that_failed_can_be_ranked_again(lamps: Category) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        break_page(monkeypatch, lamps)
        run = finish(start_run(here=True))
    assert run.state == State.FAILED
    assert finish(resume_run(run, here=True)).state == State.DONE
    assert titles(lamps)


def test_a_category_retired_in_mid_run_fails_alone_and_says_so(
    lamps: Category, mugs: Category
) -> None:
    run = start_run(here=True)
    work(run.pk)  # the preparation
    Category.objects.filter(pk=lamps.pk).update(retired_at=timezone.now())
    assert finish(run).state == State.DONE
    assert PageRun.objects.get(page=lamps).error == "The category was retired."
    assert "stone mug" in titles(mugs)


def test_a_run_that_is_cancelled_between_two_pages_keeps_the_first(
    lamps: Category, mugs: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    rank: Rank = Snapshot.rank

    def cancelled_after_one(self: Snapshot, pages: Sequence[int]) -> Iterator[PageRanking]:
        for ranking in rank(self, pages):
            cancel_run(run, by=None)
            yield ranking

    monkeypatch.setattr(Snapshot, "rank", cancelled_after_one)
    run = start_run(here=True)
    assert finish(run).state == State.CANCELLED
    assert (progress(run).done, progress(run).cancelled) == (1, 1)


def test_a_worker_told_to_stop_gives_its_pages_back_at_once(
    lamps: Category, mugs: Category
) -> None:
    run = start_run(here=True)
    work(run.pk)
    assert not work(run.pk, stopping=lambda: True)
    assert (progress(run).done, progress(run).waiting) == (1, 1)
    assert finish(run).state == State.DONE


def test_a_worker_told_to_stop_while_it_prepares_gives_the_run_back(lamps: Category) -> None:
    run = start_run(here=True)
    assert not work(run.pk, stopping=lambda: True)
    assert finish(run).state == State.DONE


def test_a_run_that_cannot_be_prepared_ends_with_the_reason(
    lamps: Category, quick_encoder: WordEncoder
) -> None:
    def full_disk(_: object) -> None:
        raise OSError(28, "No space left on device")

    quick_encoder.texts = full_disk  # type: ignore[method-assign, assignment]
    run = finish(start_run(here=True))
    assert run.state == State.FAILED
    assert "No space left on device" in run.error


def test_a_run_whose_blend_was_lost_ends_with_the_reason(lamps: Category, tmp_path: Path) -> None:
    run = start_run(here=True)
    work(run.pk)  # the preparation
    shutil.rmtree(tmp_path / "models")
    assert finish(run).state == State.FAILED
    assert "No such file" in run.error
    assert PageRun.objects.get(page=lamps).error == run.error


def test_a_run_that_is_gone_or_over_is_left_alone(lamps: Category) -> None:
    run = finish(start_run(here=True))
    assert not work(run.pk)
    assert not work(run.pk + 1)


def test_the_command_says_what_became_of_the_run(
    lamps: Category, mugs: Category, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rank", here=True)
    assert "2 of 2 pages ranked" in capsys.readouterr().out


def test_without_a_worker_the_command_measures_the_gate_too(lamps: Category) -> None:
    call_command("rank", here=True)
    comparison = Comparison.objects.get()
    assert comparison.run == Run.objects.get()
    assert comparison.state == State.DONE
    assert not abandoned_jobs()


def test_the_command_ranks_the_pages_it_is_given(
    lamps: Category, mugs: Category, tmp_path: Path
) -> None:
    listed = tmp_path / "pages.txt"
    listed.write_text(f"# mine\n{mugs.pk} - Mugs\n")
    call_command("rank", pages=[str(listed)], here=True)
    assert not titles(lamps)
    assert titles(mugs)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "takes ids or a file"), (b"# none yet\n", "No line of .* begins with the id")],
)
def test_a_list_of_pages_that_names_none_is_told_in_a_sentence(
    content: bytes, sentence: str, lamps: Category, tmp_path: Path
) -> None:
    listed = tmp_path / "pages.txt"
    listed.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("rank", pages=[str(listed)], here=True)


def test_the_command_tells_when_there_is_nothing_to_rank() -> None:
    with pytest.raises(CommandError, match="No page is switched on"):
        call_command("rank", here=True)


def test_the_command_tells_when_there_is_no_such_run() -> None:
    with pytest.raises(CommandError, match="There is no run 7"):
        call_command("rank", resume=7, here=True)


def test_the_command_fails_with_the_reason_when_its_run_does(
    lamps: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_page(monkeypatch, lamps)
    with pytest.raises(CommandError, match="failed"):
        call_command("rank", here=True)


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
