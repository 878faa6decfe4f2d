"""How addresses are described to programs: what they take, what they answer, what they refuse.

What follows from an address alone (who may, what is told when a thing is missing, rates) is added
to all of them at once where the description is made, in seestocks/schema.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers

Method = TypeVar("Method", bound=Callable[..., Any])
Schema = dict[str, Any]
Shape = type[serializers.Serializer[Any]] | serializers.BaseSerializer[Any] | Schema

NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
TRUTH: Schema = {"type": "string", "enum": ["true", "false"]}
TEXT: Schema = {"type": "string"}
FILE: Schema = {"type": "string", "format": "binary"}
FAULT: Schema = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}


def described(
    answer: Shape | None,
    *,
    codes: Sequence[int] = (200,),
    listed: bool = False,
    beside: Mapping[str, serializers.Field[Any, Any, Any, Any]] | None = None,
    asks: Mapping[str, Schema] | None = None,
    takes: Any = None,
    form: Mapping[str, Schema] | None = None,
    needs: Sequence[str] = ("file",),
    refuses: Mapping[int, Shape] | Sequence[int] = (),
    example: object = None,
) -> Callable[[Method], Method]:
    """Describe a method of a view; its first sentence is the summary.

    `answer`: the shape of what is answered with `codes`; None, no body. `listed`: the answer is a
    part of a list of such, with `beside` it. `asks`: the shapes of what may stand in the query, by
    name. `takes`: the shape of the JSON that is sent, `example` one of it; `form`: of a form with
    a file, which `needs` some of its fields. `refuses`: refusals of its own, with their shapes
    where they tell more than a sentence.
    """
    faults: dict[int, Shape] = (
        dict(refuses) if isinstance(refuses, Mapping) else dict.fromkeys(refuses, FAULT)
    )
    whole = _part_of_a_list(answer, beside or {}) if listed and answer is not None else answer
    paging = {"limit": NUMBER, "offset": NUMBER | {"minimum": 0}}
    query = {**(asks or {}), **(paging if listed else {})}
    return extend_schema(
        parameters=[
            OpenApiParameter(name, shape, OpenApiParameter.QUERY) for name, shape in query.items()
        ],
        request=_bodies(takes, form, needs),
        responses={**dict.fromkeys(codes, whole), **faults},
        examples=[OpenApiExample("One", example, request_only=True)] if example is not None else [],
    )


def thing(*may: str, **must: Schema) -> Schema:
    """Return the shape of an object with these properties; those named in `may` can be missing."""
    required = [name for name in must if name not in may]
    shape = {"type": "object", "properties": dict(must), "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def shape(
    name: str, *parts: type[serializers.Serializer[Any]], **fields: Any
) -> serializers.Serializer[Any]:
    """Return the shape called `name`: the fields of all `parts`, and these."""
    told = {key: field for part in parts for key, field in part().get_fields().items()}
    return inline_serializer(name, fields=told | fields)


def component_name(kind: type[serializers.BaseSerializer[Any]]) -> str:
    """Return what a serializer is called in the description: apps name theirs alike."""
    area = kind.__module__.rpartition(".")[2]
    bare = kind.__name__.removesuffix("Fields")
    return bare if area in ("utils", "runs") else f"{area.capitalize()}{bare}"


def _part_of_a_list(
    answer: Shape, beside: Mapping[str, serializers.Field[Any, Any, Any, Any]]
) -> Shape:
    if isinstance(answer, dict):
        link: Schema = {"type": "string", "format": "uri", "nullable": True}
        of_list: dict[str, Schema] = {"count": {"type": "integer"}, "next": link, "previous": link}
        return thing(**of_list, results={"type": "array", "items": answer})
    kind = answer if isinstance(answer, type) else type(answer)
    many = kind(many=True) if isinstance(answer, type) else _many(answer)
    return inline_serializer(
        f"{component_name(kind)}List",
        fields={
            **beside,
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": many,
        },
    )


def _many(one: Any) -> Any:
    return serializers.ListField(child=one)


def _bodies(takes: Any, form: Mapping[str, Schema] | None, needs: Sequence[str]) -> Any:
    bodies: dict[str, Any] = {} if takes is None else {"application/json": takes}
    if form is not None:
        bodies["multipart/form-data"] = {
            "type": "object",
            "properties": dict(form),
            "required": list(needs),
        }
    return bodies or None
