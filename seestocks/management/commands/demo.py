"""The demo shop on this machine: built once, served and ranked until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser
from io import StringIO
from time import monotonic, sleep
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from ranking.models import PageRun, State
from seestocks.demo.build import logins
from seestocks.processes import PortTakenError, Processes, StoppedError, raise_if_taken


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_: Any, port: int, **__: Any) -> None:
        began = monotonic()
        try:
            raise_if_taken(port)
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            with Processes(port) as processes:
                call_command("build_demo", stdout=StringIO())  # the logins are told below
                processes.wait_for_web()
                self._welcome(processes.address)
                if not PageRun.objects.filter(state=State.DONE).exists():
                    call_command("rank")
                self.stdout.write(f"Ready after {monotonic() - began:.0f} s. Ctrl-C stops it all.")
                self.stdout.flush()
                while True:
                    processes.check()
                    sleep(1)
        except (PortTakenError, StoppedError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _welcome(self, address: str) -> None:
        self.stdout.write(f"\nSeeStocks is at {address}\n\nSign in as")
        for role, name, password in logins():
            self.stdout.write(f"  {role:<14} {name:<12} password {password}")
        self.stdout.write("")
