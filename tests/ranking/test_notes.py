"""Notes on runs: written once, read by whoever wonders later."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ranking.actions.notes import LONGEST, BadNote, write_note
from ranking.models import RunNote
from tests.factories import make_user
from tests.ranking.conftest import text_of
from tests.ranking.rankings import make_run

pytestmark = pytest.mark.django_db


def test_a_note_stands_on_the_page_of_the_run_with_its_author(merchandiser: Client) -> None:
    run = make_run()
    address = reverse("run", args=(run.pk,))
    assert "Nobody has written about this run." in text_of(merchandiser, address)
    merchandiser.post(reverse("add_note", args=(run.pk,)), {"text": " <b>New</b> feed. "})
    text = text_of(merchandiser, address)
    assert "&lt;b&gt;New&lt;/b&gt; feed." in text
    assert RunNote.objects.get().author.username in text  # type: ignore[union-attr]  # it has one


def test_a_second_click_writes_nothing_twice_but_somebody_else_may_say_the_same() -> None:
    run, mira = make_run(), make_user("merchandisers")
    assert write_note(run, "Bad feed.", by=mira) == write_note(run, "Bad feed. ", by=mira)
    write_note(run, "Bad feed.", by=make_user("taxonomists"))
    write_note(run, "Bad feed.", by=mira)
    assert run.notes.count() == 3


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_are_refused(merchandiser: Client, text: str) -> None:
    run = make_run()
    with pytest.raises(BadNote):
        write_note(run, text, by=make_user("merchandisers"))
    answer = merchandiser.post(reverse("add_note", args=(run.pk,)), {"text": text}, follow=True)
    assert "A note " in answer.content.decode()
    assert not RunNote.objects.exists()
