"""Which offers of different retailers are the same product: see `compare`."""
