"""The ranking app."""

from django.apps import AppConfig


class RankingConfig(AppConfig):
    name = "ranking"

    def ready(self) -> None:
        # They need the models.
        from ranking.pools import add_to_campaigns
        from ranking.queries.confusion import without_text
        from ranking.worklists import add_to_the_tree
        from taxonomy.web import COUNTS

        add_to_the_tree()
        add_to_campaigns()
        COUNTS["confused"] = without_text
