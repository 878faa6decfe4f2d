"""The description of all addresses for programs (OpenAPI 3), from the views themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from rest_framework.serializers import BaseSerializer

from taxonomy.described import FAULT, component_name

Schema = dict[str, Any]

# Who sent something wrong is told in a sentence, or field by field.
FAULTS: Schema = {
    "anyOf": [
        {"$ref": "#/components/schemas/Fault"},
        {"type": "object", "additionalProperties": True},
        {"type": "array", "items": {}},
    ]
}
REFUSALS = {
    "400": "What was sent is not what this address takes; it says what is.",
    "401": "No token or session, or one that does not count any more.",
    "403": "Your role does not include this.",
    "404": "There is no such thing.",
    "409": "It does not go with the state that the thing is in.",
    "415": "What was sent is of a kind that this address does not read.",
    "422": "What was sent is well formed, and cannot be done.",
    "429": "Too often; the header Retry-After says for how many seconds to wait.",
}
ANSWERS = {
    "200": "As asked.",
    "201": "Made.",
    "202": "Asked for; it is worked on.",
    "204": "Done; there is nothing to tell.",
    "304": "As it was: If-None-Match names it.",
}
READING = ("get", "head")
# What the first part of an address is about, in the order of the work.
TAGS = {
    "published": "What is published",
    "pages": "Pages and their rankings",
    "runs": "Runs",
    "comparisons": "Comparing runs",
    "releases": "Publishing and rolling back",
    "nights": "Nights",
    "rules": "Rules of branches",
    "hand-rules": "Rules by hand",
    "webhooks": "Who is told",
    "imports": "Bringing products in",
    "categories": "The tree",
    "versions": "Versions of the tree",
    "discriminators": "Texts that tell siblings apart",
    "confusion": "Confused siblings",
    "suggestions": "Suggested lines",
    "previews": "What a text would change",
    "judgments": "Judgments",
    "judging": "Judging",
    "campaigns": "Campaigns",
    "adjudications": "Settling what people disagree about",
    "gold": "Products whose grade is known",
    "guidelines": "Guidelines",
    "agreement": "How far people agree",
    "models": "Versions of what is learned",
    "trainings": "Learning",
    "adoptions": "What runs use",
    "evaluations": "Evaluations",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # ships no types
    """How the description tells of a person's token."""

    target_class = "taxonomy.rest.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:  # noqa: ARG002  as called
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "A person's token, as `Token …`; it is made at /tokens/.",
        }


class Described(AutoSchema):
    """An address in words: what its method's docstring says, under names that tell apps apart."""

    def get_summary(self) -> str:
        return _sentences(self._said())[0]

    def get_description(self) -> str:  # type: ignore[override]  # theirs is of another time
        return _sentences(self._said())[1]

    def get_operation_id(self) -> str:
        path = re.sub(r"\{(\w+)\}", r"of_\1", self.path.removeprefix("/api/").strip("/"))
        return f"{self.method.lower()}_{re.sub(r'[^0-9A-Za-z]+', '_', path)}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/").split("/")[0]]

    def get_serializer_name(self, serializer: BaseSerializer[Any], direction: str) -> str:  # noqa: ARG002  as called
        return component_name(type(serializer))

    def _said(self) -> str:
        method = getattr(self.view, self.method.lower())
        return get_doc(method) or get_doc(type(self.view)) or ""


def complete(result: Schema, **_: Any) -> Schema:
    """Add to each address what holds for all of its kind; called when all are described."""
    result["components"]["schemas"]["Fault"] = FAULT
    result["components"]["schemas"]["Faults"] = FAULTS
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            _refuse(path, method, operation)
            for code, answer in operation["responses"].items():
                answer["description"] = {**ANSWERS, **REFUSALS}[code]
            _close(operation, result["components"]["schemas"])
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


@cache
def description() -> Schema:
    """Return the whole description, made once."""
    made: Schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def _refuse(path: str, method: str, operation: Schema) -> None:
    reads, sends = method in READING, "requestBody" in operation
    asks = any(one["in"] == "query" for one in operation.get("parameters", ()))
    codes = {
        "400": sends or asks,
        "401": "security" in operation,
        "403": "security" in operation,
        "404": "{" in path or asks or sends,
        "415": sends,
        "429": not reads,
    }
    for code in (code for code, holds in codes.items() if holds):
        kind = "Faults" if code == "400" else "Fault"
        refusal = {"content": {"application/json": {"schema": _named(kind)}}}
        operation["responses"].setdefault(code, refusal)
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _close(operation: Schema, components: Schema) -> None:
    """No address that takes an object takes one with a misspelt name."""
    for sent in operation.get("requestBody", {}).get("content", {}).values():
        schema = sent["schema"]
        schema = schema.get("items", schema)
        kind = schema.get("$ref", "").rpartition("/")[2]
        if kind:
            components[kind]["additionalProperties"] = False


def _named(kind: str) -> Schema:
    return {"$ref": f"#/components/schemas/{kind}"}


def _sentences(said: str) -> tuple[str, str]:
    """The first sentence, and what follows it."""
    first, _, rest = said.strip().partition(".\n")
    return first.rstrip(".").replace("\n", " ") + ".", rest.strip()
