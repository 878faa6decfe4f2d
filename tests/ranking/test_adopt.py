"""Which version of what is learned runs use: who says so, when two say so, and what cannot be."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from ranking.actions import start_run
from ranking.actions.adopt import DecidedMeanwhile, NotReady, adopt
from ranking.actions.ask_training import ask_for_training
from ranking.actions.job_pieces import work_here
from ranking.actions.rank import work
from ranking.models import LEFT_OUT, Adoption, Kind, PageRun, Run, State, Training
from ranking.queries.inputs import snapshot
from ranking.queries.learned import adopted, adoption, unusable
from tests.encoders import WordEncoder
from tests.factories import make_category, make_product, make_user
from tests.ranking.trainings import make_version

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def say(training: Training | None, kind: Kind = Kind.BLEND) -> Adoption:
    """Return the word of somebody who saw the newest one."""
    newest = adoption(kind)
    return adopt(kind, training, by=None, based_on=newest.pk if newest else None)


# Who said what


def test_the_newest_word_counts_and_none_is_forgotten() -> None:
    first, second = make_version(), make_version()
    tomas = make_user("taxonomists")
    said = adopt(Kind.BLEND, first, by=tomas, based_on=None)
    assert (adopted(Kind.BLEND), said.by) == (first, tomas)
    for training in (second, first, None):
        say(training)
        assert adopted(Kind.BLEND) == training
    words = Adoption.objects.order_by("id").values_list("training", flat=True)
    assert list(words) == [first.pk, second.pk, first.pk, None]


def test_the_same_word_again_is_the_word_that_stands() -> None:
    version = make_version()
    assert say(version) == say(version)
    assert adopt(Kind.BLEND, version, by=None, based_on=12345) == adoption(Kind.BLEND)
    assert Adoption.objects.count() == 1


def test_the_two_kinds_are_switched_apart() -> None:
    blend, reranker = make_version(), make_version(Kind.RERANKER)
    say(blend)
    say(reranker, Kind.RERANKER)
    assert (adopted(Kind.BLEND), adopted(Kind.RERANKER)) == (blend, reranker)


def test_whoever_has_not_seen_the_newest_word_is_told_it() -> None:
    first, second = make_version(), make_version()
    said = say(first)
    for seen in (None, said.pk + 1000):
        with pytest.raises(DecidedMeanwhile) as told:
            adopt(Kind.BLEND, second, by=None, based_on=seen)
        assert told.value.newest == said
    assert adopted(Kind.BLEND) == first


@pytest.mark.parametrize("before", [False, True], ids=["the first word", "a later word"])
@pytest.mark.django_db(transaction=True)
def test_of_two_words_at_the_same_moment_one_counts_and_the_other_hears_it(before: bool) -> None:
    based_on = say(make_version()).pk if before else None
    mine, theirs = make_version(), make_version()
    outcomes = at_once([mine, theirs], based_on)
    [refused] = [one for one in outcomes if isinstance(one, DecidedMeanwhile)]
    [said] = [one for one in outcomes if isinstance(one, Adoption)]
    assert refused.newest == said == adoption(Kind.BLEND)


@pytest.mark.django_db(transaction=True)
def test_the_same_word_of_two_at_the_same_moment_is_one_word() -> None:
    version = make_version()
    assert at_once([version] * 3, None) == [Adoption.objects.get()] * 3


def at_once(trainings: list[Training], based_on: int | None) -> list[object]:
    """What comes of words that people who saw the same say at the same moment."""
    gate = threading.Barrier(len(trainings))
    outcomes: list[object] = []

    def click(training: Training) -> None:
        gate.wait(10)
        try:
            outcomes.append(adopt(Kind.BLEND, training, by=None, based_on=based_on))
        except DecidedMeanwhile as told:
            outcomes.append(told)
        connections.close_all()

    clicks = [threading.Thread(target=click, args=(training,)) for training in trainings]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    return outcomes


# What cannot be used


def refused(training: Training, kind: Kind | None = None) -> str:
    """Why the version is not taken; nothing is said then."""
    with pytest.raises(NotReady) as told:
        adopt(kind or Kind(training.kind), training, by=None, based_on=None)
    assert not Adoption.objects.exists()
    return str(told.value)


@pytest.mark.parametrize("state", [state for state in State if state != State.DONE])
def test_what_has_not_come_to_its_end_is_not_taken(state: State) -> None:
    assert "is not ready" in refused(make_version(state=state))


def test_a_version_of_the_other_kind_is_not_taken() -> None:
    assert "is no cross-encoder" in refused(make_version(), Kind.RERANKER)


def test_what_was_no_better_than_nothing_is_not_taken() -> None:
    left_out = make_version(Kind.RERANKER, chosen=LEFT_OUT)
    assert "not better than doing without it" in refused(left_out)


def test_a_version_whose_files_are_gone_is_not_taken(tmp_path: Path) -> None:
    version = make_version()
    assert not unusable(version)
    (tmp_path / "models" / version.made["file"]).unlink()
    assert version.made["file"] in refused(version)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_version_that_names_no_files_is_not_taken(kind: Kind) -> None:
    assert "it names no" in refused(make_version(kind, made={"vectors": "seestocks-minilm"}))


def test_a_blend_of_other_signals_is_not_taken() -> None:
    version = make_version()
    version.made |= {"signals": ["text_fit", "phase_of_the_moon"]}
    assert "other signals" in refused(version)


def test_a_blend_learned_with_another_encoder_is_not_taken(settings: Settings) -> None:
    version = make_version()
    settings.SEESTOCKS_ENCODER = "ViT-B-32"
    assert "another encoder" in refused(version)


def test_a_cross_encoder_that_sees_no_pictures_goes_with_any_encoder(settings: Settings) -> None:
    blind = make_version(Kind.RERANKER, card={"picture": "none"})
    seeing = make_version(Kind.RERANKER, card={"picture": "token"})
    settings.SEESTOCKS_ENCODER = "ViT-B-32"
    assert unusable(blind) == ""
    assert "another encoder" in unusable(seeing)


# Runs


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = WordEncoder()
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: encoder)
    snapshot.cache_clear()
    page = make_category("Lamps", is_page=True)
    for title in ("brass lamp", "oak lamp", "paper lamp"):
        make_product(title, filed_under=page)


def learn_version() -> Training:
    training = ask_for_training(Kind.BLEND, here=True)
    while work_here(training):
        pass
    training.refresh_from_db()
    assert training.state == State.DONE, training.error
    return training


def ranked() -> Run:
    run = start_run(here=True)
    while work(run.pk):
        pass
    run.refresh_from_db()
    assert run.state == State.DONE
    assert PageRun.objects.get(run=run).shown
    return run


@pytest.mark.usefixtures("shop")
def test_a_run_names_the_version_that_it_used_and_uses_no_other_one_when_it_is_gone_back_to() -> (
    None
):
    assert "version" not in ranked().blend
    version = learn_version()
    say(version)
    assert (run := ranked()).blend["version"] == version.pk
    assert run.blend["notes"] == []
    say(None)
    assert "version" not in ranked().blend


@pytest.mark.usefixtures("shop")
def test_a_run_learns_its_own_blend_when_the_adopted_ones_files_are_gone_and_says_so(
    tmp_path: Path,
) -> None:
    version = learn_version()
    say(version)
    shutil.rmtree(tmp_path / "models")
    run = ranked()
    assert "version" not in run.blend
    [note] = run.blend["notes"]
    assert version.made["file"] in note


@pytest.mark.usefixtures("shop")
def test_a_run_does_without_a_cross_encoder_whose_files_are_gone_and_says_so(
    tmp_path: Path,
) -> None:
    reranker = make_version(Kind.RERANKER)
    say(reranker, Kind.RERANKER)
    shutil.rmtree(tmp_path / "models")
    run = ranked()
    assert (run.settings["reranker"], run.blend["reranker"]) == (reranker.pk, None)
    assert f"cross-encoder {reranker.pk} are gone" in run.blend["notes"][0]
    blend = ask_for_training(Kind.BLEND, here=True)
    assert blend.settings["reranker"] is None
