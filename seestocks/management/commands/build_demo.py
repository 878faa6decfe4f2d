"""manage.py build_demo: the made-up shop, its products, pictures, judgments and logins."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from seestocks.demo.build import SEED, STEPS, ShopStandsError, build_shop, logins
from seestocks.demo.figures import ShopFigures
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Build the demo shop once: made-up products of made-up retailers, and four logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another shop")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not options["json"]:
            for role, name, password in logins():
                self.stdout.write(f"{role}: {name}, password {password}")

    def figures(self, **options: Any) -> ShopFigures:
        try:
            with tqdm(total=STEPS, desc="Building the shop", disable=None, leave=False) as bar:
                return build_shop(settings.DATA / "demo", options["seed"], bar.update)
        except ShopStandsError as error:
            raise CommandError(str(error)) from error
