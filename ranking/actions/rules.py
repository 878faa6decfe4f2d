"""Write what a branch asks of its pages: each time a revision, none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from ranking.models import BranchRules, RulesState
from ranking.queries.rules import newest_rules
from ranking.rule_fields import BadRules, Value, checked
from taxonomy.actions.discriminators import BadText, checked_note
from taxonomy.models import Category


class NoBranch(Exception):
    """The category is retired, so there are no pages below it."""


class ChangedMeanwhile(Exception):
    """Somebody else has changed these rules since; `newest` is what they said."""

    def __init__(self, newest: BranchRules | None) -> None:
        super().__init__("Somebody else has changed these rules in the meantime.")
        self.newest = newest


def write_rules(
    branch: Category | None,
    values: Mapping[str, Any],
    *,
    live: bool,
    based_on: int | None,
    by: User | None,
    note: str = "",
) -> BranchRules:
    """Append a revision of what a branch, or the whole shop for None, asks for; return it.

    What `values` does not name is inherited; empty ones withdraw what the branch said. `based_on`
    is the revision that the author saw, None for none. The same values as the newest revision has,
    in the same state, are no new one. Raises BadRules, NoBranch and ChangedMeanwhile.
    """
    kept, note = checked(values), _note(note)
    if branch and branch.retired_at:
        raise NoBranch(f"{branch} is retired: it has no pages.")
    newest = newest_rules(branch)
    state = RulesState.LIVE if live else RulesState.DRAFT
    if newest and _says(newest, kept, state):
        return newest
    if (newest.pk if newest else None) != based_on:
        raise ChangedMeanwhile(newest)
    if newest is None and not kept:
        raise BadRules({"": "Nothing is asked for: there is nothing to save."})
    try:
        with transaction.atomic():
            return BranchRules.objects.create(
                branch=branch, values=kept, state=state, author=by, note=note, based_on=newest
            )
    except IntegrityError:
        meanwhile = newest_rules(branch)
        if meanwhile and _says(meanwhile, kept, state):
            return meanwhile
        raise ChangedMeanwhile(meanwhile) from None


def _says(newest: BranchRules, values: Mapping[str, Value], state: RulesState) -> bool:
    """Whether the newest revision says so already; a draft of what is live says nothing new."""
    return newest.values == dict(values) and newest.state in (state, RulesState.LIVE)


def _note(note: str) -> str:
    try:
        return checked_note(note)
    except BadText as error:
        raise BadRules({"note": str(error)}) from error
