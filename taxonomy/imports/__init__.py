"""Reading files that come from outside: nothing here writes a row.

A feed's way, top to bottom, one file a step:

- `lines`       a file, gzipped or not → numbered physical lines, text or the reason why not
- `rejects`     what was set aside: line, field, reason; kept as a CSV that is safe to open
- `tables`      TSV and CSV lines → rows
- `json_lines`  JSON Lines → rows
- `xml_items`   RSS 2.0 and Atom → rows
- `rows`        a row, and how its fields are named
- `feeds`       tells the four apart by their content
- `offers`      a row in Merchant Center's words → a checked offer
- `prices`      "49.95 USD" → amount and currency
- `pictures`    bytes → a checked picture, kept by its content
- `addresses`   an address on the public internet → bytes, with limits
- `published`   a taxonomy at an address
- `trees`       Google's `id - A > B > C` lines → entries
"""
