"""Addresses of ranked pages, runs, models, evaluations and confused siblings as JSON."""

from django.urls import path

from ranking import (
    api,
    api_confusion,
    api_evaluation,
    api_models,
    api_releases,
    api_storefront,
    api_webhooks,
)

urlpatterns = [
    path("runs", api.Runs.as_view(), name="api_runs"),
    path("runs/<int:pk>", api.OneRun.as_view(), name="api_run"),
    path("runs/<int:pk>/cancel", api.Cancellation.as_view(), name="api_cancel_run"),
    path("runs/<int:pk>/gate", api_releases.RunGate.as_view(), name="api_run_gate"),
    path("releases", api_releases.Releases.as_view(), name="api_releases"),
    path("releases/<int:pk>", api_releases.OneRelease.as_view(), name="api_release"),
    path("releases/<int:pk>/pages", api_releases.ReleasePages.as_view(), name="api_release_pages"),
    path("releases/<int:pk>/roll-back", api_releases.RollBack.as_view(), name="api_roll_back"),
    path("webhooks", api_webhooks.Webhooks.as_view(), name="api_webhooks"),
    path("webhooks/<int:pk>", api_webhooks.OneWebhook.as_view(), name="api_webhook"),
    path("webhooks/<int:pk>/test", api_webhooks.Test.as_view(), name="api_test_webhook"),
    path("webhooks/<int:pk>/deliveries", api_webhooks.Deliveries.as_view(), name="api_deliveries"),
    path("runs/<int:pk>/resume", api.Resumption.as_view(), name="api_resume_run"),
    path("models", api_models.Models.as_view(), name="api_models"),
    path("models/<int:pk>", api_models.OneModel.as_view(), name="api_model"),
    path("models/<int:pk>/cancel", api_models.Cancellation.as_view(), name="api_cancel_training"),
    path("models/<int:pk>/resume", api_models.Resumption.as_view(), name="api_resume_training"),
    path("trainings", api_models.Trainings.as_view(), name="api_trainings"),
    path("evaluations", api_evaluation.Evaluations.as_view(), name="api_evaluations"),
    path("evaluations/<int:pk>", api_evaluation.OneEvaluation.as_view(), name="api_evaluation"),
    path("adoptions", api_models.Adoptions.as_view(), name="api_adoptions"),
    path("pages", api.Pages.as_view(), name="api_pages"),
    path("pages/<int:pk>/ranking", api_storefront.Ranking.as_view(), name="api_ranking"),
    path("pages/<int:pk>/candidates", api.Candidates.as_view(), name="api_candidates"),
    path("published", api_storefront.Published.as_view(), name="api_published"),
    path("confusion", api_confusion.Confusion.as_view(), name="api_confusion"),
    path("confusion/<int:first>/<int:second>", api_confusion.Pair.as_view(), name="api_pair"),
    path("previews", api_confusion.Previews.as_view(), name="api_previews"),
    path("previews/<uuid:token>", api_confusion.OnePreview.as_view(), name="api_preview"),
    path("suggestions", api_confusion.Suggestions.as_view(), name="api_suggestions"),
    path("suggestions/<int:pk>/accept", api_confusion.Decision.as_view(), name="api_accept"),
    path("suggestions/<int:pk>/dismiss", api_confusion.Dismissal.as_view(), name="api_dismiss"),
]
