"""Addresses of the tree and its texts as JSON."""

from django.urls import path

from taxonomy.api import (
    imports,
    texts,
    tree,
    updates,
)

urlpatterns = [
    path("imports", imports.Imports.as_view(), name="api_imports"),
    path("versions", updates.Versions.as_view(), name="api_versions"),
    path("versions/<int:pk>", updates.OneVersion.as_view(), name="api_version"),
    path("versions/<int:pk>/changes", updates.Changes.as_view(), name="api_version_changes"),
    path(
        "versions/<int:pk>/successors",
        updates.SuccessorChoices.as_view(),
        name="api_version_successors",
    ),
    path("versions/<int:pk>/apply", updates.Application.as_view(), name="api_apply_version"),
    path("versions/<int:pk>/undo", updates.Undoing.as_view(), name="api_undo_version"),
    path("categories", tree.Categories.as_view(), name="api_categories"),
    path("categories/<int:pk>", tree.OneCategory.as_view(), name="api_category"),
    path("categories/<int:pk>/comments", tree.Comments.as_view(), name="api_comments"),
    path("categories/<int:pk>/history", tree.History.as_view(), name="api_history"),
    path("discriminators", texts.Texts.as_view(), name="api_texts"),
    path("discriminators/<int:pk>", texts.OneText.as_view(), name="api_text_alone"),
    path(
        "discriminators/<int:pk>/revisions",
        texts.Revisions.as_view(),
        name="api_revisions_alone",
    ),
    path("discriminators/<int:pk>/restore", texts.Restoration.as_view(), name="api_restore_alone"),
    path("discriminators/<int:pk>/live", texts.MakingLive.as_view(), name="api_live_alone"),
    path("discriminators/<int:pk>/<int:sibling_pk>", texts.OneText.as_view(), name="api_text"),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/revisions",
        texts.Revisions.as_view(),
        name="api_revisions",
    ),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/restore",
        texts.Restoration.as_view(),
        name="api_restore",
    ),
    path(
        "discriminators/<int:pk>/<int:sibling_pk>/live",
        texts.MakingLive.as_view(),
        name="api_live",
    ),
]
