"""The gate: whether what a run made may be published without anybody looking. Loads no arrays.

A run's Comparison holds what is published against the run, page by page; the verdict is read off
its figures here, so that a bound that somebody changes counts at once.

**When it is shut.** A top-level branch shuts it when the estimate of its loss is beyond the bound
*and* the 95 % interval of the paired loss lies below 0: the loss is both too large and no chance.
"""

# Why so: asking for the whole interval to lie beyond the bound would let a branch of few pages
# lose any amount; asking for none of it to lie beyond would shut the gate every night, since on
# ten judged pages even equal rankings differ by chance by more than a hundredth, and people learn
# to publish against a gate that is always shut. What is large but could be chance is not passed
# over either: there the machine's confidence, known of every page, decides.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ranking.models import FINISHED, Cause, Comparison, NightPlan, Release, Run, State
from ranking.queries.sides import DECIDING
from taxonomy.models import Category

RIGHT = "p@10"
SURE = "confidence@10"
BOUND = 0.01  # where nobody has set another
FEWEST = 5  # pages from which on an interval tells chance from loss
EQUAL = 1e-9
NAMED = 5  # pages that are named when they fell empty


@dataclass(frozen=True)
class Gate:
    """Whether a run may be published, and why not."""

    is_open: bool
    is_measured: bool  # False: it cannot be told yet, and the reasons say what is missing
    reasons: list[str] = field(default_factory=list)  # plain sentences; empty where it is open
    # {"comparison", "bound", "branches": one line each, "emptied", "notes": what could not be told}
    # Where it is not measured: the comparison, if there is one, and whether it "is_under_way".
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one top-level branch."""

    branch: int
    name: str
    decided_by: str  # RIGHT, SURE, or "" where no page of it can be compared
    is_worse: bool
    sentence: str  # why it is worse, or what could not be told; "" where all is well


def gate(run: Run) -> Gate:
    """Return whether the run may be published instead of what is published now.

    Open before anything is published. Shut, and not measured, while the comparison that decides
    it is missing, under way, or was made against something that is published no longer.
    """
    newest = Release.objects.filter(cause__in=DECIDING).order_by("-id").first()
    if newest is None or (newest.cause == Cause.RUN and newest.run_id == run.pk):
        return Gate(is_open=True, is_measured=True)
    comparison = gate_comparison(run)
    if (missing := _missing(run, comparison, newest)) or comparison is None:
        return Gate(is_open=False, is_measured=False, reasons=[missing], figures=_way(comparison))
    return _judged(comparison)


def gate_comparison(run: Run) -> Comparison | None:
    """Return the run's own comparison, the newest one; None where nobody asked for it."""
    return Comparison.objects.filter(run=run).defer("by_page").order_by("-id").first()


def bound_now() -> float:
    """Return how much worse a top-level branch may be, as a share of the first ten."""
    plan = NightPlan.objects.order_by("id").values_list("bound", flat=True).first()
    return BOUND if plan is None else plan


def verdicts(branches: Sequence[Mapping[str, Any]], bound: float) -> list[Verdict]:
    """Return what the figures of each branch come to, in their order."""
    return [_verdict(branch, bound) for branch in branches]


def _way(comparison: Comparison | None) -> dict[str, Any]:
    """Where the comparison stands that decides, or is to decide."""
    if comparison is None:
        return {}
    return {"comparison": comparison.pk, "is_under_way": not comparison.is_finished}


def _missing(run: Run, comparison: Comparison | None, newest: Release) -> str:
    if not run.is_finished:
        return "The run has not ended yet."
    if comparison is None:
        return "It has not been compared with what is published."
    if comparison.state not in FINISHED:
        return "It is being compared with what is published."
    if comparison.state != State.DONE:
        return "The comparison with what is published did not come to its end."
    if comparison.figures.get("release") != newest.pk:
        return "Something else has been published since it was compared. Compare it again."
    return ""


