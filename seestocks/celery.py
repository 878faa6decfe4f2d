"""The Celery application: a queue `interactive` for people who wait, `batch` for runs, and
`learning` for what takes minutes and must hold up neither."""

import os

# One thread a process for all that has small work to share: two processes use two cores better.
# Set before any of these libraries is imported. An encoder takes SEESTOCKS_THREADS by itself.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seestocks.settings")

from celery import Celery  # noqa: E402  the variables above must be set first

from seestocks import broker  # noqa: E402

broker.use()
app = Celery("seestocks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
