"""Settings, addresses, the Celery application and the demo: the only package that knows all."""

from seestocks.celery import app as celery_app

__all__ = ("celery_app",)
