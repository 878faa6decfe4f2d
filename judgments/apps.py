"""The judgments app."""

from django.apps import AppConfig


class JudgmentsConfig(AppConfig):
    name = "judgments"

    def ready(self) -> None:
        from judgments.counts import add_to_the_tree  # it needs the models

        add_to_the_tree()
