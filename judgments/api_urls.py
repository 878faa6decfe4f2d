"""Addresses of what people think, for programs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
