"""The ranking app."""

from django.apps import AppConfig


class RankingConfig(AppConfig):
    name = "ranking"

    def ready(self) -> None:
        from ranking.worklists import add_to_the_tree  # it needs the models

        add_to_the_tree()
