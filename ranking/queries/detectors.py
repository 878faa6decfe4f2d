"""The detector of outliers that a run or a version of the blend has. For workers: loads arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from ranking.pipeline.data import Options
from ranking.pipeline.outliers.detector import Detector


def load_detector(made: Mapping[str, Any]) -> Detector | None:
    """Return the detector named beside a blend; None for blends of before there were any.

    Raises OSError and ValueError when its file cannot be read any more.
    """
    name = made.get("outliers")
    return Detector.load(settings.DATA / "models" / name) if name else None


def risk_of(made: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return where runs with these options cut, and what that promises, as `risk`; {} without a
    detector."""
    detector = load_detector(made)
    if detector is None:
        return {}
    cut = detector.cut(options.wrong_shown, options.minimum_confidence)
    return {"risk": cut.figures()}
