"""What people see of what is learned, and what they can do about it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from ranking.models import LEFT_OUT, Adoption, Kind, State, Training
from ranking.queries.learned import adopted
from taxonomy.templatetags.figures import moment
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.conftest import HTMX, text_of
from tests.ranking.trainings import make_version

pytestmark = pytest.mark.django_db

BINS = [
    {"confidence": 0.1, "share": 0.12, "low": 0.08, "high": 0.17, "count": 400},
    {"confidence": 0.8, "share": 0.7, "low": 0.6, "high": 0.79, "count": 600},
]
CARD = {
    "data": {"hash": "f3b1c0d2", "judged_products": 5712, "pages": 104, "families": 38},
    "seed": 7,
    "why": "On pages kept apart it is surely better.",
    "kinds": {
        "default": {"ndcg@10": {"mean": 0.901, "low": 0.88, "high": 0.92}, "brier": 0.161},
        "gain": {"ndcg@10": {"mean": 0.957, "low": 0.94, "high": 0.97}, "brier": 0.112},
    },
    "brier": 0.112,
    "ece": 0.0213,
    "reliability": BINS,
    "misfiled": {"asked": 5712, "brier": 0.0241, "ece": 0.0083, "reliability": BINS[:1]},
    "weights": {"text_fit": 0.71, "price_fit_rank": -0.02},
    "curves": {"fold 1": {"loss": [1.2, 0.8, 0.6]}},
    "something_new": {"of_tomorrow": 0.12345},
}


@pytest.fixture(autouse=True)
def _apart(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.jobs.ring", lambda _: None)


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


@pytest.fixture
def taxonomist(client: Client, tomas: User) -> Client:
    client.force_login(tomas)
    return client


def card_of(training: Training) -> str:
    return reverse("model", args=(training.pk,))


def models(client: Client) -> str:
    return text_of(client, reverse("models"))


def use(client: Client, training: Training | None, based_on: Adoption | None = None) -> Any:
    form = {
        "kind": Kind.BLEND,
        "training": training.pk if training else "",
        "based_on": based_on.pk if based_on else "",
    }
    return client.post(reverse("adopt_model"), form, follow=True)


# Before there is anything


def test_with_nothing_judged_it_says_what_to_do(taxonomist: Client) -> None:
    text = models(taxonomist)
    assert "Judge some products first" in text
    assert "Train a new version" not in text


def test_with_little_judged_it_says_how_much_it_takes(taxonomist: Client) -> None:
    make_judgment(make_category(is_page=True), make_product(), 3)
    text = models(taxonomist)
    assert "1 judgment on 1 page so far" in text
    assert "It takes about 300" in text
    assert "Train a new version" in text


# Training


def test_a_second_click_finds_the_training_of_the_first(taxonomist: Client, tomas: User) -> None:
    form = {"kind": "reranker", "token": str(uuid.uuid4())}
    first, second = (taxonomist.post(reverse("train_model"), form) for _ in range(2))
    training = Training.objects.get()
    assert first["Location"] == second["Location"] == card_of(training)
    assert (training.kind, training.asked_by) == (Kind.RERANKER, tomas)


@pytest.mark.parametrize("form", [{}, {"kind": "blend"}, {"kind": "oracle", "token": "x"}])
def test_a_form_that_is_not_whole_is_refused(taxonomist: Client, form: dict[str, str]) -> None:
    assert taxonomist.post(reverse("train_model"), form).status_code == 400
    assert not Training.objects.exists()


def test_a_training_shows_how_far_it_is_and_asks_for_itself(taxonomist: Client) -> None:
    training = make_version(
        state=State.RUNNING, finished_at=None, stage="Fold 3", stage_done=340, stage_total=1200
    )
    address = card_of(training)
    for text in (models(taxonomist), text_of(taxonomist, address)):
        assert "Fold 3: 340 of 1,200" in text
        assert f'hx-get="{address}"' in text
        assert reverse("cancel_training", args=(training.pk,)) in text
    part = text_of(taxonomist, address, **HTMX, **{"HX-Target": f"progress-{training.pk}"})
    assert part.lstrip().startswith("<section")
    assert "Fold 3: 340 of 1,200" in part


def test_when_a_training_ends_the_page_comes_anew(taxonomist: Client) -> None:
    training = make_version(card=CARD)
    headers = {**HTMX, "HX-Target": f"progress-{training.pk}"}
    assert taxonomist.get(card_of(training), headers=headers)["HX-Refresh"] == "true"


def test_a_training_is_cancelled_and_goes_on(taxonomist: Client) -> None:
    training = make_version(state=State.WAITING, finished_at=None)
    cancel = reverse("cancel_training", args=(training.pk,))
    text = taxonomist.post(cancel, follow=True).content.decode()
    assert "It was cancelled before it came to its end" in text
    assert "has already ended" in taxonomist.post(cancel, follow=True).content.decode()
    resume = reverse("resume_training", args=(training.pk,))
    assert resume in text
    assert "Waiting for a worker" in taxonomist.post(resume, follow=True).content.decode()


def test_what_has_ended_does_not_go_on(taxonomist: Client) -> None:
    done = make_version()
    resume = reverse("resume_training", args=(done.pk,))
    text = taxonomist.post(resume, follow=True).content.decode()
    assert f"Blend {done.pk} had come to its end already." in text
    assert "It goes on" not in text
    done.refresh_from_db()
    assert done.state == State.DONE


def test_what_went_wrong_is_told_on_the_list_and_on_the_card(taxonomist: Client) -> None:
    failed = make_version(state=State.FAILED, error="No page was judged.")
    assert "No page was judged." in models(taxonomist)
    assert "It could not be learned: No page was judged." in text_of(taxonomist, card_of(failed))


# The card


def test_a_card_says_what_was_chosen_among_what_and_why(taxonomist: Client) -> None:
    text = text_of(taxonomist, card_of(make_version(chosen="gain", card=CARD)))
    for expected in (
        "Trees that add up the gain of each grade",
        "On pages kept apart it is surely better.",
        "0.957",
        "0.940 to 0.970",
        "Default weights",
        "0.901",
        "5,712 on 104 pages",
        "f3b1c0d2",
    ):
        assert expected in text
    assert text.count('class="chip accent">chosen') == 1


def test_a_card_of_a_cross_encoder_tells_what_it_brings_the_ranking_apart_from_itself(
    taxonomist: Client,
) -> None:
    figures = {"mean": 0.951, "low": 0.94, "high": 0.96, "pages": 34}
    card = {
        "kinds": {"graded": figures | {"mean": 0.871}, "listwise": figures | {"mean": 0.882}},
        "loss": "listwise",
        "uses": "student",
        "earns_its_place": True,
        "blend_without": figures,
        "blend_with": {"teacher": figures | {"mean": 0.968}, "student": figures | {"mean": 0.966}},
        "student_loses": 0.0021,
    }
    version = make_version(Kind.RERANKER, chosen="listwise", card=card)
    text = text_of(taxonomist, card_of(version))
    whole, alone = text.split("What it reads, by itself")
    for expected in ("A small model", "The large model", "Without it", "0.966", "0.968"):
        assert expected in whole
    assert "0.882" in alone
    for part in (whole, alone):
        assert part.count('class="chip accent">chosen') == 1
    assert "Student loses" in alone
    assert "0.966" in models(taxonomist)


def test_a_card_says_how_far_its_probabilities_can_be_believed(taxonomist: Client) -> None:
    text = text_of(taxonomist, card_of(make_version(chosen="gain", card=CARD)))
    for expected in ("Confidence: said and true", "0.021", "0.112", "60\xa0% to 79\xa0%"):
        assert expected in text
    for expected in ("“Belongs elsewhere”: said and true", "0.008", "0.024"):
        assert expected in text
    assert text.count("<circle") == 3
    # 47 % of all are right: who says so of each errs by 0.47 × 0.53.
    assert "0.249 is what saying 47\xa0% of each comes to" in text


def test_a_card_shows_curves_weights_and_what_it_does_not_know_yet(taxonomist: Client) -> None:
    text = text_of(taxonomist, card_of(make_version(chosen="gain", card=CARD)))
    assert "1.200 → 0.600" in text
    assert "Title and description fit the page" in text
    assert "Price is usual for the page: place among" in text
    assert "Something new: of tomorrow" in text
    assert "0.1235" in text


def test_an_empty_card_is_shown_as_well(taxonomist: Client) -> None:
    text = text_of(taxonomist, card_of(make_version(card={})))
    assert "A weighted sum" in text
    assert "said and true" not in text


def test_a_card_marks_simulated_people(taxonomist: Client) -> None:
    judgment = make_judgment(make_category(is_page=True), make_product(), 3)
    version = make_version(card=CARD)
    assert "simulated" not in text_of(taxonomist, card_of(version))
    judgment.annotator.simulated = True
    judgment.annotator.save()
    assert "all by simulated people" in text_of(taxonomist, card_of(version))


def test_judgments_of_after_the_training_are_not_counted_on_its_card(taxonomist: Client) -> None:
    page = make_category(is_page=True)
    make_judgment(page, make_product(), 3)
    version = make_version(card=CARD)
    make_judgment(page, make_product(), 1)
    assert "<dd>1, all by" in text_of(taxonomist, card_of(version))


# Which version runs use


def test_a_version_is_used_and_gone_back_from(taxonomist: Client, tomas: User) -> None:
    old, new = make_version(), make_version()
    text = use(taxonomist, old).content.decode()
    assert f"Blend {old.pk} is used from the next run on." in text
    first = Adoption.objects.get()
    assert first.by == tomas
    use(taxonomist, new, first)
    text = models(taxonomist)
    assert ">Go back<" in text
    assert "as tomas said" in text
    second = Adoption.objects.get(based_on=first)
    text = use(taxonomist, None, second).content.decode()
    assert "each run learns its own blend" in text
    assert adopted(Kind.BLEND) is None
    assert "Each run learns its own" in text


def test_a_card_says_from_when_until_when_its_version_was_used(taxonomist: Client) -> None:
    version = make_version()
    use(taxonomist, version)
    said = Adoption.objects.get()
    text = text_of(taxonomist, card_of(version))
    assert f"<b>From {moment(said.at)} on</b>" in text
    use(taxonomist, None, said)
    text = text_of(taxonomist, card_of(version))
    after = Adoption.objects.latest("id")
    assert f"From {moment(said.at)} until {moment(after.at)}" in text
    assert " on</b>" not in text


def test_two_who_switch_at_once_each_see_what_the_other_said(taxonomist: Client) -> None:
    theirs, mine = make_version(), make_version()
    said = Adoption.objects.create(kind=Kind.BLEND, training=theirs, by=make_user(username="lea"))
    response = use(taxonomist, mine)
    text = response.content.decode()
    assert response.status_code == 409
    assert "lea said at" in text
    assert f'You wanted them to use <a href="{card_of(mine)}">blend {mine.pk}</a>' in text
    assert adopted(Kind.BLEND) == theirs
    assert f'name="based_on" value="{said.pk}"' in text
    use(taxonomist, mine, said)
    assert adopted(Kind.BLEND) == mine


def test_a_form_that_goes_by_a_word_nobody_said_is_refused(taxonomist: Client) -> None:
    version = make_version()
    form = {"kind": "blend", "training": version.pk, "based_on": "7"}
    assert taxonomist.post(reverse("adopt_model"), form).status_code == 400
    assert not Adoption.objects.exists()


def test_a_version_that_cannot_be_used_is_marked_and_refused_in_a_sentence(
    taxonomist: Client, tmp_path: Path
) -> None:
    gone = make_version()
    usable = "Use it"
    assert usable in models(taxonomist)
    (tmp_path / "models" / gone.made["file"]).unlink()
    text = models(taxonomist)
    assert usable not in text
    assert "cannot be used" in text
    response = use(taxonomist, gone)
    assert response.status_code == 422
    assert "The files of blend" in response.content.decode()


def test_what_is_used_and_cannot_be_is_said_with_what_runs_do_instead(taxonomist: Client) -> None:
    version = make_version(Kind.RERANKER, made={"folder": "reranker-1"})
    Adoption.objects.create(kind=Kind.RERANKER, training=version)
    text = models(taxonomist)
    assert "reranker-1" in text
    assert "runs do without one" in text


def test_a_blend_learned_with_another_cross_encoder_than_runs_use_says_so(
    taxonomist: Client,
) -> None:
    use(taxonomist, make_version())
    assert "It was learned" not in models(taxonomist)
    reranker = make_version(Kind.RERANKER)
    Adoption.objects.create(kind=Kind.RERANKER, training=reranker)
    told = f"It was learned without a cross-encoder, and runs use cross-encoder {reranker.pk}"
    assert told in models(taxonomist)
    use(taxonomist, make_version(), Adoption.objects.get(kind=Kind.BLEND))
    assert "It was learned" not in models(taxonomist)


def test_a_model_that_was_left_out_says_so_and_offers_nothing(taxonomist: Client) -> None:
    left_out = make_version(Kind.RERANKER, chosen=LEFT_OUT, card={"why": "It gains nothing."})
    for text in (models(taxonomist), text_of(taxonomist, card_of(left_out))):
        assert "left out" in text.lower()
        assert reverse("adopt_model") not in text


def test_many_versions_are_paged_by_kind(taxonomist: Client) -> None:
    for _ in range(8):
        make_version()
    make_version(Kind.RERANKER)
    assert "All 8 versions" in models(taxonomist)
    text = text_of(taxonomist, f"{reverse('models')}?kind=blend")
    assert text.count("Use it") == 8
    assert "Cross-encoder" not in text


def test_merchandisers_look_and_are_offered_nothing_to_press(client: Client) -> None:
    make_judgment(make_category(is_page=True), make_product(), 3)
    version = make_version(card=CARD)
    at_work = make_version(state=State.RUNNING, finished_at=None)
    client.force_login(make_user("merchandisers"))
    for address in (reverse("models"), card_of(version), card_of(at_work)):
        text = text_of(client, address)
        for action in ("train_model", "adopt_model"):
            assert reverse(action) not in text
        assert reverse("cancel_training", args=(at_work.pk,)) not in text
