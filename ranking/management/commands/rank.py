"""Rank pages: start a run or go on with one, and watch it until it ends."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ranking.actions import NotABranch, NotAPage, NothingToRank, resume_run, start_run
from ranking.management.publishing import figures_of, measure_gate, publish_here, sentence
from ranking.models import Run, State
from ranking.queries.ledger import Progress, progress

PATIENCE = 10.0  # seconds after which a person is told that no worker has come


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pages", nargs="+", metavar="ID|FILE", help="category ids, or a file that lists them"
        )
        parser.add_argument(
            "--stale",
            action="store_true",
            help="only pages whose texts, rules, judgments or filings changed since ranked",
        )
        parser.add_argument("--branch", type=int, metavar="ID", help="only pages of this category")
        parser.add_argument(
            "--incremental",
            action="store_true",
            help="build on the run before: rank only what has changed, carry the rest over",
        )
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with this run")
        parser.add_argument(
            "--only-failed", action="store_true", help="with --resume: not with what was cancelled"
        )
        parser.add_argument(
            "--here", action="store_true", help="work in this process, without broker or worker"
        )
        parser.add_argument(
            "--publish", action="store_true", help="publish it when it is done, if the gate is open"
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        began = monotonic()
        run = self._run(options)
        self._watch(run, here=options["here"])
        run.refresh_from_db()
        count = progress(run)
        figures = {
            "run": run.pk,
            "state": run.state,
            "pages": count.pages,
            "done": count.done,
            "failed": count.failed,
            "carried": run.page_runs.exclude(carried_from=None).count(),
            "seconds": round(monotonic() - began, 2),
        }
        words = _sentence(run, count)
        if options["here"] and run.state == State.DONE:  # nobody else may come to do it
            measure_gate(run, here=True, stderr=self.stderr)
        if options["publish"] and run.state == State.DONE:
            made = publish_here(run, here=options["here"], stderr=self.stderr)
            figures["published"] = figures_of(made)
            words = f"{words}\n{sentence(made)}"
        self.stdout.write(json.dumps(figures) if options["json"] else words)
        if run.state != State.DONE:
            raise CommandError(run.error or f"Run {run.pk} {run.state}.")

    def _run(self, options: dict[str, Any]) -> Run:
        new = [name for name in ("stale", "incremental", "branch") if options[name]]
        if new and options["resume"] is not None:
            raise CommandError(
                f"--resume goes on with a run as it is; --{new[0]} starts a new one."
            )
        if options["only_failed"] and options["resume"] is None:
            raise CommandError(
                "--only-failed says what of a run is tried again: name it, --resume."
            )
        try:
            if options["resume"] is None:
                pages = _ids(options["pages"])
                told = {name: options[name] for name in ("branch", "stale", "incremental", "here")}
                return start_run(pages=pages, **told)
            run = Run.objects.get(pk=options["resume"])
            return resume_run(run, only_failed=options["only_failed"], here=options["here"])
        except Run.DoesNotExist:
            raise CommandError(f"There is no run {options['resume']}.") from None
        except (NothingToRank, NotAPage, NotABranch) as error:
            raise CommandError(str(error)) from error

    def _watch(self, run: Run, *, here: bool) -> None:
        shown = sys.stderr.isatty()
        began, warned = monotonic(), False
        with tqdm(total=100, unit="%", disable=not shown, bar_format="{l_bar}{bar}| {desc}") as bar:
            while not _finished(run):
                if here:
                    self._work(run)
                else:
                    sleep(0.2)
                if not here and not warned and _untouched(run) and monotonic() - began > PATIENCE:
                    warned = True
                    self.stderr.write(f"Run {run.pk} waits for a worker: start one or use --here.")
                _draw(bar, run)

    def _work(self, run: Run) -> None:
        from ranking.actions.rank import work

        if not work(run.pk):
            sleep(0.2)  # another process holds the rest


def _ids(words: list[str] | None) -> list[int] | None:
    """Ids as given, or the leading number of each line of a file."""
    if words is None:
        return None
    if all(word.isdecimal() for word in words):
        return [int(word) for word in words]
    try:
        text = "\n".join(Path(word).read_text(encoding="utf-8-sig") for word in words)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--pages takes ids or a file: {error}") from error
    ids = [int(found) for found in re.findall(r"^\s*(\d+)\b", text, re.MULTILINE)]
    if not ids:
        raise CommandError(f"No line of {', '.join(words)} begins with the id of a page.")
    return ids


def _finished(run: Run) -> bool:
    run.refresh_from_db()
    return run.is_finished


def _untouched(run: Run) -> bool:
    return run.state == State.WAITING


def _draw(bar: tqdm, run: Run) -> None:
    count = progress(run)
    if run.prepared_at is None:
        share = run.stage_done / run.stage_total if run.stage_total else 0
        bar.set_description_str(f"{run.stage or 'waiting'} {run.stage_done}/{run.stage_total}")
    else:
        share = count.settled / count.pages
        bar.set_description_str(f"{count.settled} of {count.pages} pages")
    bar.n = round(100 * share)
    bar.refresh()


def _sentence(run: Run, count: Progress) -> str:
    failed = f", {count.failed} failed" if count.failed else ""
    return f"Run {run.pk} is {run.state}: {count.done} of {count.pages} pages ranked{failed}."
