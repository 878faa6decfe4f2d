"""Addresses of ranked pages and of runs."""

from django.urls import path

from ranking.views import confusion, evaluation, models, pages, runs, stale, workbench

urlpatterns = [
    path("pages/", pages.pages, name="pages"),
    path("pages/stale/", stale.stale_pages, name="stale_pages"),
    path("pages/<int:pk>/", pages.page, name="page"),
    path("pages/<int:pk>/removed/", pages.page_removed, name="page_removed"),
    path("pages/<int:pk>/why/<int:product_pk>/", pages.page_why, name="page_why"),
    path("products/<int:pk>/pages/", pages.product_standings, name="product_standings"),
    path("discriminators/", confusion.discriminators, name="discriminators"),
    path("discriminators/<int:first>/<int:second>/", workbench.workbench, name="workbench"),
    path("discriminators/<int:first>/<int:second>/preview/", workbench.preview, name="preview"),
    path("discriminators/<int:first>/<int:second>/save/", workbench.save_pair, name="save_pair"),
    path(
        "discriminators/<int:first>/<int:second>/suggest/",
        workbench.suggest_lines,
        name="suggest_lines",
    ),
    path("discriminators/<int:first>/<int:second>/offers/", workbench.offers, name="offers"),
    path("previews/<uuid:token>/", workbench.preview_answer, name="preview_answer"),
    path("suggestions/<int:pk>/dismiss/", workbench.dismiss_suggestion, name="dismiss_suggestion"),
    path("tree/<int:pk>/confusion/", confusion.among, name="confusion"),
    path("evaluation/", evaluation.evaluation, name="evaluation"),
    path("evaluation/progress/", evaluation.evaluating, name="evaluating"),
    path("evaluation/start/", evaluation.evaluate, name="evaluate"),
    path("evaluation/<int:pk>/", evaluation.evaluation, name="evaluation_of"),
    path("evaluation/<int:pk>/cancel/", evaluation.cancel_evaluation, name="cancel_evaluation"),
    path("evaluation/<int:pk>/resume/", evaluation.resume_evaluation, name="resume_evaluation"),
    path("evaluation/<int:pk>/judge/", evaluation.judge_unjudged, name="judge_unjudged"),
    path("models/", models.models, name="models"),
    path("models/train/", models.train_model, name="train_model"),
    path("models/use/", models.adopt_model, name="adopt_model"),
    path("models/<int:pk>/", models.model, name="model"),
    path("models/<int:pk>/cancel/", models.cancel_training, name="cancel_training"),
    path("models/<int:pk>/resume/", models.resume_training, name="resume_training"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.start_run, name="start_run"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/cancel/", runs.cancel_run, name="cancel_run"),
    path("runs/<int:pk>/resume/", runs.resume_run, name="resume_run"),
]
