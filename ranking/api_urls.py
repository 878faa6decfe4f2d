"""Addresses of ranked pages and of runs as JSON."""

from django.urls import path

from ranking import api

urlpatterns = [
    path("runs", api.Runs.as_view(), name="api_runs"),
    path("runs/<int:pk>", api.OneRun.as_view(), name="api_run"),
    path("runs/<int:pk>/cancel", api.Cancellation.as_view(), name="api_cancel_run"),
    path("runs/<int:pk>/resume", api.Resumption.as_view(), name="api_resume_run"),
    path("pages", api.Pages.as_view(), name="api_pages"),
    path("pages/<int:pk>/ranking", api.Ranking.as_view(), name="api_ranking"),
]
