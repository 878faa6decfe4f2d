"""The product with one difference: a page's listing is made of its rows at every request."""

from __future__ import annotations

from seestocks.wsgi import application  # first: it sets Django up

__all__ = ["application"]


def render_each_time() -> None:
    """Keep nothing from now on."""
    from ranking.listings import content_of
    from ranking.models import Shown
    from ranking.queries import storefront
    from ranking.queries.lineup import lineup

    def rendered(digest: str) -> storefront.Parts:
        shown = Shown.objects.filter(publication__listing=digest)
        page_run = shown.select_related("publication__page_run")[0].publication.page_run
        return storefront.cut(content_of(page_run, lineup(page_run)))

    def nothing(digest: str) -> storefront.Parts | None:
        return None

    storefront.kept_parts = nothing
    storefront.parts_of = rendered


render_each_time()
