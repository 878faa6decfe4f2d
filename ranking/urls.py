"""Addresses of ranked pages and of runs."""

from django.urls import path

from ranking import views

urlpatterns = [
    path("pages/", views.pages, name="pages"),
    path("pages/<int:pk>/", views.page, name="page"),
    path("pages/<int:pk>/removed/", views.page_removed, name="page_removed"),
    path("pages/<int:pk>/why/<int:product_pk>/", views.page_why, name="page_why"),
    path("products/<int:pk>/pages/", views.product_standings, name="product_standings"),
    path("runs/", views.runs, name="runs"),
    path("runs/start/", views.start_run, name="start_run"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/cancel/", views.cancel_run, name="cancel_run"),
    path("runs/<int:pk>/resume/", views.resume_run, name="resume_run"),
]
