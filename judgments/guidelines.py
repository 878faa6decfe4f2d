"""What a guideline's Markdown looks like on screen."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

HEADINGS_BELOW = 2  # a page has its own first and second headings
LINKED = ("http", "https")


def as_html(text: str) -> SafeString:
    """Return the Markdown (CommonMark and tables) as HTML that is safe to show.

    HTML in it is shown as it was written. Links lead to http and https addresses alone; there
    are no pictures. Headings begin below those of the page.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        token.attrs.pop("style", None)  # of a table's columns: pages allow no inline style
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + HEADINGS_BELOW, 6)}"
        for inner in token.children or ():
            _leads_away(inner)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(html)  # noqa: S308  the renderer escapes all that is not Markdown


def _leads_away(token: Token) -> None:
    if token.type == "link_open":
        token.attrSet("rel", "noopener noreferrer")


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme.lower() in LINKED and bool(parts.netloc)


_MARKDOWN = _Markdown("commonmark", {"html": False}).enable("table").disable("image")
