"""Addresses of what people think."""

from django.urls import path

from judgments import views

urlpatterns = [
    path("tree/<int:pk>/judgments/", views.category_judgments, name="category_judgments"),
    path("products/<int:pk>/judgments/", views.product_judgments, name="product_judgments"),
]
