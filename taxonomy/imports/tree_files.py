"""Files of the tree, kept by their content: what was looked at can be looked at again."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tempfile
import zlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from taxonomy.imports.lines import BOM, GZIP, WIDE
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.trees import TreeFile, read_tree

BYTE_LIMIT = 8 << 20  # Google's is half a megabyte
LINES = 100_000  # Google's has some 5,600; each that is none is kept with a reason
TOO_LARGE = f"The file is larger than {BYTE_LIMIT >> 20} MB: this is no taxonomy."
MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)
BINARY = (b"\x89PNG", b"%PDF", b"PK\x03\x04", b"\xff\xd8\xff")


def uploaded_text(content: bytes) -> bytes:
    """Return what an uploaded file says, unpacked and without a byte order mark.

    Raises `Unreadable` in a sentence for what cannot be a taxonomy at all.
    """
    content = _unpacked(content) if content.startswith(GZIP) else content
    if len(content) > BYTE_LIMIT:
        raise Unreadable(TOO_LARGE)
    if content.count(b"\n") > LINES:
        raise Unreadable(f"The file has more than {LINES:,} lines: this is no taxonomy.")
    if not content.strip():
        raise Unreadable("The file is empty.")
    if content.startswith(WIDE):
        raise Unreadable("The file is in UTF-16. Save it as UTF-8 and try again.")
    if MARKUP.match(content.removeprefix(BOM)):
        raise Unreadable(
            "This is a web page, not a taxonomy. Save the text file itself and upload that."
        )
    if content.startswith(BINARY):
        raise Unreadable("This is a picture, a document or an archive, not a text file.")
    return content.removeprefix(BOM)


def store_tree(content: bytes) -> str:
    """Keep the text of a tree below the folder of trees; return its name, "ab/abcdef….txt"."""
    digest = hashlib.sha256(content).hexdigest()
    name = f"{digest[:2]}/{digest}.txt"
    path = _folder() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under its name only when it is whole.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
            draft.write(content)
        Path(draft.name).replace(path)
    return name


def stored_tree(name: str) -> TreeFile:
    """Return what a kept file says; raises `Unreadable` when it is not there any more."""
    return _read(_folder() / name)


@lru_cache(maxsize=4)
def _read(path: Path) -> TreeFile:
    # Named by its content, it never changes.
    try:
        with path.open("rb") as stream:
            return read_tree(stream)
    except FileNotFoundError as error:
        raise Unreadable("The file of this version is not kept any more. Upload it again.") from (
            error
        )


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return file.read(BYTE_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("The compressed data of the file break off or are damaged.") from error


def _folder() -> Path:
    return Path(settings.DATA) / "trees"
