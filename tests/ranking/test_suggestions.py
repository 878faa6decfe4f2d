"""Suggestions as rows: found, decided on, accepted by the strongest."""

from __future__ import annotations

import pytest

from ranking.actions.suggest import Found, keep
from ranking.actions.suggestions import AlreadyDecided, accept, accept_strongest, dismiss
from ranking.learning.suggestions import Line
from ranking.models import ConfusedPair, Run, Suggestion, SuggestionState
from ranking.queries.suggestions import pairs_to_tell_apart, suggestions
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category
from taxonomy.queries.discriminators import text_of
from tests.factories import make_category, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def spices() -> Category:
    return make_category("Spices")


@pytest.fixture
def pepper(spices: Category) -> Category:
    return make_category("Pepper", spices)


@pytest.fixture
def mixes(spices: Category) -> Category:
    return make_category("Mixes", spices)


def line(text: str, strength: float = 1.0, source: str = "titles") -> Line:
    terms = [{"term": word} for word in text.removeprefix("Pepper: ").split(", ")]
    return Line(text, source, {"terms": terms}, strength)


def found(pepper: Category, mixes: Category, *lines: Line) -> Found:
    """Keep the lines for pepper rather than mixes, as a search would."""
    figures = Found()
    keep(pepper.pk, mixes.pk, lines, ["titles"], figures)
    return figures


def test_the_strongest_open_suggestion_comes_first(pepper: Category, mixes: Category) -> None:
    found(pepper, mixes, line("Pepper: corns", 0.5), line("Pepper: whole", 2.0))
    found(mixes, pepper, line("Mixes: garlic", 9.0))
    assert [one.text for one in suggestions(pepper, mixes)] == ["Pepper: whole", "Pepper: corns"]


def test_finding_the_same_again_changes_nothing(pepper: Category, mixes: Category) -> None:
    found(pepper, mixes, line("Pepper: corns"))
    before = list(Suggestion.objects.values_list("pk", "text"))
    again = found(pepper, mixes, line("Pepper: corns", 3.0))
    assert (again.new, again.still, again.gone) == (0, 1, 0)
    assert list(Suggestion.objects.values_list("pk", "text")) == before
    assert suggestions(pepper, mixes).get().strength == 3.0


def test_what_is_not_found_again_goes_but_not_what_came_from_elsewhere(
    pepper: Category, mixes: Category
) -> None:
    found(pepper, mixes, line("Pepper: corns"))
    keep(pepper.pk, mixes.pk, [line("Pepper of the house", source="file")], ["file"], Found())
    assert found(pepper, mixes, line("Pepper: whole")).gone == 1
    assert {one.text for one in suggestions(pepper, mixes)} == {
        "Pepper: whole",
        "Pepper of the house",
    }


def test_what_was_dismissed_never_returns(pepper: Category, mixes: Category) -> None:
    found(pepper, mixes, line("Pepper: corns"))
    person = make_user("taxonomists")
    one = dismiss(suggestions(pepper, mixes).get(), by=person)
    assert (one.decided_by, one.decided_at is not None) == (person, True)
    again = found(pepper, mixes, line("Pepper: corns"))
    assert (again.new, again.still) == (0, 0)
    assert not suggestions(pepper, mixes).exists()
    assert Suggestion.objects.get().state == SuggestionState.DISMISSED


def test_a_suggestion_is_decided_on_once(pepper: Category, mixes: Category) -> None:
    found(pepper, mixes, line("Pepper: corns"))
    one = suggestions(pepper, mixes).get()
    accept(one, by=make_user("taxonomists"))
    with pytest.raises(AlreadyDecided, match="already decided"):
        dismiss(one, by=make_user("taxonomists"))
    one.refresh_from_db()
    assert one.state == SuggestionState.ACCEPTED


def test_the_strongest_become_the_live_text_with_where_they_came_from(
    pepper: Category, mixes: Category
) -> None:
    found(pepper, mixes, line("Pepper: corns", 1.0), line("Pepper: whole", 2.0), line("x", 0.1))
    assert accept_strongest(pepper, mixes, 2) == 2
    live = text_of(pepper, mixes).live
    assert live is not None
    assert live.lines == ["Pepper: whole", "Pepper: corns"]
    assert "without being read" in live.note
    assert live.origin["Pepper: whole"]["source"] == "titles"
    assert [one.text for one in suggestions(pepper, mixes)] == ["x"]


def test_lines_that_rest_on_lookalikes_are_left_for_people_to_read(
    pepper: Category, mixes: Category
) -> None:
    found(pepper, mixes, line("Pepper: corns", 1.0), line("Pepper: whole", 2.0))
    Suggestion.objects.filter(text="Pepper: whole").update(evidence={"looks_like": True})
    assert accept_strongest(pepper, mixes, 2) == 1
    assert [one.text for one in suggestions(pepper, mixes)] == ["Pepper: whole"]
    assert accept_strongest(pepper, mixes, 2, lookalikes=True) == 1


def test_accepting_the_strongest_again_adds_nothing(pepper: Category, mixes: Category) -> None:
    found(pepper, mixes, line("Pepper: corns", 1.0), line("Pepper: whole", 2.0))
    assert accept_strongest(pepper, mixes, 1) == 1
    assert accept_strongest(pepper, mixes, 1) == 0
    assert accept_strongest(pepper, mixes, 2) == 1


def test_what_people_wrote_stays_and_their_drafts_are_not_overtaken(
    pepper: Category, mixes: Category
) -> None:
    ann = make_user("taxonomists")
    write_revision(pepper, mixes, "one kind alone", based_on=0, live=True, by=ann)
    found(pepper, mixes, line("Pepper: corns", 1.0), line("Pepper: whole", 2.0))
    accept_strongest(pepper, mixes, 1)
    live = text_of(pepper, mixes).live
    assert live is not None
    assert live.lines == ["one kind alone", "Pepper: whole"]
    write_revision(pepper, mixes, "being written", based_on=live.number, live=False, by=ann)
    assert accept_strongest(pepper, mixes, 2) == 0
    assert text_of(pepper, mixes).text == "being written"


def test_without_measured_confusion_all_siblings_in_use_are_told_apart(
    spices: Category, pepper: Category, mixes: Category
) -> None:
    salt, tools = make_category("Salt", spices, is_page=True), make_category("Tools")
    mill = make_category("Mills", tools)
    make_category("Pans", tools)
    assert len(pairs_to_tell_apart(tools)) == 1  # nothing is in use: all siblings are
    make_product(filed_under=pepper)
    assert pairs_to_tell_apart(spices) == [tuple(sorted((pepper.pk, salt.pk)))]
    assert (mixes.pk, mill.pk) not in pairs_to_tell_apart()


def test_the_most_confused_pairs_come_first(run: Run, spices: Category) -> None:
    children = sorted(make_category(parent=spices).pk for _ in range(3))
    for weight, (first, second) in ((1.0, children[:2]), (3.0, children[1:])):
        make_confused(run, first, second, weight)
    assert pairs_to_tell_apart() == [tuple(children[1:]), tuple(children[:2])]


def make_confused(run: Run, first: int, second: int, weight: float) -> ConfusedPair:
    figures = {"products": 1, "exposure": 0, "judged": 0, "errors": 0, "disagreement": 0}
    parent = Category.objects.get(pk=first).parent
    return ConfusedPair.objects.create(
        run=run,
        parent=parent,
        first_id=first,
        second_id=second,
        weight=weight,
        share=0.5,
        **figures,
    )
