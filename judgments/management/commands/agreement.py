"""manage.py agreement: how far people agree in what they judged."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from judgments.agreement.coefficients import Coefficient
from judgments.agreement.words import Words
from judgments.models import Annotator
from judgments.queries.agreement import blind_words
from taxonomy.models import Category


class Command(BaseCommand):
    help = "Print Krippendorff's ordinal alpha, and Cohen's quadratic kappa of each two people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        among = parser.add_mutually_exclusive_group()
        among.add_argument("--page", type=int, metavar="ID", help="of what was judged for one page")
        among.add_argument("--branch", type=int, metavar="ID", help="of a category and all below")

    def handle(self, **options: Any) -> None:
        found = figures(self._words(options["page"], options["branch"]))
        self.stdout.write(json.dumps(found, indent=1) if options["json"] else told(found))

    def _words(self, page: int | None, branch: int | None) -> Words:
        words = Words.of(blind_words())
        if page is None and branch is None:
            return words
        asked = page if branch is None else branch
        category = Category.objects.filter(pk=asked or 0).first()
        if category is None:
            raise CommandError(f"The tree has no category {asked}.")
        if branch is None:
            return words.on([category.pk])
        return words.on(Category.objects.under(category).values_list("id", flat=True))


def figures(words: Words) -> dict[str, Any]:
    """Return the figures by name: null where a coefficient is not defined, and there why."""
    everyone = words.alpha()
    names = dict(Annotator.objects.filter(pk__in=words.everyone).values_list("id", "name"))
    pairs = {
        " ".join(sorted((names[one], names[other]))): found for one, other, found in words.pairs()
    }
    pairs = dict(sorted(pairs.items()))
    reasons = {"alpha_ordinal": everyone.undefined} | {
        pair: found.undefined for pair, found in pairs.items()
    }
    return {
        "alpha_ordinal": everyone.value,
        "alpha_interval": _interval(everyone),
        "pairs": {pair: found.value for pair, found in pairs.items()},
        "pairs_intervals": {pair: _interval(found) for pair, found in pairs.items()},
        "pairs_items": {pair: found.items for pair, found in pairs.items()},
        "items": everyone.items,
        "judgments": everyone.judgments,
        "undefined": {name: reason for name, reason in reasons.items() if reason},
    }


def told(found: dict[str, Any]) -> str:
    """Return the figures as lines for a person."""
    lines = [
        f"{found['items']:,} items judged by two or more, {found['judgments']:,} judgments of them",
        _line("alpha", found["alpha_ordinal"], found["alpha_interval"]),
    ]
    for pair, value in found["pairs"].items():
        lines.append(_line(f"kappa {pair}", value, found["pairs_intervals"][pair]))
    lines += [f"{name}: {reason}" for name, reason in found["undefined"].items()]
    return "\n".join(lines)


def _line(name: str, value: float | None, interval: list[float] | None) -> str:
    if value is None:
        return f"{name}: undefined"
    return f"{name}: {value:.4f}" + (
        f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else ""
    )


def _interval(found: Coefficient) -> list[float] | None:
    return None if found.low is None or found.high is None else [found.low, found.high]
