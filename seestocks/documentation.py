"""The description of all addresses as people read it: grouped, with commands to copy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from seestocks.schema import TAGS, Schema, description

DEPTH = 3  # of things inside things that are told of
AN_ID = "7"
IN_QUERY, IN_PATH = "query", "path"
WRAPPED = re.compile(r"(?<!\n)\n[ \t]*(?!\n)")  # but for the ends of paragraphs


@dataclass(frozen=True)
class Field:
    """One field of what is sent or answered, or one name of a query."""

    name: str  # "offers[].price" is the price of each of the offers
    kind: str
    required: bool
    nullable: bool


@dataclass(frozen=True)
class Answer:
    """What may come back."""

    code: str
    meaning: str
    fields: tuple[Field, ...]

    @property
    def is_refusal(self) -> bool:
        return self.code >= "400"


@dataclass(frozen=True)
class Operation:
    """One thing that a program can ask for."""

    anchor: str
    method: str
    path: str
    summary: str
    more: str
    asks: tuple[Field, ...]
    takes: tuple[Field, ...]
    answers: tuple[Answer, ...]
    _sends: str  # the part of the command that says what is sent

    def command(self, site: str) -> str:
        """Return the command line that asks for it at the site."""
        method = "" if self.method == "GET" else f" -X {self.method}"
        address = re.sub(r"\{\w+\}", AN_ID, self.path)
        return f"curl{method} -H 'Authorization: Token …'{self._sends} '{site}{address}'"

    def says(self, words: Sequence[str]) -> bool:
        """Whether all the words are in its address or in what is said of it."""
        text = f"{self.method} {self.path} {self.summary} {self.more}".lower()
        return all(word.lower() in text for word in words)


@dataclass(frozen=True)
class Group:
    """Addresses that begin alike."""

    anchor: str
    title: str
    operations: tuple[Operation, ...]


def groups(search: str = "") -> list[Group]:
    """Return all that programs can ask for, by group; of those with the words searched for."""
    words = search.split()
    found = (
        Group(one.anchor, one.title, tuple(each for each in one.operations if each.says(words)))
        for one in _groups()
    )
    return [one for one in found if one.operations]


@cache
def _groups() -> tuple[Group, ...]:
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    order = [*(tag for tag in TAGS if tag in by_tag), *sorted(set(by_tag) - set(TAGS))]
    titles = {tag: TAGS.get(tag, tag.capitalize()) for tag in order}
    return tuple(Group(tag, titles[tag], tuple(by_tag[tag])) for tag in order)


def _operation(path: str, method: str, operation: Schema) -> Operation:
    bodies = operation.get("requestBody", {}).get("content", {})
    sent = next((one["schema"] for one in bodies.values()), None)
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        more=WRAPPED.sub(" ", operation.get("description", "")),
        asks=tuple(
            Field(one["name"], _kind(one["schema"]), bool(one.get("required")), nullable=False)
            for one in operation.get("parameters", ())
            if one["in"] == IN_QUERY
        ),
        takes=tuple(_fields(sent)) if sent else (),
        answers=tuple(_answer(code, one) for code, one in operation["responses"].items()),
        _sends=_sends(bodies),
    )


def _answer(code: str, answer: Schema) -> Answer:
    shapes = [one["schema"] for one in answer.get("content", {}).values()]
    fields = tuple(_fields(shapes[0])) if shapes and code < "400" else ()
    return Answer(code, answer["description"], fields)


def _sends(bodies: Schema) -> str:
    if form := bodies.get("multipart/form-data"):
        names = form["schema"]["properties"]
        written = {"file": "@FILE"} | {
            name: "…" for name in form["schema"]["required"] if name != "file"
        }
        return "".join(f" -F {name}={written[name]}" for name in names if name in written)
    for one in (bodies.get("application/json", {}).get("examples") or {}).values():
        said = json.dumps(one["value"], ensure_ascii=False)
        return f" -H 'Content-Type: application/json' -d '{said}'"
    return ""


def _fields(schema: Schema, before: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields of a shape, those of things inside it behind their names."""
    whole = _resolved(schema)
    if whole.get("type") == "array":
        yield from _fields(whole["items"], f"{before}[]", depth)
        return
    required = whole.get("required", ())
    for name, one in whole.get("properties", {}).items():
        called = f"{before}.{name}" if before else name
        yield Field(called, _kind(one), name in required, bool(one.get("nullable")))
        if depth < DEPTH:
            yield from _fields(one, called, depth + 1)


def _kind(schema: Schema) -> str:
    whole = _resolved(schema)
    if "enum" in whole:
        return " or ".join(str(value) for value in whole["enum"] if value not in ("", None))
    if whole.get("type") == "array":
        return f"list of {_kind(whole['items'])}"
    said = {"integer": "number", "number": "decimal", "boolean": "true or false"}
    kind: str = whole.get("format") or whole.get("type") or "anything"
    return said.get(kind, {"string": "text", "binary": "file", "date-time": "time"}.get(kind, kind))


def _resolved(schema: Schema) -> dict[str, Any]:
    """The shape itself, where it is only named."""
    while True:
        parts = schema.get("allOf") or schema.get("oneOf") or []
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = description()["components"]["schemas"][name]
        elif len(parts) == 1:
            schema = parts[0]
        else:
            return schema
