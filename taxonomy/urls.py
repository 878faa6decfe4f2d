"""Addresses of what exists: tree, products, pictures, imports."""

from django.urls import path, re_path

from taxonomy import views

urlpatterns = [
    path("tree/", views.tree, name="tree"),
    path("tree/<int:pk>/", views.category, name="category"),
    path("products/<int:pk>/", views.product, name="product"),
    re_path(
        r"^pictures/(?P<name>[0-9a-f]{2}/[0-9a-f]{64}\.(?:jpg|png|webp))$",
        views.picture,
        name="picture",
    ),
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/set-aside/", views.import_rejects, name="import_rejects"),
]
