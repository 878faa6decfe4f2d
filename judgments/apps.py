"""The judgments app."""

from django.apps import AppConfig


class JudgmentsConfig(AppConfig):
    name = "judgments"

    def ready(self) -> None:
        # They need the models.
        from judgments.counts import add_to_the_tree
        from judgments.pools import add_to_campaigns
        from judgments.queries.cards import open_questions
        from judgments.queries.gold import gold_counts
        from taxonomy.web import COUNTS

        add_to_the_tree()
        add_to_campaigns()
        COUNTS["judging"] = open_questions
        COUNTS["gold"] = lambda: gold_counts()["proposed"]
