"""TREC's qrels: `page 0 offer grade` lines → rows."""

from __future__ import annotations

from collections.abc import Iterator

from taxonomy.exports import trec_name_read
from taxonomy.imports.lines import BadText, Lines, shown, text_of
from taxonomy.imports.rejects import Reject
from taxonomy.imports.rows import Row


def read_qrels(lines: Lines, annotator: str) -> Iterator[Row | Reject]:
    """Yield a row for each line, all said by the one annotator; the second column means nothing."""
    for number, line in lines:
        if not line.strip():
            continue
        try:
            text = text_of(line)
        except BadText as fault:
            yield Reject(number, str(fault), "", fault.column, shown(line))
            continue
        cells = text.split()
        if len(cells) != 4:
            reason = f"A line has four words, page 0 offer grade; this one has {len(cells)}."
            yield Reject(number, reason, raw=text)
            continue
        page, _, name, grade = cells
        offer_id, retailer = trec_name_read(name)
        fields = {"category_id": page, "offer_id": offer_id, "retailer": retailer}
        yield Row(number, fields | {"annotator": annotator, "grade": grade}, text)
