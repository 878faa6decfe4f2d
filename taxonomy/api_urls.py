"""Addresses of the tree and its texts as JSON."""

from django.urls import path

from taxonomy import api_texts, api_tree

urlpatterns = [
    path("categories", api_tree.Categories.as_view(), name="api_categories"),
    path("categories/<int:pk>", api_tree.OneCategory.as_view(), name="api_category"),
    path("categories/<int:pk>/comments", api_tree.Comments.as_view(), name="api_comments"),
    path("categories/<int:pk>/history", api_tree.History.as_view(), name="api_history"),
    path("discriminators", api_texts.Texts.as_view(), name="api_texts"),
    path("discriminators/<int:pk>", api_texts.OneText.as_view(), name="api_text_alone"),
    path(
        "discriminators/<int:pk>/revisions",
        api_texts.Revisions.as_view(),
        name="api_revisions_alone",
    ),
    path(
        "discriminators/<int:pk>/restore", api_texts.Restoration.as_view(), name="api_restore_alone"
    ),
    path("discriminators/<int:pk>/live", api_texts.MakingLive.as_view(), name="api_live_alone"),
    path("discriminators/<int:pk>/<int:sibling_pk>", api_texts.OneText.as_view(), name="api_text"),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/revisions",
        api_texts.Revisions.as_view(),
        name="api_revisions",
    ),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/restore",
        api_texts.Restoration.as_view(),
        name="api_restore",
    ),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/live",
        api_texts.MakingLive.as_view(),
        name="api_live",
    ),
]
