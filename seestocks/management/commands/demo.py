"""The demo shop on this machine: built once, served and ranked until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser
from io import StringIO
from signal import SIGHUP, SIGTERM, default_int_handler, signal
from time import monotonic, sleep
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from ranking.models import Release, Run
from ranking.queries.releases import waiting_run
from seestocks.demo.build import logins
from seestocks.processes import PortTakenError, Processes, StoppedError, raise_if_taken


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_: Any, port: int, **__: Any) -> None:
        began = monotonic()
        for word in (SIGTERM, SIGHUP):  # a closed terminal too ends all, as Ctrl-C does
            signal(word, default_int_handler)
        try:
            raise_if_taken(port)
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            with Processes(port) as processes:
                call_command("build_demo", stdout=StringIO())  # the logins are told below
                processes.wait_for_web()
                self._welcome(processes.address)
                self._rank()
                self.stdout.write(f"Ready after {monotonic() - began:.0f} s. Ctrl-C stops it all.")
                self.stdout.flush()
                while True:
                    processes.check()
                    sleep(1)
        except (PortTakenError, StoppedError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _rank(self) -> None:
        """Rank the pages the first time, or go on where the last time was interrupted.

        What was ranked the first time is published, so that there is something to compare with.
        """
        unfinished = Run.objects.unfinished().order_by("id").last()
        try:
            if unfinished:
                call_command("rank", resume=unfinished.pk)
            elif not Run.objects.exists():
                call_command("rank")
            if not Release.objects.exists() and waiting_run():
                call_command("publish", note="The first run: something to compare with.")
        except CommandError as error:  # somebody cancelled it, say: the shop stays open
            self.stderr.write(str(error))

    def _welcome(self, address: str) -> None:
        self.stdout.write(f"\nSeeStocks is at {address}\n\nSign in as")
        for role, name, password in logins():
            self.stdout.write(f"  {role:<14} {name:<12} password {password}")
        self.stdout.write("")
