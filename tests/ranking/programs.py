"""What a program sends and reads as JSON, for tests."""

from __future__ import annotations

from typing import Any

from django.test import Client

from taxonomy.models import Category

JSON = "application/json"
RUNS = "/api/runs"
PAGES = "/api/pages"


def read(client: Client, address: str, status: int = 200) -> Any:
    return body_of(client.get(address), status)


def post(client: Client, address: str, said: object = None, status: int = 200) -> Any:
    return body_of(client.post(address, {} if said is None else said, JSON), status)


def body_of(response: Any, status: int) -> Any:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == JSON
    return response.json()


def candidates_of(page: Category, asked: str = "") -> str:
    return f"/api/pages/{page.pk}/candidates{asked}"
