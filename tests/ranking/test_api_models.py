"""What programs can do with what is learned."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from ranking.models import Adoption, Kind, State, Training
from tests.factories import make_user
from tests.ranking.programs import post, read
from tests.ranking.trainings import make_version

pytestmark = pytest.mark.django_db

MODELS, TRAININGS, ADOPTIONS = "/api/models", "/api/trainings", "/api/adoptions"


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


def test_a_version_is_asked_for_once_however_often_the_token_is_sent(taxonomist: Client) -> None:
    said = {"kind": "blend", "token": str(uuid.uuid4())}
    asked = post(taxonomist, TRAININGS, said, status=201)
    again = post(taxonomist, TRAININGS, said, status=200)
    assert asked == again
    assert (asked["state"], asked["asked_by"], asked["unusable"][:7]) == (
        "waiting",
        "tomas",
        f"Blend {asked['id']}",
    )
    assert Training.objects.count() == 1


def test_a_kind_that_is_not_learned_is_refused(taxonomist: Client) -> None:
    for said in ({"kind": "oracle"}, {}, {"kind": "blend", "seeed": 1}):
        post(taxonomist, TRAININGS, said, status=400)
    read(taxonomist, f"{MODELS}?kind=oracle", status=400)
    assert not Training.objects.exists()


def test_versions_are_listed_with_what_runs_use(taxonomist: Client, tomas: User) -> None:
    card = {
        "data": {"judged_products": 900, "pages": 34},
        "kinds": {"linear": {"ndcg@10": {"mean": 0.951, "low": 0.94, "high": 0.96}}},
    }
    blend, reranker = make_version(card=card), make_version(Kind.RERANKER, asked_by=tomas)
    Adoption.objects.create(kind=Kind.BLEND, training=blend, by=tomas)
    listed = read(taxonomist, MODELS)
    assert listed["in_use"]["blend"]["training"] == blend.pk
    assert listed["in_use"]["blend"]["by"] == "tomas"
    assert listed["in_use"]["reranker"] is None
    assert [one["id"] for one in listed["results"]] == [reranker.pk, blend.pk]
    assert [one["in_use"] for one in listed["results"]] == [False, True]
    of_kind = read(taxonomist, f"{MODELS}?kind=blend")["results"]
    [line] = of_kind
    assert (line["judged_products"], line["pages"], line["ndcg"]) == (900, 34, 0.951)
    whole = read(taxonomist, f"{MODELS}/{blend.pk}")
    assert whole["card"] == card
    assert whole["made"]["file"] == blend.made["file"]
    read(taxonomist, f"{MODELS}/{blend.pk + 100}", status=404)


def test_a_list_asks_the_database_no_more_for_more_versions(
    taxonomist: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        make_version()
    with django_assert_max_num_queries(12):  # type: ignore[operator]  # a fixture
        read(taxonomist, MODELS)


def test_a_training_is_stopped_and_goes_on(taxonomist: Client) -> None:
    pk = post(taxonomist, TRAININGS, {"kind": "reranker"}, status=201)["id"]
    assert post(taxonomist, f"{MODELS}/{pk}/cancel")["state"] == "cancelled"
    told = post(taxonomist, f"{MODELS}/{pk}/cancel", status=409)
    assert "has already ended" in told["detail"]
    assert post(taxonomist, f"{MODELS}/{pk}/resume")["state"] == "waiting"


def test_what_runs_use_is_said_and_taken_back(taxonomist: Client) -> None:
    version = make_version()
    said = {"kind": "blend", "training": version.pk, "based_on": None}
    first = post(taxonomist, ADOPTIONS, said, status=201)
    assert (first["training"], first["by"]) == (version.pk, "tomas")
    back = {"kind": "blend", "training": None, "based_on": first["id"]}
    assert post(taxonomist, ADOPTIONS, back, status=201)["training"] is None
    assert read(taxonomist, MODELS)["in_use"]["blend"]["training"] is None


def test_whoever_comes_second_is_told_what_was_said_first(taxonomist: Client) -> None:
    one, other = make_version(), make_version()
    Adoption.objects.create(kind=Kind.BLEND, training=one, by=make_user(username="lea"))
    said = {"kind": "blend", "training": other.pk, "based_on": None}
    told = post(taxonomist, ADOPTIONS, said, status=409)
    assert (told["newest"]["training"], told["newest"]["by"]) == (one.pk, "lea")
    assert told["detail"]


def test_what_cannot_be_used_is_refused_in_a_sentence(taxonomist: Client) -> None:
    failed = make_version(state=State.FAILED)
    said = {"kind": "blend", "training": failed.pk, "based_on": None}
    assert "is not ready" in post(taxonomist, ADOPTIONS, said, status=409)["detail"]
    post(taxonomist, ADOPTIONS, {**said, "training": failed.pk + 100}, status=404)
    post(taxonomist, ADOPTIONS, {"kind": "blend", "training": None}, status=400)
    assert not Adoption.objects.exists()


def test_merchandisers_look_and_do_not_act(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    version = make_version()
    read(client, MODELS)
    read(client, f"{MODELS}/{version.pk}")
    post(client, TRAININGS, {"kind": "blend"}, status=403)
    post(client, f"{MODELS}/{version.pk}/cancel", status=403)
    said = {"kind": "blend", "training": version.pk, "based_on": None}
    post(client, ADOPTIONS, said, status=403)
