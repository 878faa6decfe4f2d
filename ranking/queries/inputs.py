"""The rows of the database as the arrays of the pipeline. For workers: loads numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from django.conf import settings
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from judgments.queries.truth import truths
from judgments.truth import Rule
from ranking.models import PageRun, Run, State
from ranking.pipeline import rank_pages
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import (
    NO_PARENT,
    UNFILED,
    Bools,
    Catalogue,
    Doubles,
    Floats,
    Judged,
    Options,
    PageRanking,
    Tree,
)
from ranking.pipeline.disambiguate import UNTRAINED, Guide, Head, Texts
from ranking.pipeline.known import Known
from ranking.pipeline.norms import Norms
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.rerank import Reader
from ranking.pipeline.rerank.texts import key_details
from ranking.pipeline.retrieve import product_line, prompts
from ranking.pipeline.shelf import Shelf
from ranking.queries.detectors import load_detector
from ranking.queries.known import sellers
from ranking.queries.readers import load_reader
from ranking.queries.rules import options_by_page, options_of
from ranking.queries.standing import days_silent, days_unseen, in_stock, newest_crawls
from ranking.queries.texts import live_lines, load_texts, lone_lines
from ranking.vectors import VectorStore, picture_key, text_key
from taxonomy.models import Category, Filing, FilingSource, PictureState, Product

# A person's word on where a product belongs counts before a feed's. A model's own is not heard
# again: it would be taken for knowledge.
TRUST = (FilingSource.PERSON, FilingSource.FEED)
COLUMNS = (
    *("id", "title", "description", "brand", "picture", "picture_state"),
    *("filed", "sure", "price", "currency", "last_seen", "retailer", "availability"),
    *("compared__group", "fingerprint"),
)


@dataclass(frozen=True)
class ToEncode:
    """What the pipeline needs vectors of: lines of text, and names of pictures."""

    texts: list[str]
    pictures: list[str]


def products_at(as_of: datetime) -> QuerySet[Product]:
    """Return the products that were known at that moment, by id."""
    return Product.objects.filter(first_seen__lte=as_of).order_by("id")


def to_encode(as_of: datetime, until: int | None = None) -> ToEncode:
    """Return every text and picture that a run of that moment looks at, each once; of the texts
    that tell siblings apart, those live as of the revision `until`."""
    products = products_at(as_of)
    lines = products.values_list("title", "description")
    pictures = products.filter(picture_state=PictureState.READY).values_list("picture", flat=True)
    texts = chain(
        chain.from_iterable(_category_prompts()),
        live_lines(until),
        (product_line(*line) for line in lines.iterator(chunk_size=5000)),
    )
    return ToEncode(
        texts=list(dict.fromkeys(texts)),
        pictures=sorted(set(pictures.iterator(chunk_size=5000))),
    )


@dataclass(frozen=True)
class Snapshot:
    """All that a prepared run ranks its pages with, as it was at the run's moment."""

    shelf: Shelf
    judged: Judged
    blend: Blend
    options: Options
    texts: Texts
    head: Head
    reader: Reader | None  # None where runs do without the cross-encoder
    detector: Detector | None  # None in runs of before there were any
    # What the run that this one builds on knew of each page: see `Known`.
    before: Mapping[int, str] = field(default_factory=dict)
    told: Mapping[int, Options] = field(default_factory=dict)  # pages whose rules are their own

    def rank(self, pages: Sequence[int]) -> Iterator[PageRanking]:
        """Yield the rankings of the pages. Raises KeyError for one that is retired."""
        seen = (self.shelf, self.judged, self.blend, self.options)
        learned = (self._guide, self.reader, self.detector, self._known)
        return rank_pages(pages, *seen, *learned, self.told)

    def options_of(self, page: int) -> Options:
        """Return what the page is ranked by: the rules of its branch."""
        return self.told.get(page, self.options)

    @cached_property
    def _guide(self) -> Guide:
        return Guide(self.shelf, self.judged, self.texts, self.head)

    @cached_property
    def _known(self) -> Known:
        learned = (self.blend, self._guide, self.reader, self.detector)
        return Known(self.shelf, *learned, before=self.before)


@lru_cache(maxsize=1)
def snapshot(run_id: int, token: str) -> Snapshot:
    """Return a prepared run's inputs, kept for its next chunk. The token is the run's own."""
    run = Run.objects.get(pk=run_id, token=token)
    store = vector_store(run.blend["vectors"], run.blend["dimensions"])
    until = run.settings.get("discriminators_until", 0)
    reranker = run.blend.get("reranker")
    norms = load_norms(run)
    shelf = load_shelf(store, run.as_of, until, details=reranker is not None, norms=norms)
    texts = load_texts(store, until)
    return Snapshot(
        shelf=shelf,
        judged=judged_for(run),
        blend=Blend.load(settings.DATA / "models" / run.blend["file"]),
        options=options_of(run),
        texts=texts,
        head=load_head(run),
        reader=load_reader(reranker, shelf, texts),
        detector=load_detector(run.blend),
        before=known_before(run),
        told=options_by_page(run),
    )


def load_head(run: Run) -> Head:
    """Return the numbers by which a prepared run tells siblings apart."""
    name = run.blend.get("siblings")
    return Head.load(settings.DATA / "models" / name) if name else UNTRAINED


def load_norms(run: Run) -> Norms | None:
    """Return what was usual in the shop when the run learned; None in runs of old."""
    name = run.blend.get("norms")
    return Norms.load(settings.DATA / "models" / name) if name else None


def known_before(run: Run) -> dict[int, str]:
    """Return what the run that this one builds on knew of each page whose products it has; one
    that is resumed after weeks may find them thinned."""
    done = PageRun.objects.filter(run=run.base_id, state=State.DONE, run__thinned_at=None)
    return dict(done.exclude(known_hash="").values_list("page", "known_hash"))


