"""Addresses of what exists: tree, products, pictures, imports."""

from django.urls import path, re_path

from taxonomy.views import (
    categories,
    discriminators,
    editing,
    history,
    imports,
    products,
    text_files,
    tree,
    updates,
)

urlpatterns = [
    path("tree/", tree.tree, name="tree"),
    path("tree/export/", tree.export_tree, name="export_tree"),
    path("tree/changes/", history.tree_changes, name="tree_changes"),
    path("tree/new/", editing.new_category, name="new_category"),
    path("tree/add/", editing.add_category, name="add_category"),
    path("tree/alike/", editing.alike_names, name="alike_names"),
    path("tree/options/", editing.category_options, name="category_options"),
    path("tree/versions/", updates.tree_updates, name="updates"),
    path("tree/versions/upload/", updates.upload_update, name="upload_update"),
    path("tree/versions/fetch/", updates.fetch_update, name="fetch_update"),
    path("tree/versions/<int:pk>/", updates.update, name="update"),
    path("tree/versions/<int:pk>/candidates/", updates.update_candidates, name="update_candidates"),
    path(
        "tree/versions/<int:pk>/retired/<int:retired>/",
        updates.choose_successor,
        name="choose_successor",
    ),
    path("tree/versions/<int:pk>/apply/", updates.apply_update, name="apply_update"),
    path("tree/versions/<int:pk>/undo/", updates.undo_update, name="undo_update"),
    path("tree/versions/<int:pk>/again/", updates.repeat_update, name="repeat_update"),
    path("tree/versions/<int:pk>/discard/", updates.discard_update, name="discard_update"),
    path("tree/<int:pk>/", categories.category, name="category"),
    path("tree/<int:pk>/edit/", editing.edit_category, name="edit_category"),
    path("tree/<int:pk>/change/", editing.change_category, name="change_category"),
    path("tree/<int:pk>/history/", history.category_history, name="category_history"),
    path("tree/<int:pk>/comments/", history.add_comment, name="add_comment"),
    path("tree/<int:pk>/texts/", discriminators.category_texts, name="category_texts"),
    path("texts/", discriminators.texts, name="texts"),
    path("texts/export/", text_files.export_texts, name="export_texts"),
    path("texts/upload/", text_files.upload_texts, name="upload_texts"),
    path("texts/<int:pk>/", discriminators.text, name="text_alone"),
    path("texts/<int:pk>/<int:sibling_pk>/", discriminators.text, name="text"),
    path("texts/save/", discriminators.save_text, name="save_text"),
    path(
        "texts/revisions/<int:pk>/restore/",
        discriminators.restore_text,
        name="restore_text",
    ),
    path(
        "texts/revisions/<int:pk>/live/",
        discriminators.make_text_live,
        name="make_text_live",
    ),
    path("products/<int:pk>/", products.product, name="product"),
    re_path(
        r"^pictures/(?P<name>[0-9a-f]{2}/[0-9a-f]{64}\.(?:jpg|png|webp))$",
        products.picture,
        name="picture",
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/set-aside/", imports.import_rejects, name="import_rejects"),
]
