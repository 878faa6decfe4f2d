"""The web process loads no model and no array library, whatever page it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "torch", "torchvision", "open_clip", "faiss", "lightgbm", "transformers", "sklearn",
    "sentence_transformers", "scipy", "bm25s", "numpy", "PIL", "pyarrow",
    "krippendorff",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent.parent
# Makes what only workers can measure; whatever it loads, another process shows it.
MEASURED = """
from seestocks.wsgi import application
from django.core.management import call_command
call_command("migrate", verbosity=0)
from ranking.models import Kind
from tests.factories import make_category, make_product
from tests.ranking.evaluations import make_evaluation
from tests.ranking.trainings import make_version
page = make_category("Mills", id=90, is_page=True)
make_evaluation(page, unjudged=[make_product()])
for kind in Kind:
    make_version(kind, card={"why": "It is better.", "kinds": {"linear": {}}})
"""
SCRIPT = f"""
import sys
from seestocks.wsgi import application
from django.test import Client
from django.urls import get_resolver
from ranking.models import Evaluation, Training
from taxonomy.models import Product
from tests.factories import make_category, make_user
from tests.ranking.confusion import make_pair
from tests.ranking.rankings import make_ranking, make_run

page, product = make_category(is_page=True), Product.objects.get()
make_ranking(page, shown=[product])
run = make_run("running")
client = Client()
client.force_login(make_user("merchandisers"))
for address in ("/", "/tree/", "/tree/?q=peper", "/tree/?view=columns", "/tree/changes/",
                f"/tree/{{page.pk}}/", f"/tree/{{page.pk}}/history/", "/api/categories?q=peper",
                "/pages/", f"/pages/{{page.pk}}/",
                f"/pages/{{page.pk}}/?view=table", f"/pages/{{page.pk}}/?show=off",
                f"/pages/{{page.pk}}/why-not/?product={{product.pk}}",
                f"/api/pages/{{page.pk}}/why-not/{{product.pk}}",
                f"/pages/{{page.pk}}/removed/", f"/pages/{{page.pk}}/why/{{product.pk}}/",
                f"/products/{{product.pk}}/", f"/products/{{product.pk}}/pages/",
                "/runs/", f"/runs/{{run.pk}}/", "/imports/",
                "/releases/", f"/releases/run/{{run.pk}}/", "/webhooks/", "/api/releases",
                "/api/pages", f"/api/pages/{{page.pk}}/candidates", "/api/runs"):
    assert client.get(address).status_code == 200, address
pair = make_pair(make_category(id=2), make_category(id=3), {{product: 0.2}})
bench = f"/discriminators/{{pair.first_id}}/{{pair.second_id}}/"
texts = {{"first_text": "whole", "second_text": "", "first_based_on": 0, "second_based_on": 0}}
assert client.post(f"{{bench}}preview/", texts).status_code == 302
client.force_login(make_user("taxonomists"))
assert client.post(f"{{bench}}save/", {{**texts, "as": "live"}}).status_code == 302
for address in ("/", "/discriminators/", bench, f"/tree/{{page.pk}}/confusion/", "/api/confusion",
                "/api/confusion/2/3", "/api/suggestions?category=2&sibling=3",
                "/judge/", "/campaigns/", "/campaigns/new/", "/trust/", "/guidelines/",
                "/adjudicate/", "/gold/", "/judgments/files/", "/judgments/files/csv/",
                "/judgments/files/qrels/", "/tokens/", "/api/judgments/",
                "/api/judgments/export?format=jsonl"):
    assert client.get(address).status_code == 200, address
measured, versions = Evaluation.objects.get(), Training.objects.order_by("kind")
for address in ("/models/", "/models/?kind=blend", "/models/?kind=reranker",
                *(f"/models/{{version.pk}}/" for version in versions),
                "/evaluation/", f"/evaluation/{{measured.pk}}/",
                "/api/models", f"/api/models/{{versions[0].pk}}",
                "/api/evaluations", f"/api/evaluations/{{measured.pk}}"):
    assert client.get(address).status_code == 200, address
form = {{"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"}}
for version in versions:
    adopted = client.post("/models/use/", {{"kind": version.kind, "training": version.pk}})
    assert adopted.status_code == 302, adopted.content
    asked = client.post("/models/train/", {{"kind": version.kind, **form}})
    assert asked.status_code == 302, asked.content
for address in ("/evaluation/start/", f"/evaluation/{{measured.pk}}/judge/"):
    assert client.post(address, form).status_code == 302, address
assert client.post("/runs/start/", form).status_code == 302
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def test_the_web_process_loads_nothing_heavy(tmp_path: Path) -> None:
    environment = os.environ | {
        "SEESTOCKS_DATA": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "DJANGO_SETTINGS_MODULE": "seestocks.settings",
        "ALLOWED_HOSTS": "testserver",
        "DEBUG": "true",
    }
    _run(MEASURED, environment)
    assert _run(SCRIPT, environment).split() == []


def _run(script: str, environment: dict[str, str]) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
