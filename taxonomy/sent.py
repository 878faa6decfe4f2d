"""What programs send, checked before it counts, and told field by field what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError
from rest_framework.settings import api_settings

MOST_FAULTS = 5  # that are told at once

# What JSON has to hold for each kind of field, and in words.
KINDS: dict[type[serializers.Field[Any, Any, Any, Any]], tuple[Any, str]] = {
    serializers.BooleanField: (bool, "true or false"),
    serializers.IntegerField: (int, "a whole number"),
    serializers.RelatedField: (int, "a whole number"),
    serializers.FloatField: ((int, float), "a number"),
    serializers.CharField: (str, "a text"),
    serializers.UUIDField: (str, "a text"),
}


def sent(given: serializers.Serializer[Any]) -> dict[str, Any]:
    """Return what a program sent, checked; 400 that says of each field what is wrong with it.

    A misspelt name is refused: without it a text might become live, or not. So is a number
    where a text belongs.
    """
    faults = [] if fits(given) else [*_misfits(given, given.initial_data)]
    if not faults and not given.is_valid():
        faults = [*_refused(given.errors, given, given.initial_data)]
    if faults:
        raise ParseError(" ".join(faults[:MOST_FAULTS]))
    return dict(given.validated_data)


def fits(given: serializers.BaseSerializer[Any]) -> bool:
    """Whether what was sent has no other names, and no other kinds of values, than described.

    Fields themselves take "5" for 5 and 5 for "5", as forms need it; of forms nothing is asked.
    """
    said = given.initial_data
    if isinstance(said, QueryDict):
        return set(said) <= set(given.fields) if isinstance(given, serializers.Serializer) else True
    return not any(_misfits(given, said))


def _misfits(field: Any, said: object, at: str = "") -> Iterator[str]:
    """What does not fit, a sentence each; `at` is where it stands: "rules[0].note"."""
    if said is None and at:
        return  # the field itself says whether it may be
    if isinstance(field, serializers.Serializer):
        yield from _misfitting_names(field, said, at)
    elif isinstance(field, serializers.ListSerializer | serializers.ListField):
        if not isinstance(said, list):
            yield f"{at}: a list belongs here."
            return
        for place, one in enumerate(said):
            yield from _misfits(field.child, one, f"{at}[{place}]")
    elif isinstance(field, serializers.DictField):
        if not isinstance(said, dict):
            yield f"{at}: an object belongs here."
            return
        for name, value in said.items():
            yield from _misfits(field.child, value, _below(at, name))
    else:
        found = (told for kind, told in KINDS.items() if isinstance(field, kind))
        kinds, words = next(found, (object, ""))
        if not isinstance(said, kinds) or (isinstance(said, bool) and kinds not in (bool, object)):
            yield f"{at}: {words} belongs here."


def _misfitting_names(field: serializers.Serializer[Any], said: object, at: str) -> Iterator[str]:
    names = ", ".join(f'"{name}"' for name in field.fields)
    if not isinstance(said, dict):
        yield f"{at}: an object of {names} belongs here." if at else f"Give an object of {names}."
        return
    for name, value in said.items():
        if name in field.fields:
            yield from _misfits(field.fields[name], value, _below(at, name))
        else:
            yield f"{_below(at, name)[:100]}: there is no such field, but {names}."


def _refused(errors: Any, field: Any, said: Any, at: str = "") -> Iterator[str]:
    """What the fields refuse, a sentence each."""
    if isinstance(errors, dict):
        for name, within in errors.items():
            if name == api_settings.NON_FIELD_ERRORS_KEY:
                yield from _refused(within, field, said, at)
            else:
                yield from _refused(within, *_part(field, said, name), _below(at, name))
        return
    for place, error in enumerate(errors):
        if isinstance(error, dict):
            yield from _refused(error, *_part(field, said, place), _below(at, place))
        else:
            yield f"{at}: {_why(error, field, said)}" if at else str(error)


def _part(field: Any, said: Any, name: Any) -> tuple[Any, Any]:
    """The field of that name or place, and what was sent for it."""
    part = field.fields[name] if isinstance(field, serializers.Serializer) else field.child
    return part, said.get(name) if isinstance(said, dict) else said[name]


def _why(error: ErrorDetail, field: Any, said: Any) -> str:
    if error.code == "max_length" and isinstance(said, str):
        return f"at most {field.max_length:,} characters; these are {len(said.strip()):,}."
    return str(error)


def _below(at: str, name: object) -> str:
    if isinstance(name, int):
        return f"{at}[{name}]"
    return f"{at}.{name}" if at else str(name)
