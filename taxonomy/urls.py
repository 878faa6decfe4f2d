"""Addresses of what exists: tree, products, pictures, imports."""

from django.urls import path, re_path

from taxonomy.views import imports, products, tree

urlpatterns = [
    path("tree/", tree.tree, name="tree"),
    path("tree/<int:pk>/", tree.category, name="category"),
    path("products/<int:pk>/", products.product, name="product"),
    re_path(
        r"^pictures/(?P<name>[0-9a-f]{2}/[0-9a-f]{64}\.(?:jpg|png|webp))$",
        products.picture,
        name="picture",
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/set-aside/", imports.import_rejects, name="import_rejects"),
]
