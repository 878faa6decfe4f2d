"""All benches, one after the other: `make bench`."""

from __future__ import annotations

from tests.bench import import_feed, pages

for bench in (pages, import_feed):
    print(f"\n{bench.__name__.removeprefix('tests.bench.')}")
    bench.main()
