"""Addresses of what exists: tree, products, pictures, imports."""

from django.urls import path, re_path

from taxonomy.views import discriminators, imports, products, tree

urlpatterns = [
    path("tree/", tree.tree, name="tree"),
    path("tree/<int:pk>/", tree.category, name="category"),
    path("tree/<int:pk>/texts/", discriminators.category_texts, name="category_texts"),
    path("texts/", discriminators.texts, name="texts"),
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
