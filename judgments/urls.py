"""Addresses of what people think."""

from django.urls import path

from judgments.views import judgments

urlpatterns = [
    path("tree/<int:pk>/judgments/", judgments.category_judgments, name="category_judgments"),
    path("products/<int:pk>/judgments/", judgments.product_judgments, name="product_judgments"),
]
