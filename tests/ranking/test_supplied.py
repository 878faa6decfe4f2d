"""Suggestions from the owner's file or service: checked, named when bad, never in the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pytest_django import Settings

from ranking import supplied
from ranking.actions.suggest import Found, suggest
from ranking.models import Suggestion
from ranking.pipeline.data import NOTHING_JUDGED
from ranking.pipeline.shelf import Shelf
from ranking.queries.suggestions import suggestions
from ranking.supplied import of_file, of_service
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category
from tests.factories import make_category
from tests.ranking.shelves import make_catalogue, make_tree

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


class _Service(BaseHTTPRequestHandler):
    answer: ClassVar[Any] = {"suggestions": []}
    asked: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.asked.append(json.loads(self.rfile.read(length)))
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    _Service.asked.clear()
    with HTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/suggest"
        server.shutdown()
        thread.join()


@pytest.fixture
def lamps() -> Category:
    """Return table lamps, with desk lamps beside them, as in the made-up shelf."""
    home = make_category("Home", id=1)
    lighting = make_category("Lighting", home, id=2)
    make_category("Desk lamps", lighting, id=4)
    return make_category("Table lamps", lighting, id=3)


def search() -> Found:
    """Look for lines for the two lamps in an empty shop."""
    return suggest([(3, 4)], Shelf(make_catalogue([]), make_tree()), NOTHING_JUDGED)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["category_id,sibling_id,text", *lines]))
    return path


def test_a_file_has_lines_for_both_directions(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", '3,4,"bedside, shade"', "4,3,swing arm", "8,9,elsewhere")
    found = of_file(file, [(3, 4), (4, 3)])
    assert found.lines == {(3, 4): ["bedside, shade"], (4, 3): ["swing arm"]}
    assert found.faults == []


def test_bad_lines_of_a_file_are_named_and_the_others_taken(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.csv",
        "3,4,bedside",
        "three,4,shade",
        f"3,4,{'x' * 400}",
        "3,4,",
        "3,4",
        "3,4,bell\x07",
    )
    found = of_file(file, [(3, 4)])
    assert found.lines == {(3, 4): ["bedside"]}
    assert [fault.split(":")[0] for fault in found.faults] == [f"Line {n}" for n in range(3, 8)]
    assert "“three and 4” are no two categories' ids." in found.faults[0]


def test_a_service_is_told_names_and_paths_and_its_lines_are_checked(
    service: str, lamps: Category
) -> None:
    good = {"category_id": 3, "sibling_id": 4, "text": "bedside"}
    _Service.answer = {"suggestions": [good, {**good, "text": "a\x00b"}, {**good, "text": "a\nb"}]}
    found = of_service(service, [(3, 4)])
    assert _Service.asked[0]["pairs"][0]["category"] == {
        "id": 3,
        "name": "Table lamps",
        "path": "Home > Lighting > Table lamps",
    }
    assert found.lines == {(3, 4): ["bedside"]}
    assert [fault.split(":")[0] for fault in found.faults] == ["Suggestion 2", "Suggestion 3"]


@pytest.mark.parametrize(
    "answer", [b"<html>", [], {"suggestions": [1]}, {"suggestions": [{"text": "a"}]}, {"x": []}]
)
def test_an_answer_that_is_no_list_of_suggestions_is_a_sentence(
    service: str, answer: Any, lamps: Category
) -> None:
    _Service.answer = answer
    with pytest.raises(Unreadable, match="answers something else"):
        of_service(service, [(3, 4)])


def test_an_endless_answer_is_cut_off(
    service: str, lamps: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supplied, "BYTE_LIMIT", 100)
    _Service.answer = b"[" * 1_000
    with pytest.raises(Unreadable, match="sends too much"):
        of_service(service, [(3, 4)])


def test_what_is_supplied_is_suggested_and_goes_when_it_is_supplied_no_more(
    tmp_path: Path, settings: Settings, lamps: Category
) -> None:
    settings.SEESTOCKS_SUGGESTIONS_FILE = str(write(tmp_path / "a.csv", "3,4,bedside"))
    assert search().new == 1
    (one,) = suggestions(lamps, Category.objects.get(pk=4))
    assert (one.text, one.source) == ("bedside", "file")
    write(tmp_path / "a.csv")
    assert search().gone == 1


def test_a_service_that_fails_is_told_of_and_takes_nothing_away(
    settings: Settings, service: str, lamps: Category
) -> None:
    settings.SEESTOCKS_SUGGESTIONS_URL = service
    _Service.answer = {"suggestions": [{"category_id": 3, "sibling_id": 4, "text": "bedside"}]}
    search()
    _Service.answer = b"out of order"
    found = search()
    assert found.pairs == 1
    assert found.told == [
        "The service of suggestions answers something else than JSON of suggestions."
    ]
    assert Suggestion.objects.get().text == "bedside"


def test_nothing_is_asked_of_anybody_unless_it_is_set(service: str, lamps: Category) -> None:
    assert search().told == []
    assert _Service.asked == []
    assert not Suggestion.objects.exists()
