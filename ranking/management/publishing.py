"""How commands publish: when the gate has been measured, and only if it is open."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from ranking.actions import publish
from ranking.management.watching import follow
from ranking.models import Release, Run
from ranking.queries.gate import gate, gate_comparison
from ranking.queries.shown import newest_release

KEPT = ("failed", "cancelled", "empty", "switched_off")


def measure_gate(run: Run, *, here: bool, stderr: OutputWrapper) -> None:
    """Return when what was asked for to tell the run's gate is measured; `here` does it in this
    process."""
    comparison = gate_comparison(run)
    if comparison and not comparison.is_finished:
        follow(comparison, here=here, stderr=stderr)


def publish_here(run: Run, *, here: bool, stderr: OutputWrapper, **said: Any) -> Release:
    """Return the release that publishes the run, after waiting for what tells its gate.

    `here` measures it in this process. Raises CommandError with the gate's reasons.
    """
    if not gate(run).is_measured:
        measure_gate(run, here=here, stderr=stderr)
    try:
        return publish.publish_run(run, by=None, token=uuid.uuid4(), based_on=newest(), **said)
    except publish.GateShut as error:
        reasons = "\n".join(error.reasons)
        raise CommandError(f"The gate is shut, nothing is published.\n{reasons}") from error
    except publish.PublishedMeanwhile as error:
        raise CommandError(f"{error} Look at it, then try again.") from error
    except (publish.NotFinished, publish.NoteMissing, publish.NothingToPublish) as error:
        raise CommandError(str(error)) from error


def newest() -> int | None:
    """Return the release that a command is based on: the newest there is."""
    release = newest_release()
    return release.pk if release else None


def figures_of(release: Release) -> dict[str, Any]:
    """Return a release for --json: counts of pages, and ids of those that keep what they show."""
    return {
        "release": release.pk,
        "run": release.run_id,
        "back_to": release.back_to_id,
        **release.figures,
        "withdrawn": release.withdrawn,
    }


def sentence(release: Release) -> str:
    """Return what a release did."""
    told = release.figures
    kept = [f"{len(told[key])} {key.replace('_', ' ')}" for key in KEPT if told.get(key)]
    left = f"; these keep what they show: {', '.join(kept)}" if kept else ""
    changed = f"{told['changed']} of {told['pages']} pages show something else"
    return f"Release {release.pk}: {changed}{left}."
