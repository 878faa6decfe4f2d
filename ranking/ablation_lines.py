"""An ablation as a table that fits a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taxonomy.models import Category

# What a column is called, and which metric it shows.
COLUMNS = {
    "NDCG@10": "ndcg@10",
    "@48": "ndcg@48",
    "P@10": "p@10",
    "wrong": "wrong@10",
    "misfil.": "misfiled@10",
    "kept": "right kept",
    "order": "ndcg@10 removed last",
    "judged": "judged@10",
    "least": "ndcg@10 at least",
}
WORST = 5  # pages that are named
LEGEND = """\
On the judged products that are listed, pages left out with their families; means over pages on
which it is known. wrong, misfil.: share of pages with such a product in the first ten; kept: share
of the right products that are still listed; order: NDCG@10 with what was removed behind the others;
judged: share of the first ten of the whole list that somebody judged; least: NDCG@10 of the
whole list, all that nobody judged as worthless. gain: in NDCG@10 over the line before; p: of all
metrics of the line together (Holm). ms: a page, this stage alone; the
cross-encoder's is that of looking up what it has read before."""


def lines_of(figures: dict[str, Any]) -> list[str]:
    """Return the stages, the baselines, people's own orders, the signals and the worst pages."""
    return [
        f"{figures['judged']:,} judged products of {figures['pages']} pages; learned from "
        f"{figures['learned_from']:,}",
        "",
        f"{'':<18}{''.join(f'{name:>8}' for name in COLUMNS)}    gain      p    ms",
        *map(_stage, figures["stages"]),
        f"{'MiniLM':<18}{_row(figures['baselines']['minilm'])}",
        *_left_out(figures["stages"]),
        "",
        *_last_interval(figures["stages"]),
        *_raters(figures["raters"]),
        *_signals(figures["signals"]),
        *_worst(figures["by_page"]),
        "",
        LEGEND,
    ]


def _stage(stage: dict[str, Any]) -> str:
    if stage["left_out"]:
        return f"{stage['name']:<18}  left out"
    gain = stage["against_before"].get("ndcg@10")
    is_known = gain is not None and gain["mean"] is not None
    against = f"{gain['mean']:>+8.3f}  {gain['p_holm']:.3f}" if is_known else f"{'':>15}"
    return f"{stage['name']:<18}{_row(stage['metrics'])}{against} {1000 * stage['seconds']:>5.1f}"


def _row(metrics: dict[str, Any]) -> str:
    return "".join(f"{_number(metrics[name]['mean']):>8}" for name in COLUMNS.values())


def _left_out(stages: list[dict[str, Any]]) -> Iterator[str]:
    for stage in stages:
        if stage["left_out"]:
            yield f"{stage['name']}: {stage['left_out']}"


def _last_interval(stages: list[dict[str, Any]]) -> Iterator[str]:
    metrics = [stage for stage in stages if not stage["left_out"]][-1]["metrics"]
    yield "After the last stage, with 95 % by page:"
    for label, name in COLUMNS.items():
        value = metrics[name]
        ends = f"{_number(value['low'])} to {_number(value['high'])}"
        yield f"  {label:<9}{_number(value['mean'])}  {ends}"


def _raters(raters: dict[str, Any] | None) -> Iterator[str]:
    if raters is None:
        yield "No two people graded the same products: how well they would do is unknown."
        return
    others, median = raters["against_others"], raters["against_median"]
    yield (
        f"{raters['people']} people's own orders, on {raters['pairs']:,} products that several "
        f"graded: NDCG@10 {_number(others['mean'])} ({_number(others['low'])} to "
        f"{_number(others['high'])}) by the others, {_number(median['mean'])} by the median of all."
    )


def _signals(signals: list[dict[str, Any]]) -> Iterator[str]:
    if signals:
        yield "NDCG@10 gained by each signal, beside all others:"
    for one in signals:
        gain = one["gain"]
        ends = f"{_signed(gain['low'])} to {_signed(gain['high'])}"
        yield f"  {one['signal']:<18}{_signed(gain['mean'])}  {ends}  p {_number(gain['p_holm'])}"


def _worst(pages: list[dict[str, Any]]) -> Iterator[str]:
    worst = [page for page in pages if page["ndcg@10"] is not None][:WORST]
    found = Category.objects.filter(id__in=[page["page"] for page in worst])
    paths = dict(found.values_list("id", "path"))
    yield f"{len(pages)} pages; the worst by NDCG@10, and with what was removed behind the others:"
    for page in worst:
        in_order = _number(page["ndcg@10 removed last"])
        yield f"  {_number(page['ndcg@10'])}  {in_order}  {paths[page['page']]}"
    if unknown := sum(page["ndcg@10"] is None for page in pages):
        yield f"Unknown on {unknown}: nothing that is listed there is judged, or nothing is right."


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.4f}"
