"""The project as an app: its commands, and the roles."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SeeStocksConfig(AppConfig):
    name = "seestocks"
    verbose_name = "SeeStocks"

    def ready(self) -> None:
        from seestocks.roles import sync_roles

        post_migrate.connect(sync_roles)
