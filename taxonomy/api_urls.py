"""Addresses of the tree and its texts as JSON."""

from django.urls import path

from taxonomy import api_imports, api_texts, api_tree, api_updates

urlpatterns = [
    path("imports", api_imports.Imports.as_view(), name="api_imports"),
    path("versions", api_updates.Versions.as_view(), name="api_versions"),
    path("versions/<int:pk>", api_updates.OneVersion.as_view(), name="api_version"),
    path("versions/<int:pk>/changes", api_updates.Changes.as_view(), name="api_version_changes"),
    path(
        "versions/<int:pk>/successors",
        api_updates.SuccessorChoices.as_view(),
        name="api_version_successors",
    ),
    path("versions/<int:pk>/apply", api_updates.Application.as_view(), name="api_apply_version"),
    path("versions/<int:pk>/undo", api_updates.Undoing.as_view(), name="api_undo_version"),
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
