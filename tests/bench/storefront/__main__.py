"""This bench alone: `python -m tests.bench.storefront`."""

from tests.bench.storefront import main

main()
