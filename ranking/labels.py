"""What signals and rules are called on screen. A name that is not known is shown as it is."""

from __future__ import annotations

from ranking.pipeline.names import SIGNALS

BASE = "base"  # the part of a score that no signal adds

RULES = {
    "minimum confidence": "Too unsure",
    "not seen lately": "Not seen lately",
}
_SIGNALS = {signal.key: (signal.label, signal.meaning) for signal in SIGNALS}


def signal_words(key: str) -> tuple[str, str]:
    """Return what the signal is called, and what its value means."""
    if key == BASE:
        return "Where every product starts", ""
    return _SIGNALS.get(key, (key, ""))


def rule_label(key: str) -> str:
    """Return what the rule is called."""
    return RULES.get(key, key)
