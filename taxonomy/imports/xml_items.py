"""RSS 2.0 and Atom with Google's `g:` fields → rows, an item at a time."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from taxonomy.imports.rejects import Reject, Unreadable
from taxonomy.imports.rows import Row, field_name

CHUNK = 1 << 16
ITEM_LIMIT = 1 << 20  # characters of one item; more are not held in memory
ITEMS = {"item", "entry"}
UNREADABLE = "\ufffd"  # stands for bytes that are not UTF-8 and characters XML forbids
FORBIDDEN = {code: UNREADABLE for code in (*range(32), 0xFFFE, 0xFFFF) if chr(code) not in "\t\n\r"}
OTHER_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding=["'](?!utf-?8["'])""", re.IGNORECASE)
ATOMS = {"summary": "description", "content": "description"}


def read_items(stream: BinaryIO) -> Iterator[Row | Reject]:
    """Yield a row for each item or entry; raises `Unreadable` where the XML itself breaks."""
    reader = make_parser()
    collector = _Collector(reader.getLineNumber)
    reader.setContentHandler(collector)
    try:
        for chunk in _chunks(stream):
            reader.feed(chunk)
            yield from collector.taken()
        reader.close()
    except SAXParseException as error:
        place = f"Line {error.getLineNumber()}, character {(error.getColumnNumber() or 0) + 1}"
        raise Unreadable(f"{place}: the XML is broken here ({error.getMessage()}).") from error
    except DefusedXmlException as error:
        raise Unreadable("The XML declares entities, which a feed may not.") from error


def _chunks(stream: BinaryIO) -> Iterator[str | bytes]:
    """Yield what the parser can bear: one bad byte must cost one item, not the rest."""
    first = stream.read(CHUNK)
    if OTHER_ENCODING.match(first):
        yield first
        yield from iter(lambda: stream.read(CHUNK), b"")
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while first:
        yield decoder.decode(first).translate(FORBIDDEN)
        first = stream.read(CHUNK)


class _Collector(ContentHandler):
    """Collects the direct children of items; what nests deeper is joined by colons."""

    def __init__(self, line_number: Callable[[], int]) -> None:
        super().__init__()
        self._line_number = line_number
        self._rows: deque[Row | Reject] = deque()
        self._item: dict[str, str] | None = None
        self._line = 0
        self._size = 0
        self._depth = 0
        self._texts: list[str] = []

    def taken(self) -> Iterator[Row | Reject]:
        """Yield the items finished since the last time."""
        while self._rows:
            yield self._rows.popleft()

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX's name
        if self._item is None:
            if _local(name) in ITEMS:
                self._item, self._line, self._size, self._depth = {}, self._line_number(), 0, 0
            return
        self._depth += 1
        if self._depth == 1:
            self._texts = [""]
            if name == "link" and "href" in attrs:  # Atom's way
                self.characters(attrs["href"])
        else:
            self._texts.append("")

    def characters(self, content: str) -> None:
        if self._item is not None and self._depth:
            self._size += len(content)
            if self._size <= ITEM_LIMIT:
                self._texts[-1] += content

    def endElement(self, name: str) -> None:  # noqa: N802  SAX's name
        if self._item is None:
            return
        if self._depth == 0:
            self._rows.append(self._finished(self._item))
            self._item = None
            return
        if self._depth == 1:
            text = ":".join(text.strip() for text in self._texts if text.strip())
            self._keep(self._item, name, text)
        self._depth -= 1

    def _keep(self, item: dict[str, str], name: str, text: str) -> None:
        """Keep a child; Google's field counts before the feed format's own of the same name."""
        key = field_name(name)
        if name.startswith("g:"):
            repeated = item.get(name)
            item[name] = f"{repeated},{text}" if repeated and text else text or repeated or ""
        else:
            item.setdefault(ATOMS.get(key, key), text)

    def _finished(self, item: dict[str, str]) -> Row | Reject:
        own = {name: text for name, text in item.items() if not name.startswith("g:")}
        fields = own | {
            field_name(name): text for name, text in item.items() if name.startswith("g:")
        }
        raw = " ".join(f"{name}={text}" for name, text in fields.items())
        if self._size > ITEM_LIMIT:
            return Reject(self._line, f"The item is longer than {ITEM_LIMIT:,} characters.")
        for name, text in fields.items():
            if UNREADABLE in text:
                reason = "The text holds characters that cannot be read (broken encoding)."
                return Reject(self._line, reason, name, raw=raw)
        return Row(self._line, fields, raw)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
