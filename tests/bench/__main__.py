"""All benches, one after the other: `make bench`."""

from __future__ import annotations

from tests.bench import (
    duplicates,
    import_feed,
    judging,
    nightly,
    outliers,
    pages,
    publishing,
    rerank,
    retrieval,
    rules,
    storefront,
    tree,
    workbench,
)

for bench in (
    pages,
    tree,
    import_feed,
    workbench,
    judging,
    publishing,
    rerank,
    outliers,
    rules,
    retrieval,
    storefront,
    duplicates,
    nightly,
):
    print(f"\n{bench.__name__.removeprefix('tests.bench.')}")
    bench.main()
