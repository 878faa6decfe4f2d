"""Finished evaluations for tests of what people see, without measuring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from ranking.evaluation import METRICS
from ranking.learning.ablation.table import AT_LEAST, IN_ORDER, KEPT
from ranking.models import Evaluation, State
from taxonomy.models import Category, Product

NAMES = {"price": "Sorted by price", "signals": "+ signals", "rules": "+ rules"}


def make_evaluation(
    page: Category, *, unjudged: Sequence[Product] = (), ndcg: float = 0.91, **fields: Any
) -> Evaluation:
    """Return an evaluation of one page: by price 0.5, with signals 0.8, with rules `ndcg`."""
    values = dict(zip(NAMES, (0.5, 0.8, ndcg), strict=True))
    stages = [_stage(key, value, gained=key != "price") for key, value in values.items()]
    figures = {
        "pages": 1,
        "judged": 12,
        "learned_from": 30,
        "stages": [*stages, _left_out()],
        "baselines": {"minilm": _metrics(0.6)},
        "raters": {
            "against_others": _ends(0.79),
            "against_median": _ends(0.92),
            "people": 3,
            "pairs": 12,
        },
        "signals": [],
        "by_page": [
            {"page": page.pk, "judged": 12, "ndcg@10": ndcg, IN_ORDER: ndcg, "stages": values}
        ],
        "unjudged": [
            {"page": page.pk, "product": product.pk, "position": place, "confidence": 0.6}
            for place, product in enumerate(unjudged, 1)
        ],
    }
    row = {"state": State.DONE, "finished_at": timezone.now(), "settings": {}, "figures": figures}
    return Evaluation.objects.create(**(row | fields))


def _stage(key: str, value: float, *, gained: bool) -> dict[str, Any]:
    gain = {**_ends(0.1), "p": 0.001, "p_holm": 0.004}
    return {
        "key": key,
        "name": NAMES[key],
        "left_out": "",
        "metrics": _metrics(value),
        "against_before": dict.fromkeys(METRICS, gain) if gained else {},
        "seconds": 0.004,
    }


def _left_out() -> dict[str, Any]:
    nothing: dict[str, Any] = {"metrics": {}, "against_before": {}, "seconds": None}
    why = "No version of the cross-encoder is in use."
    return {"key": "reranking", "name": "+ cross-encoder", "left_out": why, **nothing}


def _metrics(value: float) -> dict[str, Any]:
    unknown = dict.fromkeys(("mean", "low", "high"))
    metrics: dict[str, Any] = dict.fromkeys((*METRICS, AT_LEAST, IN_ORDER, KEPT), _ends(value))
    return metrics | {"misfiled@10": unknown}


def _ends(value: float) -> dict[str, float]:
    return {"mean": value, "low": value - 0.05, "high": min(value + 0.05, 1.0)}
