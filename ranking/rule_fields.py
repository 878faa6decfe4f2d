"""What a branch of the tree may ask of its pages: names, words, ranges. Loads no arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ranking.pipeline.options import IGNORE, LOWER, REMOVE, Options

Value = float | int | bool | str
NUMBER = re.compile(r"\d{1,6}([.,]\d{1,6})?")


class Kind(StrEnum):
    """How a value is written."""

    SHARE = "share"  # 0 to 1; people write per cent
    DAYS = "days"
    COUNT = "count"
    CHOICE = "choice"


class BadRules(Exception):
    """Values that cannot be kept; `faults` has a sentence for each name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class RuleField:
    """One thing that a branch may ask for."""

    name: str  # of the option
    rule: str  # under which it stands on the form
    label: str
    meaning: str
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    choices: tuple[tuple[Value, str], ...] = ()

    @property
    def default(self) -> Value:
        """What counts where nobody says anything."""
        value: Value = getattr(Options(), self.name)
        return value

    @property
    def range(self) -> str:
        """Which values may be, for people."""
        return f"{self.shown(self.low)} to {self.shown(self.high)}"

    def shown(self, value: Value) -> str:
        """Return the value in words: "35 %", "30 days", "4"."""
        if self.choices:
            return dict(self.choices)[value]
        if self.kind == Kind.SHARE:
            return f"{100 * float(value):g}\xa0%"
        return f"{value:g}\xa0days" if self.kind == Kind.DAYS else f"{value:g}"

    def written(self, value: Value) -> str:
        """Return the value as the form has it."""
        if self.choices:
            return str(value).lower()
        return f"{100 * float(value):g}" if self.kind == Kind.SHARE else f"{value:g}"

    def read(self, text: str) -> Value:
        """Return what somebody wrote into the form. Raises ValueError with a sentence."""
        text = text.strip().removesuffix("%").strip()
        if self.choices:
            return self.checked({str(value).lower(): value for value, _ in self.choices}.get(text))
        if not NUMBER.fullmatch(text):
            raise ValueError(f"{self.label}: write a number from {self.range}.")
        number = float(text.replace(",", "."))
        if self.kind == Kind.SHARE:
            return self.checked(round(number / 100, 8))
        return self.checked(int(number) if number.is_integer() else number)

    def checked(self, value: Any) -> Value:
        """Return a value that may be. Raises ValueError with a sentence."""
        if self.choices:
            return self._chosen(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:
            raise ValueError(f"{self.label}: it is a number from {self.range}.")
        if self.kind == Kind.COUNT and value != int(value):
            raise ValueError(f"{self.label}: it is a whole number from {self.range}.")
        return int(value) if self.kind == Kind.COUNT else float(value)

    def _chosen(self, value: Any) -> Value:
        for known, _ in self.choices:
            if type(value) is type(known) and value == known:
                return known
        names = ", ".join(str(known).lower() for known, _ in self.choices)
        raise ValueError(f"{self.label}: it is one of {names}.")


FIELDS: tuple[RuleField, ...] = (
    RuleField(
        name="longest_unseen_days",
        rule="Not seen lately",
        label="Removed after",
        meaning="Days for which a product was missing when its retailer was last heard of.",
        kind=Kind.DAYS,
        low=1,
        high=3650,
    ),
    RuleField(
        name="minimum_confidence",
        rule="Too unsure",
        label="Minimum confidence",
        meaning="The chance that a person would call the product right, below which it is removed.",
        kind=Kind.SHARE,
        high=0.95,
    ),
    RuleField(
        name="merge_duplicates",
        rule="Offers of one product",
        label="Shown as",
        meaning="Of the offers of one product the cheapest in stock stands for all, or each stands "
        "for itself.",
        kind=Kind.CHOICE,
        choices=((True, "one product"), (False, "one product each")),
    ),
    RuleField(
        name="half_life_days",
        rule="Freshness",
        label="Half-life",
        meaning="Days unseen after which a product counts half. An unknown date costs nothing.",
        kind=Kind.DAYS,
        low=1,
        high=3650,
    ),
    RuleField(
        name="freshness_floor",
        rule="Freshness",
        label="Never below",
        meaning="How much of its chance even the oldest product keeps.",
        kind=Kind.SHARE,
    ),
    RuleField(
        name="out_of_stock",
        rule="Out of stock",
        label="What is out of stock",
        meaning="It stands behind what is in stock and hardly worse, is removed, or stands where "
        "it would stand in stock.",
        kind=Kind.CHOICE,
        choices=((LOWER, "stands lower"), (REMOVE, "is removed"), (IGNORE, "stands as it would")),
    ),
    RuleField(
        name="most_in_top",
        rule="Room for other retailers",
        label="Of the first 10 places",
        meaning="The most that one retailer has, where others have something as good.",
        kind=Kind.COUNT,
        low=1,
        high=10,
    ),
    RuleField(
        name="most_on_page",
        rule="Room for other retailers",
        label="Of the whole page",
        meaning="The largest share of the page that one retailer has, where others have something "
        "as good.",
        kind=Kind.SHARE,
        low=0.01,
    ),
    RuleField(
        name="band",
        rule="Room for other retailers",
        label="As good means within",
        meaning="How much likelier right a product may be and still be moved behind another, for "
        "its stock or its retailer.",
        kind=Kind.SHARE,
        high=0.5,
    ),
)
BY_NAME = {field.name: field for field in FIELDS}


def checked(values: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values by name, in the order of FIELDS. Raises BadRules."""
    strangers = {name: f"There is no rule “{name}”." for name in values if name not in BY_NAME}
    return _taken(values, RuleField.checked, strangers)


def read(form: Mapping[str, str]) -> dict[str, Value]:
    """Return what a form says; what is left empty is inherited. Raises BadRules."""
    written = {name: form.get(name, "").strip() for name in BY_NAME}
    return _taken({name: text for name, text in written.items() if text}, RuleField.read, {})


def _taken(
    said: Mapping[str, Any], take: Callable[[RuleField, Any], Value], faults: dict[str, str]
) -> dict[str, Value]:
    """What each field takes of what is said. Raises BadRules, also for the faults known by now."""
    kept: dict[str, Value] = {}
    for name in (name for name in BY_NAME if name in said):
        try:
            kept[name] = take(BY_NAME[name], said[name])
        except ValueError as fault:
            faults[name] = str(fault)
    if faults:
        raise BadRules(faults)
    return kept