def vector_store(encoder: str, dimensions: int) -> VectorStore:
    """Return the store of an encoder's vectors."""
    return VectorStore(settings.DATA / "vectors" / encoder, dimensions)


def load_shelf(
    store: VectorStore,
    as_of: datetime,
    until: int | None = None,
    *,
    details: bool = True,
    norms: Norms | None = None,
) -> Shelf:
    """Return the catalogue and the tree, made ready to be searched; see `load_tree`."""
    return Shelf(load_catalogue(store, as_of, details=details), load_tree(store, until), norms)


def load_catalogue(store: VectorStore, as_of: datetime, *, details: bool = True) -> Catalogue:
    """Return all products known at `as_of`, their vectors taken from the store.

    Without `details`, which only a cross-encoder reads, it takes half as long.
    """
    best = _filings_by_trust().filter(product=OuterRef("pk"))[:1]
    wanted = (*COLUMNS, "attributes") if details else COLUMNS
    rows = list(
        products_at(as_of)
        .annotate(filed=Subquery(best.values("category")), sure=Subquery(best.values("confidence")))
        .values_list(*wanted)
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    ids, titles, descriptions, brands, names, states, filed, sure, prices, *others = columns
    currencies, seen, retailers, stock, groups, prints, *attributes = others
    told = sellers()
    newest = newest_crawls(retailers, seen, as_of)
    ready = np.array([state == PictureState.READY for state in states], bool)
    return Catalogue(
        ids=np.array(ids, np.int64),
        titles=list(titles),
        descriptions=list(descriptions),
        brands=list(brands),
        text=_texts(store, map(product_line, titles, descriptions)),
        picture=_pictures(store, names, ready),
        filed_under=np.array([UNFILED if pk is None else pk for pk in filed], np.int64),
        filing_confidence=np.array([0.0 if value is None else value for value in sure], np.float32),
        log_price=_log(np.array([np.nan if p is None else float(p) for p in prices], np.float64)),
        currencies=list(currencies),
        days_unseen=days_unseen(retailers, seen, newest),
        days_silent=days_silent(retailers, newest, as_of),
        retailer=np.array(retailers, np.int64),
        in_stock=in_stock(stock),
        # Ids are the group's lowest: what was never compared is alone.
        group=np.array([own if g is None else g for own, g in zip(ids, groups, strict=True)], int),
        fingerprints=list(prints),
        sellers=[told[retailer] for retailer in retailers],
        details=[key_details(each) for column in attributes for each in column],
    )


def load_tree(store: VectorStore, until: int | None = None) -> Tree:
    """Return the live categories with the vectors of their prompts, which are their names and
    what people wrote about each alone, live as of the revision `until`."""
    live = Category.objects.live().order_by("id")
    rows = list(live.values_list("id", "parent", "name", "path"))
    written = lone_lines(until)
    lines = [prompts(name) + written.get(pk, []) for pk, _, name, _ in rows]
    return Tree(
        ids=np.array([pk for pk, *_ in rows], np.int64),
        parents=np.array([NO_PARENT if up is None else up for _, up, *_ in rows], np.int64),
        names=[name for *_, name, _ in rows],
        paths=[path for *_, path in rows],
        text=_means(store, lines),
        pages=frozenset(live.filter(is_page=True).values_list("id", flat=True)),
    )


def judged_for(run: Run) -> Judged:
    """Return what people thought when the run began, by the rule and the weights of then."""
    rule = Rule.of_settings(run.settings.get("truth"))
    return load_judged(run.settings["judgments_until"], rule)


def load_judged(until: int | None = None, rule: Rule | None = None) -> Judged:
    """Return the grade and weight of each judged (page, product), by page, then product.

    By today's rule unless told; see `judgments.queries.truth.truths`.
    """
    known = truths(until, rule)
    pairs = np.array(list(known), np.int64).reshape(-1, 2)
    return Judged(
        pages=pairs[:, 0],
        products=pairs[:, 1],
        grades=np.array([truth.grade for truth in known.values()], np.float64),
        annotators=np.array([truth.people for truth in known.values()], np.int64),
        weights=np.array([truth.weight for truth in known.values()], np.float64),
        elsewhere=np.array([truth.elsewhere for truth in known.values()], np.float64),
    )


def _filings_by_trust() -> QuerySet[Filing]:
    rank = [When(source=source, then=Value(place)) for place, source in enumerate(TRUST)]
    trust = Case(*rank, output_field=IntegerField())
    known = Filing.objects.filter(source__in=TRUST, category__retired_at=None)
    return known.order_by(trust, "-id")


def _category_prompts() -> Iterator[list[str]]:
    categories = Category.objects.live().order_by("id").values_list("name", flat=True)
    return map(prompts, categories)


def _texts(store: VectorStore, lines: Iterable[str]) -> Floats:
    return store.take(np.array([text_key(line) for line in lines], np.uint64))


def _pictures(store: VectorStore, names: tuple[str, ...], ready: Bools) -> Floats:
    vectors = store.take(np.array([picture_key(name) for name in names], np.uint64))
    vectors[~ready] = np.nan
    return vectors


def _means(store: VectorStore, lines: list[list[str]]) -> Floats:
    """The normalised mean of each category's prompts: (C, D)."""
    flat = _texts(store, chain.from_iterable(lines))
    if not lines:
        return flat
    starts = np.cumsum([0, *map(len, lines[:-1])])
    sums = np.add.reduceat(flat, starts, axis=0)
    means: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return means


def _log(prices: Doubles) -> Doubles:
    logs: Doubles = np.log(prices, out=np.full_like(prices, np.nan), where=prices > 0)
    return logs
