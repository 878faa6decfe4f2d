"""Which key does what on the judging screen: the presets, and what a person may bind anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FOCUS, CONTRAST = "focus", "contrast"
# Enter goes on, Escape closes, Tab and the arrows move, "?" explains, "/" searches.
RESERVED = {"?", "/", " "}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key can do, and the views in which it does."""

    name: str
    label: str
    views: frozenset[str]


@dataclass(frozen=True, slots=True)
class Preset:
    """A whole set of keys: action → key."""

    name: str
    label: str
    keys: Mapping[str, str]


class Conflict(Exception):
    """Keys that cannot be used together; `faults` has a sentence for each action at fault."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


_BOTH = frozenset({FOCUS, CONTRAST})
ACTIONS = (
    Action("wrong", "Wrong", frozenset({FOCUS})),
    Action("related", "Related", frozenset({FOCUS})),
    Action("acceptable", "Acceptable", frozenset({FOCUS})),
    Action("exact", "Exact", frozenset({FOCUS})),
    Action("elsewhere", "Belongs elsewhere", frozenset({FOCUS})),
    Action("first", "The first of two", frozenset({CONTRAST})),
    Action("neither", "Neither of two", frozenset({CONTRAST})),
    Action("second", "The second of two", frozenset({CONTRAST})),
    Action("cannot_tell", "Can’t tell", _BOTH),
    Action("later", "Later", _BOTH),
    Action("undo", "Undo", _BOTH),
)
# In the order of ACTIONS.
_NAMES = [action.name for action in ACTIONS]
PRESETS = {
    name: Preset(name, label, dict(zip(_NAMES, keys, strict=True)))
    for name, label, keys in (
        ("home", "Home row", "asdfeasdwlu"),
        ("left", "Left hand alone", "asdfeasdwqz"),
        ("numbers", "Number row", "01234123567"),
    )
}
USUAL = "home"


def preset_of(kept: Mapping[str, str]) -> Preset:
    """Return the preset that a person's kept keys begin with; the usual one for none."""
    return PRESETS.get(kept.get("preset", ""), PRESETS[USUAL])


def bound(kept: Mapping[str, str]) -> dict[str, str]:
    """Return the key of every action: the preset's, except where the person has bound another."""
    own = {name: key for name, key in kept.items() if name in _NAMES}
    return {**preset_of(kept).keys, **own}


def rebound(preset: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Return what to keep of a person whose keys these shall be: the preset, and what differs.

    Keys are one character each, upper or lower case alike; a missing action keeps the preset's.
    Raises Conflict when two actions of one view share a key, or one is no key that can be bound.
    """
    usual = PRESETS.get(preset, PRESETS[USUAL])
    wanted = {**usual.keys, **{name: keys[name].strip().lower() for name in _NAMES if name in keys}}
    if faults := conflicts(wanted):
        raise Conflict(faults)
    own = {name: key for name, key in wanted.items() if key != usual.keys[name]}
    return {"preset": usual.name, **own}


def conflicts(keys: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence for each action whose key cannot be used, by the action's name."""
    found: dict[str, str] = {}
    for action in ACTIONS:
        key = keys[action.name]
        others = [
            other.label
            for other in ACTIONS
            if other != action and other.views & action.views and keys[other.name] == key
        ]
        if len(key) != 1 or not key.isprintable():
            found[action.name] = f"{action.label} needs a key: one letter, number or sign."
        elif key in RESERVED:
            found[action.name] = f"“{key}” is taken on every page; choose another."
        elif others:
            found[action.name] = f"“{key.upper()}” is also {' and '.join(others)}."
    return found
