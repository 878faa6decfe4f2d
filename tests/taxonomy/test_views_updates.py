"""What taxonomists see and do with versions of the tree, on pages and as JSON."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from taxonomy import tasks
from taxonomy.actions.updates import choose_successor, fetch, request_fetch
from taxonomy.models import Category, TreeUpdate, UpdateState
from taxonomy.queries.updates import difference
from tests.factories import make_category, make_product, make_user
from tests.taxonomy.versions import ANIMALS, HEADER, applied, draft

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NO_CAGES = "1 - Animals\n2 - Animals > Poultry\n4 - Animals > Fish\n"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


@pytest.fixture
def taxonomist(client: Client, tomas: User) -> Client:
    client.force_login(tomas)
    return client


@pytest.fixture
def update() -> TreeUpdate:
    """A draft that renames Birds and retires Cages, which holds a product."""
    applied(ANIMALS)
    make_product(filed_under=Category.objects.get(pk=3))
    return draft(NO_CAGES)


def text_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def upload(client: Client, content: bytes) -> str:
    file = SimpleUploadedFile("next.txt", content)
    return client.post(reverse("upload_update"), {"file": file}, follow=True).content.decode()


# Bringing one in


def test_an_uploaded_file_shows_what_it_would_change(taxonomist: Client) -> None:
    applied(ANIMALS)
    text = upload(taxonomist, (HEADER + NO_CAGES).encode())
    for expected in (
        "Google&#x27;s of 2021-09-21",
        "2 categories change",
        '<del class="soft">Animals &gt; Birds</del>',
        "Poultry",
        "Nothing hangs on it",
    ):
        assert expected in text
    assert Category.objects.get(pk=2).name == "Birds"


def test_a_file_that_is_none_is_refused_on_the_same_page(taxonomist: Client) -> None:
    assert "This is a web page, not a taxonomy" in upload(taxonomist, b"<html></html>")
    response = taxonomist.post(reverse("upload_update"))
    assert response.status_code == 422
    assert "Choose a file first" in response.content.decode()
    assert not TreeUpdate.objects.exists()


def test_lines_that_were_set_aside_are_listed_with_their_reason(taxonomist: Client) -> None:
    applied(ANIMALS)
    text = upload(taxonomist, (HEADER + ANIMALS + "Cats\n").encode())
    assert "1 line has to be set aside" in text
    assert "Nothing would change" in text
    update = TreeUpdate.objects.latest("id")
    listed = text_of(taxonomist, reverse("update", args=(update.pk,)) + "?kind=set+aside")
    assert "does not read “id - A &gt; B &gt; C”" in listed


class _Google(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/en-US.txt"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write((HEADER + NO_CAGES).encode() if found else b"gone")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def google() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Google)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_newest_is_fetched_by_a_worker_and_not_by_the_page(
    taxonomist: Client,
    google: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.SEESTOCKS_TAXONOMY_ADDRESS = google + "/{locale}.txt"
    rung: list[int] = []
    monkeypatch.setattr(tasks.fetch_tree, "delay", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        text = taxonomist.post(reverse("fetch_update"), follow=True).content.decode()
    waiting = TreeUpdate.objects.get()
    assert rung == [waiting.pk]
    assert "A worker fetches the file" in text
    tasks.fetch_tree(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.version) == (UpdateState.DRAFT, "2021-09-21")
    address = reverse("update", args=(waiting.pk,))
    arrived = taxonomist.get(address, headers=HTMX | {"HX-Target": "fetching"})
    assert (arrived.status_code, arrived["HX-Refresh"]) == (286, "true")
    fetch(waiting.pk)  # a doubled message
    assert TreeUpdate.objects.count() == 1


def test_what_cannot_be_fetched_says_why_and_can_be_asked_for_again(
    taxonomist: Client, google: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEESTOCKS_TAXONOMY_ADDRESS = google + "/gone.txt"
    monkeypatch.setattr(tasks.fetch_tree, "delay", lambda _: None)
    waiting = request_fetch(by=None)
    fetch(waiting.pk)
    text = text_of(taxonomist, reverse("update", args=(waiting.pk,)))
    assert "could not be fetched: Client error &#x27;404 Not Found&#x27;" in text
    taxonomist.post(reverse("repeat_update", args=(waiting.pk,)))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (UpdateState.FETCHING, "")


def test_a_dead_broker_lets_the_version_wait_until_a_worker_starts(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def dead(_: int) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.fetch_tree, "delay", dead)
    with django_capture_on_commit_callbacks(execute=True):
        waiting = request_fetch(by=None)
    rung: list[int] = []
    monkeypatch.setattr(tasks.fetch_tree, "delay", rung.append)
    tasks.ring_on_start()
    assert rung == [waiting.pk]


# Looking, mapping, applying, undoing


def test_changes_are_narrowed_by_kind_and_by_words(taxonomist: Client, update: TreeUpdate) -> None:
    address = reverse("update", args=(update.pk,))
    retired = text_of(taxonomist, f"{address}?kind=retired", **HTMX)
    assert "Cages" in retired
    assert "Poultry</a>" not in retired
    assert "<html" not in retired
    assert "No change fits" in text_of(taxonomist, f"{address}?q=unicorn", **HTMX)


def test_what_is_retired_shows_what_hangs_on_it_and_who_could_take_its_place(
    taxonomist: Client, update: TreeUpdate
) -> None:
    text = text_of(taxonomist, reverse("update", args=(update.pk,)))
    assert "1 filed by feeds" in text
    assert "the nearest above it that stays" in text
    assert "1 that would be retired holds something" in text


def test_a_successor_is_kept_with_a_click_and_only_its_line_is_drawn_anew(
    taxonomist: Client, update: TreeUpdate
) -> None:
    address = reverse("choose_successor", args=(update.pk, 3))
    text = taxonomist.post(address, {"successor": "2"}, headers=HTMX).content.decode()
    assert "2, chosen" in text
    assert 'hx-swap-oob="true"' in text
    assert "nobody has said" not in text
    update.refresh_from_db()
    assert update.successors == {"3": 2}
    plain = taxonomist.post(address, {"successor": "none"}, follow=True).content.decode()
    assert "<html" in plain
    update.refresh_from_db()
    assert update.successors == {"3": None}


def test_a_successor_that_is_none_is_refused_beside_its_field(
    taxonomist: Client, update: TreeUpdate
) -> None:
    address = reverse("choose_successor", args=(update.pk, 3))
    refused = taxonomist.post(address, {"other": "Unicorns"}, headers=HTMX)
    assert refused.status_code == 422
    assert "No category that stays has the path “Unicorns”" in refused.content.decode()


def test_candidates_come_from_the_tree_as_it_will_be(taxonomist: Client) -> None:
    applied(ANIMALS)
    address = reverse("update_candidates", args=(draft(NO_CAGES).pk,))
    text = text_of(taxonomist, f"{address}?other=poul", **HTMX)
    assert '<option value="Animals &gt; Poultry">2</option>' in text
    assert "option" not in text_of(taxonomist, f"{address}?other=cages", **HTMX)


def test_a_version_is_applied_and_undone_with_two_clicks(
    taxonomist: Client, update: TreeUpdate
) -> None:
    choose_successor(update, 3, "2")
    update.refresh_from_db()
    seen = {"fingerprint": difference(update).fingerprint}
    done = taxonomist.post(reverse("apply_update", args=(update.pk,)), seen, follow=True)
    text = done.content.decode()
    for expected in (
        "The version is applied",
        "1\xa0retired",
        "1\xa0filing moved",
        "Poultry</a> takes",
    ):
        assert expected in text
    assert "Animals &gt; Poultry</a> takes its place" in text
    assert "Google&#x27;s of 2021-09-21" in text_of(taxonomist, reverse("updates"))
    undone = taxonomist.post(reverse("undo_update", args=(update.pk,)), follow=True)
    assert "the tree is as it was before" in undone.content.decode()
    assert Category.objects.get(pk=2).name == "Birds"


def test_applying_what_is_no_longer_what_was_shown_is_a_409_with_the_new_difference(
    taxonomist: Client, update: TreeUpdate
) -> None:
    address = reverse("apply_update", args=(update.pk,))
    refused = taxonomist.post(address, {"fingerprint": "of yesterday"})
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "has changed since you looked" in text
    assert difference(update).fingerprint in text
    assert Category.objects.get(pk=2).name == "Birds"


def test_an_undo_that_is_refused_names_the_categories_and_the_people(
    taxonomist: Client, tomas: User
) -> None:
    applied(ANIMALS)
    first = applied(ANIMALS.replace("Birds", "Poultry"))
    applied(ANIMALS.replace("Birds", "Fowl"), by=tomas)
    refused = taxonomist.post(reverse("undo_update", args=(first.pk,)))
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "these categories have been worked on since" in text
    assert "Animals &gt; Fowl" in text
    assert "tomas, " in text


def test_a_draft_is_thrown_away(taxonomist: Client, update: TreeUpdate) -> None:
    response = taxonomist.post(reverse("discard_update", args=(update.pk,)))
    assert response["Location"] == reverse("updates")
    assert not TreeUpdate.objects.filter(pk=update.pk).exists()


def test_the_tree_leads_to_its_versions(taxonomist: Client) -> None:
    make_category()
    assert reverse("updates") in text_of(taxonomist, reverse("tree"))


# As JSON


def test_programs_get_the_first_hundred_lines_that_were_set_aside_and_how_many_there_are(
    taxonomist: Client,
) -> None:
    version = draft(ANIMALS + "Fish\n" * 101)
    seen = taxonomist.get(reverse("api_version", args=(version.pk,))).json()
    assert len(seen["set_aside"]) == 100
    assert seen["set_aside"][0]["line"] == 2 + ANIMALS.count("\n")
    assert seen["set_aside_total"] == 101


def test_programs_bring_in_map_apply_and_undo(taxonomist: Client) -> None:
    applied(ANIMALS)
    make_product(filed_under=Category.objects.get(pk=3))
    file = SimpleUploadedFile("next.txt", (HEADER + NO_CAGES).encode())
    made = taxonomist.post(reverse("api_versions"), {"file": file})
    assert made.status_code == 201
    address = made["Location"]
    changes = taxonomist.get(f"{address}/changes?kind=retired").json()
    (retired,) = changes["results"]
    assert (retired["id"], retired["hanging"]["feed"], retired["decided"]) == (3, 1, False)
    assert [one["id"] for one in retired["suggested"]] == [2]
    kept = put(taxonomist, f"{address}/successors", {"successors": {"3": 2}})
    assert kept.json()["successors"] == {"3": 2}
    seen = taxonomist.get(address).json()
    assert seen["changes"] == {"renamed": 1, "retired": 1}
    assert post(taxonomist, f"{address}/apply", {"fingerprint": "x"}).status_code == 409
    done = post(taxonomist, f"{address}/apply", {"fingerprint": seen["fingerprint"]}).json()
    assert (done["state"], done["figures"]["refiled"]) == ("applied", 1)
    kinds = [one["kind"] for one in taxonomist.get(f"{address}/changes").json()["results"]]
    assert sorted(kinds) == ["refiled", "renamed", "retired", "successor"]
    assert post(taxonomist, f"{address}/undo", {}).json()["state"] == "undone"
    assert post(taxonomist, f"{address}/undo", {}).status_code == 409


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("api_version_successors", {"successors": [3, 2]}),
        ("api_version_successors", {"successors": {"x": 2}}),
        ("api_version_successors", {"successors": {"3": True}}),
        ("api_version_successors", {"successors": {"9" * 5_000: 2}}),
        ("api_version_successors", {"successors": {"3": "\ud800"}}),
        ("api_version_successors", {"successors": {"3": 2, "77": 2}}),
        ("api_version_successors", {"successors": {"3": 3}}),
        ("api_version_successors", {"successors": {"3": 2}, "along": 3}),
        ("api_version_successors", []),
    ],
)
def test_choices_that_make_no_sense_are_refused(
    taxonomist: Client, update: TreeUpdate, address: str, said: object
) -> None:
    assert put(taxonomist, reverse(address, args=(update.pk,)), said).status_code == 400
    update.refresh_from_db()
    assert update.successors == {}


def test_a_program_learns_who_stands_in_the_way_of_an_undo(taxonomist: Client) -> None:
    applied(ANIMALS)
    first = applied(ANIMALS.replace("Birds", "Poultry"))
    applied(ANIMALS.replace("Birds", "Fowl"))
    refused = post(taxonomist, reverse("api_undo_version", args=(first.pk,)), {})
    assert refused.status_code == 409
    assert [one["id"] for one in refused.json()["in_the_way"]] == [2]


@pytest.mark.parametrize("said", [{}, {"fetch": "yes"}, []])
def test_a_program_that_brings_nothing_is_told_how(taxonomist: Client, said: object) -> None:
    assert post(taxonomist, reverse("api_versions"), said).status_code == 400
    assert taxonomist.get(reverse("api_versions") + "?limit=5").json()["count"] == 0


def post(client: Client, address: str, said: object) -> Any:
    return client.post(address, said, content_type="application/json")


def put(client: Client, address: str, said: object) -> Any:
    return client.put(address, said, content_type="application/json")
