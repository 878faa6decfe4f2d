"""What signals and rules are called on screen. A name that is not known is shown as it is."""

from __future__ import annotations

from typing import Any

from ranking.pipeline.names import SIGNALS

BASE = "base"  # the part of a score that no signal adds

RULES = {
    "minimum confidence": "Too unsure",
    "not seen lately": "Not seen lately",
    "outlier": "Does not belong",
    "out of stock": "Out of stock",
    "near-duplicate": "Another offer of the same",
    "freshness": "Not seen for a while",
    "retailer diversity": "Room for other retailers",
}
# What was compared when something was learned.
_CHOICES = {
    "default": "Default weights",
    "linear": "A weighted sum",
    "trees": "Trees on top of a weighted sum",
    "gain": "Trees that add up the gain of each grade",
    "ranks": "Trees that learn the order alone (LambdaMART)",
    "graded": "Learned from grades, one product at a time",
    "listwise": "Learned from the order of whole lists",
    "teacher": "The large model",
    "student": "A small model that learned from the large one",
    "without": "Without it",
    "left out": "Left out",
}
# How a signal stands beside those of the page's other candidates.
_BESIDE = {
    "rank": "place among the page’s products",
    "z": "spreads from the page’s middle",
    "gap": "distance from the page’s middle",
}
_SIGNALS = {signal.key: (signal.label, signal.meaning) for signal in SIGNALS}


def signal_words(key: str) -> tuple[str, str]:
    """Return what the signal is called, and what its value means."""
    if key == BASE:
        return "Where every product starts", ""
    signal, _, statistic = key.rpartition("_")
    if statistic in _BESIDE and signal in _SIGNALS:
        return f"{_SIGNALS[signal][0]}: {_BESIDE[statistic]}", ""
    return _SIGNALS.get(key, (key, ""))


def choice_words(key: str) -> str:
    """Return what one of the compared ways to learn is called."""
    return _CHOICES.get(key, key.replace("_", " ").capitalize())


def blend_words(blend: dict[str, Any]) -> str:
    """Return how a run weighed its signals, as a sentence; nothing before that is known."""
    if not blend:
        return ""
    kind, losses = blend["kind"], blend.get("log_loss", {})  # runs of old say how sure they were
    seen = f"{blend.get('judgments', 0):,} judged products of {blend.get('pages', 0):,} pages"
    if kind == "default":
        if len(losses) > 1 or len(blend.get("tried", ())) > 1:
            return f"Signals have their default weights: what {seen} teach was not surely better."
        return f"Signals have their default weights: {seen} are too few to learn from."
    learned = f"How signals are weighed was learned from {seen}"
    if kind in losses:
        gain = 1 - losses[kind] / losses["default"]
        return (
            f"{learned}: on pages kept apart, its confidence errs {100 * gain:.0f}\xa0% less than "
            "with the default weights."
        )
    return f"{learned}: {_lower(choice_words(kind))}."


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


def rule_label(key: str) -> str:
    """Return what the rule is called."""
    return RULES.get(key, key)
