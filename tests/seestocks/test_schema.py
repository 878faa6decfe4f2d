"""The description of all addresses: whole, valid, and readable inside the app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from seestocks.documentation import groups
from seestocks.schema import description
from tests.factories import make_user

# It describes the others.
APART = {"/api/schema", "/api/docs/"}


def test_the_description_is_valid_and_nothing_is_guessed(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", tmp_path / "schema.yml")
    assert (tmp_path / "schema.yml").stat().st_size > 0


def test_every_address_for_programs_is_described() -> None:
    described = {re.sub(r"\{\w+\}", "…", path) for path in description()["paths"]}
    assert described == set(addresses(get_resolver().url_patterns)) - APART


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for one in patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, whole)
        elif whole.startswith("/api/"):
            yield re.sub(r"<[^>]+>", "…", whole)


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_everything_says_what_it_does_what_it_answers_and_what_it_refuses() -> None:
    for name, operation in operations():
        assert operation["summary"].strip(". "), name
        codes = set(operation["responses"])
        assert any(code < "300" for code in codes), name
        assert {"401", "403"} <= codes, name
        assert all(answer["description"] for answer in operation["responses"].values()), name
        if "requestBody" in operation:
            assert {"400", "404", "415", "429"} <= codes, name


def test_what_is_sent_as_json_has_an_example_and_takes_no_misspelt_name() -> None:
    schemas = description()["components"]["schemas"]
    for name, operation in operations():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        assert body["examples"], name
        shape = schemas.get(body["schema"].get("$ref", "").rpartition("/")[2], body["schema"])
        assert shape["additionalProperties"] is False, name


@pytest.mark.django_db
def test_the_documentation_tells_of_every_address_with_a_command_to_copy(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    page = client.get("/api/docs/").content.decode()
    for path in description()["paths"]:
        assert path in page
    assert "curl -X POST -H &#x27;Authorization: Token …&#x27;" in page
    assert page.count("<article") == sum(1 for _ in operations())


@pytest.mark.django_db
def test_the_documentation_is_searched_by_words(client: Client) -> None:
    client.force_login(make_user("annotators"))
    page = client.get("/api/docs/?q=roll back").content.decode()
    assert "/api/releases/{id}/roll-back" in page
    assert "/api/campaigns" not in page
    nothing = client.get("/api/docs/?q=zebra").content.decode()
    assert "Nothing says “zebra”." in nothing


@pytest.mark.django_db
def test_the_description_is_given_as_json_and_as_yaml(client: Client) -> None:
    client.force_login(make_user("annotators"))
    found = client.get("/api/schema")
    assert found.json()["openapi"].startswith("3.")
    yaml = client.get("/api/schema?format=yaml")
    assert yaml["Content-Type"].startswith("application/yaml")
    assert yaml.content.decode().startswith("openapi: 3.")


def test_commands_say_whole_what_is_sent() -> None:
    [group] = [one for one in groups("runs stale") if one.anchor == "runs"]
    [start] = [one for one in group.operations if one.method == "POST"]
    command = start.command("https://shop.example")
    assert command.startswith("curl -X POST -H 'Authorization: Token …' -H 'Content-Type: ")
    assert command.endswith("'https://shop.example/api/runs'")
