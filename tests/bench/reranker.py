"""What the cross-encoder is worth: `python -m tests.bench.reranker labels|pictures|students`.

In the installation that SEESTOCKS_DATA names, which is only read. `labels` learns from 5, 10, 25,
50 and 100 % of the judgments, `pictures` from all of them by each way in which a picture can take
part, `students` teaches those of two and three layers, whether or not the stage earns its place;
each learns anew from nothing, which takes minutes. Told of each: NDCG@10 on pages kept apart of
the cross-encoder alone, of the blend without the stage, with it, and of what runs would use, which
is one of the two; and what a student's own order loses to its teacher's.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)


def main() -> None:
    """Print one line for each size or way, and last all of it as one object."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seestocks.settings")
    django.setup()
    told = _told()
    rows = []
    for name, data, plan in _cases(told):
        card = _learned(data, plan)
        rows.append(_row(name, len(data.judged), card))
        print(_line(rows[-1]), flush=True)
    print(json.dumps({told.what: rows}))


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("labels", "pictures", "students"))
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--steps", type=int, help="lists that a teacher learns, at most")
    parser.add_argument("--beginning", type=int, help="lists that are learned before judgments")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    return parser.parse_args()


def _cases(told: argparse.Namespace) -> Iterator[tuple[str, Any, Any]]:
    """What is learned from, and how: by the share of labels, or by the way of pictures."""
    import numpy as np

    from ranking.actions.evaluate import shelf_today, texts_today
    from ranking.learning.reranker.data import Data
    from ranking.pipeline.data import Options
    from ranking.pipeline.rerank.pictures import WAYS
    from ranking.queries.inputs import load_judged

    shelf, judged, texts = shelf_today(lambda *_: None), load_judged(), texts_today()
    plan, order = _plan(told), np.random.default_rng(told.seed).permutation(len(judged))
    if told.what == "labels":
        for share in told.shares:
            some = judged.in_order(np.sort(order[: round(share * len(judged))]))
            yield f"{share:.0%} of the labels", Data.of(shelf, some, texts, Options()), plan
        return
    data = Data.of(shelf, judged, texts, Options())
    if told.what == "students":
        for layers in (2, 3):
            yield f"{layers} layers", data, replace(plan, layers=layers, regardless=True)
        return
    for way in WAYS:
        yield f"picture: {way}", data, replace(plan, picture=way)


def _plan(told: argparse.Namespace) -> Any:
    from ranking.learning.reranker.data import Plan

    plan = Plan(told.seed, folds=told.folds)
    lessons = replace(plan.lessons, steps=told.steps or plan.lessons.steps)
    beginning = replace(plan.beginning, steps=told.beginning or plan.beginning.steps)
    return replace(plan, lessons=lessons, beginning=beginning)


def _learned(data: Any, plan: Any) -> dict[str, Any]:
    """The card of a course up to its verdict, in a folder that goes away."""
    from ranking.learning.reranker.course import COMPARISON, VERDICT, Course

    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder), data, plan, lambda *_: None)
        last = COMPARISON if plan.regardless else VERDICT
        while not (course.folder / last).exists() and course.advance():
            pass
        return {**course.card, "seconds": course.seconds}


def _row(name: str, judged: int, card: dict[str, Any]) -> dict[str, Any]:
    """What is told of one case. Where too little is judged, nothing was learned or compared."""
    if "blend_without" not in card:
        return {"name": name, "judged": judged, "chosen": "left out", "why": card["why"]}
    without, teacher = card["blend_without"]["mean"], card["blend_with"]["teacher"]["mean"]
    chosen = card["earns_its_place"]
    return {
        "name": name,
        "judged": judged,
        "alone": card["kinds"][card["loss"]]["mean"],
        "without": without,
        "with": teacher,
        "used": teacher if chosen else without,
        "gain": card["gains"]["teacher"],
        "chosen": card["loss"] if chosen else "left out",
        "student_loses": card["student_loses"],
        "seconds": round(card["seconds"]),
    }


def _line(row: dict[str, Any]) -> str:
    figures = " ".join(
        f"{name} {row[name]:.4f}" for name in ("alone", "without", "with", "used") if name in row
    )
    if row.get("student_loses") is not None:
        figures += f" student loses {row['student_loses']:.4f}"
    return f"{row['name']:<22}{row['judged']:>6} judged  {figures}  {row['chosen']}"


if __name__ == "__main__":
    main()
