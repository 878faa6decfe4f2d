"""Addresses of ranked pages and of runs."""

from django.urls import path

from ranking.views import pages, runs, stale

urlpatterns = [
    path("pages/", pages.pages, name="pages"),
    path("pages/stale/", stale.stale_pages, name="stale_pages"),
    path("pages/<int:pk>/", pages.page, name="page"),
    path("pages/<int:pk>/removed/", pages.page_removed, name="page_removed"),
    path("pages/<int:pk>/why/<int:product_pk>/", pages.page_why, name="page_why"),
    path("products/<int:pk>/pages/", pages.product_standings, name="product_standings"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.start_run, name="start_run"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/cancel/", runs.cancel_run, name="cancel_run"),
    path("runs/<int:pk>/resume/", runs.resume_run, name="resume_run"),
]
