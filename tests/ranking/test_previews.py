"""What texts would change before they are saved: asked by people, answered by a worker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ranking.actions import start_run
from ranking.actions.answer import answer, bench
from ranking.actions.pair_texts import BadText, NotSiblings
from ranking.actions.preview import ask_preview, sweep_previews
from ranking.actions.rank import work
from ranking.models import ConfusedPair, Preview
from ranking.pipeline.disambiguate import Head
from ranking.queries.inputs import snapshot
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Product
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> list[int]:
    """A quick encoder, a wide gate, and the numbers of the previews that were rung for."""
    settings.DATA = tmp_path
    for place in ("prepare", "answer"):
        monkeypatch.setattr(f"ranking.actions.{place}.the_encoder", lambda *_: WordEncoder())
    monkeypatch.setattr("ranking.actions.prepare.learn_head", lambda *_: Head(gate=4.0))
    bells: list[int] = []
    monkeypatch.setattr("ranking.actions.preview.ring_for_preview", bells.append)
    snapshot.cache_clear()
    bench.cache_clear()
    return bells


@pytest.fixture
def pair() -> tuple[Category, Category]:
    """Lamps and candles, ranked; "lamp candle set" stands between them."""
    lighting = make_category("lighting", id=1)
    pages = [make_category(name, parent=lighting, is_page=True) for name in ("lamp", "candle")]
    for page in pages:
        for kind in ("brass", "oak", "paper"):
            make_product(f"{page.name} of {kind}", filed_under=page)
    make_product("lamp candle set", filed_under=pages[0])
    rank()
    return pages[0], pages[1]


def rank() -> None:
    run = start_run(here=True)
    while work(run.pk):
        pass


def between() -> Product:
    return Product.objects.get(title="lamp candle set")


def asked(pair: tuple[Category, Category], first: str, second: str = "") -> Preview:
    preview = ask_preview(*pair, first, second, by=None)
    answer(preview.pk)
    preview.refresh_from_db()
    assert preview.error == ""
    return preview


def test_a_preview_is_a_row_and_then_a_bell(
    pair: tuple[Category, Category],
    rung: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        preview = ask_preview(*pair, "lamp", "", by=None)
    assert rung == [preview.pk]
    assert preview.state == "waiting"


def test_texts_as_they_are_live_would_move_nothing(pair: tuple[Category, Category]) -> None:
    found = asked(pair, "").answer
    assert (found["moved"], found["sides"]["then"]) == (0, found["sides"]["today"])
    write_revision(*pair, "candle set", based_on=0, live=True, by=None)
    rank()
    assert asked(pair, "candle set").answer["moved"] == 0


def test_a_text_moves_what_it_speaks_for_and_says_where_to(
    pair: tuple[Category, Category],
) -> None:
    confused = ConfusedPair.objects.get()
    today = confused.fence.get(product=between()).margin
    other_side = (pair[1], "second") if today > 0 else (pair[0], "first")
    texts = {"first": "", "second": ""} | {other_side[1]: "lamp candle set"}
    found = asked(pair, texts["first"], texts["second"]).answer
    assert (found["moved"], found["unjudged"]) == (1, 1)
    moving = [row for side in ("first", "second") for row in found[side] if row[0] == between().pk]
    [(_, then_today, then, truth)] = moving
    assert then_today == pytest.approx(today, abs=1e-3)
    assert (then > 0) is not (today > 0)
    assert truth == 0


def test_a_preview_tells_what_the_next_run_will_find(pair: tuple[Category, Category]) -> None:
    told = {row[0]: row[2] for row in listed(asked(pair, "candle set", "with wax"))}
    for one, other, text in ((*pair, "candle set"), (*pair[::-1], "with wax")):
        write_revision(one, other, text, based_on=0, live=True, by=None)
    rank()
    found = dict(ConfusedPair.objects.get().fence.values_list("product", "margin"))
    assert {pk: found[int(pk)] for pk in told} == pytest.approx(told, abs=2e-3)


def listed(preview: Preview) -> list[list[float]]:
    rows: list[list[float]] = preview.answer["first"] + preview.answer["second"]
    return rows


def test_a_move_is_right_or_wrong_by_what_people_judged(pair: tuple[Category, Category]) -> None:
    today = ConfusedPair.objects.get().fence.get(product=between()).margin > 0
    text = ("", "lamp candle set") if today else ("lamp candle set", "")
    assert asked(pair, *text).answer["unjudged"] == 1
    make_judgment(pair[1] if today else pair[0], between(), 3, who="Ann")
    found = asked(pair, *text).answer
    assert (found["right"], found["wrong"], found["unjudged"]) == (1, 0, 0)
    assert (found["errors_before"], found["errors_after"]) == (1, 0)
    for who in ("Ben", "Cleo"):
        make_judgment(pair[0] if today else pair[1], between(), 3, who=who)
    found = asked(pair, *text).answer
    assert (found["right"], found["wrong"]) == (0, 1)
    assert (found["errors_before"], found["errors_after"]) == (0, 1)


def test_the_order_in_which_the_two_are_named_does_not_matter(
    pair: tuple[Category, Category],
) -> None:
    one = asked(pair, "lamp shade", "wax").answer
    other = asked(pair[::-1], "wax", "lamp shade").answer
    assert one | {"seconds": 0} == other | {"seconds": 0}


def test_two_siblings_that_no_run_found_confused_get_their_fence_when_asked(
    pair: tuple[Category, Category],
) -> None:
    ConfusedPair.objects.all().delete()
    found = asked(pair, "")
    assert found.answer["products"] == 7
    made = ConfusedPair.objects.get()
    assert (made.weight, made.share) == (0, 0)
    bench.cache_clear()
    assert asked(pair, "").answer["products"] == 7
    assert ConfusedPair.objects.count() == 1


def test_without_any_run_a_preview_says_what_to_do() -> None:
    lighting = make_category("lighting")
    pair = [make_category(name, parent=lighting) for name in ("lamp", "candle")]
    preview = ask_preview(pair[0], pair[1], "lamp", "", by=None)
    answer(preview.pk)
    preview.refresh_from_db()
    assert preview.state == "failed"
    assert "Start a run first" in preview.error


def test_a_fault_in_the_worker_is_told_and_not_waited_for(
    pair: tuple[Category, Category], monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = ask_preview(*pair, "lamp", "", by=None)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ranking.actions.answer.confused_pair", broken)
    answer(preview.pk)
    preview.refresh_from_db()
    assert preview.state == "failed"
    assert "could not be worked out" in preview.error


def test_a_bell_that_rings_twice_is_answered_once(pair: tuple[Category, Category]) -> None:
    preview = asked(pair, "lamp")
    first = preview.answered_at
    answer(preview.pk)
    preview.refresh_from_db()
    assert preview.answered_at == first


def test_texts_that_could_not_be_saved_are_not_previewed(pair: tuple[Category, Category]) -> None:
    with pytest.raises(BadText, match="lamp: Line 1 is longer"):
        ask_preview(*pair, "x" * 301, "", by=None)
    with pytest.raises(NotSiblings):
        ask_preview(pair[0], make_category("elsewhere"), "", "", by=None)
    assert not Preview.objects.exists()


def test_previews_are_kept_for_a_day(pair: tuple[Category, Category]) -> None:
    old, new = (ask_preview(*pair, text, "", by=None) for text in ("one", "two"))
    Preview.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(hours=25))
    sweep_previews()
    assert list(Preview.objects.all()) == [new]
