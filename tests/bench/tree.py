"""The whole of Google's tree under a taxonomist's fingers: folding out, columns, lists, searching.

Prints the median and the 95th of 100 of each as the web process takes to answer. Google's files
are not shipped; they are looked for beside the repository.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median, quantiles

from tests.commands import DATA
from tests.installation import Installation, installation

FILES = DATA / "google-taxonomy"
NEWEST = FILES / "taxonomy-with-ids.en-US.2021-09-21.txt"
SPANISH = FILES / "taxonomy-with-ids.es-ES.2015-02-19.txt"
TIMES = 60
ASK = f"""
from time import perf_counter
from django.contrib.auth.models import User
from django.test import Client
from taxonomy.models import Category
from tests.factories import make_user
client = Client()
client.force_login(make_user("taxonomists"))
parents = list(Category.objects.filter(children__isnull=False).distinct().order_by("id")[:{TIMES}])
names = list(Category.objects.order_by("id").values_list("name", flat=True)[:{TIMES} * 9:9])
part = {{"HX-Request": "true"}}
asked = {{
    "fold out a node": [f"/tree/?open={{one.pk}}" for one in parents],
    "go into a column": [f"/tree/?view=columns&open={{one.pk}}" for one in parents],
    "search a name": [f"/tree/?q={{name[:7]}}" for name in names],
    "search a misspelt name": [f"/tree/?q={{name[:3]}}{{name[4:]}}" for name in names],
    "open a work list": ["/tree/?list=untranslated&locale=es-ES"] * {TIMES},
}}
seconds = {{}}
for name, addresses in asked.items():
    client.get(addresses[0], headers=part)
    seconds[name] = []
    for address in addresses:
        began = perf_counter()
        assert client.get(address, headers=part).status_code == 200
        seconds[name].append(perf_counter() - began)
print(json.dumps(seconds))
"""


def measure(shop: Installation) -> None:
    """Read the tree and print what each way of looking at it takes."""
    shop.manage("import_taxonomy", str(NEWEST))
    shop.manage("import_taxonomy", str(SPANISH), "--locale", "es-ES")
    shop.manage("collectstatic", "--noinput", "-v", "0")
    for name, seconds in shop.ask_script(ASK).items():
        slow = quantiles(seconds, n=20)[-1]
        print(f"{name:24}{1000 * median(seconds):8.1f} ms, 95th of 100 {1000 * slow:8.1f} ms")


def main() -> None:
    """Measure in a scratch folder, where Google's files are at hand."""
    if not (NEWEST.exists() and SPANISH.exists()):
        print(f"left out: {FILES} is missing")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(Path(folder), ALLOWED_HOSTS="testserver") as shop,
    ):
        measure(shop)


if __name__ == "__main__":
    main()