def _judged(comparison: Comparison) -> Gate:
    of_run = comparison.figures["sides"][-1]
    bound = bound_now()
    said = verdicts(of_run["branches"], bound)
    reasons = [*_emptied(of_run["emptied"]), *(one.sentence for one in said if one.is_worse)]
    return Gate(
        is_open=not reasons,
        is_measured=True,
        reasons=reasons,
        figures={
            "comparison": comparison.pk,
            "bound": bound,
            "branches": [
                _line(one, branch) for one, branch in zip(said, of_run["branches"], strict=True)
            ],
            "emptied": of_run["emptied"],
            "notes": [one.sentence for one in said if one.sentence and not one.is_worse],
        },
    )


def _line(verdict: Verdict, branch: Mapping[str, Any]) -> dict[str, Any]:
    decided = branch["against_first"].get(verdict.decided_by)
    return {
        "branch": verdict.branch,
        "name": verdict.name,
        "decided_by": verdict.decided_by,
        "is_worse": verdict.is_worse,
        "gained": decided,
    }


def _verdict(branch: Mapping[str, Any], bound: float) -> Verdict:
    right, sure = branch["against_first"][RIGHT], branch["against_first"][SURE]
    told = right["pages"] >= FEWEST
    if told and not _is_beyond(right, bound):
        return _said(branch, RIGHT)
    if told and right["high"] < 0:
        return _said(branch, RIGHT, _worse_by_judgments(branch), is_worse=True)
    if not sure["pages"]:
        return _said(branch, "")
    why = _why_not_judged(branch, told=told)
    # Confidence is known of every page there is: where those are few, the estimate stands alone.
    if _is_beyond(sure, bound) and (sure["high"] < 0 or sure["pages"] < FEWEST):
        return _said(branch, SURE, _worse_by_confidence(branch, why), is_worse=True)
    note = f"{branch['name']}: {why}, and by the machine’s confidence it is not worse."
    return _said(branch, SURE, note if told or right["pages"] else "")


def _said(
    branch: Mapping[str, Any], decided_by: str, sentence: str = "", *, is_worse: bool = False
) -> Verdict:
    return Verdict(branch["branch"], branch["name"], decided_by, is_worse, sentence)


def _is_beyond(gained: Mapping[str, Any], bound: float) -> bool:
    return bool(gained["mean"] < -bound - EQUAL)


def _worse_by_judgments(branch: Mapping[str, Any]) -> str:
    gained = branch["against_first"][RIGHT]
    return (
        f"{branch['name']} is worse: of what is judged among the first ten, "
        f"{_share(gained['after'])} is right instead of {_share(gained['before'])} "
        f"({_points(gained)})."
    )


def _worse_by_confidence(branch: Mapping[str, Any], why: str) -> str:
    gained = branch["against_first"][SURE]
    return (
        f"{branch['name']} is worse by the machine’s own word, which counts since {why}: its "
        f"confidence in the first ten is {_share(gained['after'])} instead of "
        f"{_share(gained['before'])} ({_points(gained)})."
    )


def _why_not_judged(branch: Mapping[str, Any], *, told: bool) -> str:
    judged = branch["against_first"][RIGHT]["pages"]
    if told:
        return f"the judgments of {_pages(judged)} cannot tell a loss from chance"
    if not judged:
        return "none of its pages is judged on both sides"
    verb = "is" if judged == 1 else "are"
    return f"only {judged:,} of {_pages(branch['pages'])} {verb} judged on both sides"


def _emptied(pages: Sequence[int]) -> list[str]:
    if not pages:
        return []
    named = list(
        Category.objects.filter(pk__in=pages).order_by("path").values_list("name", flat=True)
    )
    rest = [f"{len(pages) - NAMED:,} more"] if len(pages) > NAMED else []
    *most, last = [*named[:NAMED], *rest]
    listed = f"{', '.join(most)} and {last}" if most else last
    return [f"{listed} would be left without a product."]


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(gained: Mapping[str, Any]) -> str:
    """The loss, with its interval where there are pages enough for one, and on how many pages."""
    mean, low, high = (f"{100 * gained[end]:+.1f}" for end in ("mean", "low", "high"))
    told = f"{mean} points"
    if gained["pages"] >= FEWEST:
        told += f", {low} to {high} with 95 % certainty"
    return f"{told}, on {_pages(gained['pages'])}".replace("-", "−")


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"
