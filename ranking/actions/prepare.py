"""Prepare a run: encode what has no vector yet, learn the blend. For workers: loads models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.conf import settings

from ranking.actions.carry import carry_all
from ranking.actions.find_duplicates import find_duplicates
from ranking.actions.forget_scores import forget_scores
from ranking.actions.ledger import Interrupted, beat_run, finish_preparation
from ranking.actions.runs import candidates_now
from ranking.learning.blender import SIMPLE
from ranking.learning.blender import learn as learn_kinds
from ranking.learning.examples import examples
from ranking.learning.outliers.learn import learn_outliers
from ranking.learning.siblings import learn_head
from ranking.models import Run
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Judged, Options
from ranking.pipeline.disambiguate import Head, Texts
from ranking.pipeline.encode import Encoder, load_encoder
from ranking.pipeline.names import FEATURES
from ranking.pipeline.norms import Norms
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.shelf import Shelf
from ranking.queries.detectors import risk_of
from ranking.queries.inputs import judged_for, load_shelf, to_encode, vector_store
from ranking.queries.known import shop_digest
from ranking.queries.learned import to_use
from ranking.queries.readers import load_reader, product_texts
from ranking.queries.rules import options_of, shop_values
from ranking.queries.texts import load_texts
from ranking.vectors import VectorStore, picture_key, text_key
from ranking.whole_files import write_whole

SLICE = 256  # lines or pictures between two beats: a second or two of work

Beat = Callable[[str, int, int], None]


def prepare(run: Run, attempt: int, stopping: Callable[[], bool]) -> None:
    """Encode what is new, learn the blend, and open the run's pages.

    A run that builds on another keeps what that learned; if nothing has changed since, all its
    pages are carried over, before anything is loaded. Raises Lost, Cancelled and Interrupted; what
    was encoded by then is kept.
    """

    def beat(stage: str, done: int, total: int) -> None:
        beat_run(run.pk, attempt, stage, done, total)
        if stopping():
            raise Interrupted

    find_duplicates(beat)
    beat("Looking for what has changed", 0, 0)
    shop = {"shop": shop_digest(run)}
    if run.base is None:
        finish_preparation(run.pk, attempt, _learn_anew(run, beat) | shop)
    elif shop.items() <= run.base.blend.items():
        carry_all(run, attempt, run.base.blend)
    else:
        finish_preparation(run.pk, attempt, _keep_learned(run, run.base, beat) | shop)


def _learn_anew(run: Run, beat: Beat) -> dict[str, object]:
    """Encode what is new and learn; return what the run ranks with."""
    beat("Loading the encoder", 0, 0)
    encoder = the_encoder(run.settings["encoder"], run.settings["encoder_weights"])
    store = vector_store(encoder.name, encoder.dimensions)
    encode_missing(lambda: encoder, store, run.as_of, beat, _until(run))
    forget_scores()
    if reranker := to_use(run).reranker:
        keep_tokens(reranker.pk, run.as_of, beat)
    beat("Learning from judgments", 0, 0)
    learned = learn(run, store)
    beat("Learning from judgments", 1, 1)
    return {**learned, "root": run.pk}


def _keep_learned(run: Run, base: Run, beat: Beat) -> dict[str, object]:
    """Encode what is new, if anything is; return what the base ranked with, cut as the run's own
    rules ask."""
    told = run.settings["encoder"], run.settings["encoder_weights"]
    store = vector_store(base.blend["vectors"], base.blend["dimensions"])
    encode_missing(lambda: the_encoder(*told), store, run.as_of, beat, _until(run))
    return {"root": base.pk, **base.blend, **risk_of(base.blend, options_of(run))}


@lru_cache(maxsize=1)
def the_encoder(name: str, weights: str) -> Encoder:
    """Return the encoder, loaded once per process."""
    return load_encoder(name, weights, threads=settings.SEESTOCKS_THREADS)


def vector_store_today() -> VectorStore:
    """Return the store of the encoder that is set now."""
    encoder = the_encoder(settings.SEESTOCKS_ENCODER, settings.SEESTOCKS_ENCODER_WEIGHTS)
    return vector_store(encoder.name, encoder.dimensions)


def options_today() -> Options:
    """Return what a run that begins now is told: what is measured today is measured with it."""
    return Options(
        candidates=candidates_now(),
        wrong_shown=settings.SEESTOCKS_WRONG_SHOWN,
        page_size=settings.SEESTOCKS_PAGE_SIZE,
        **shop_values(),
    )


def encode_missing(
    encoder: Callable[[], Encoder],
    store: VectorStore,
    as_of: datetime,
    beat: Beat,
    until: int | None = None,
) -> None:
    """Encode the texts and pictures that the store does not hold, in slices, with a beat each;
    the encoder is asked for when there is one."""
    wanted = to_encode(as_of, until)
    folder = settings.DATA / "pictures"
    fill(store, "Reading texts", wanted.texts, text_key, lambda lines: encoder().texts(lines), beat)
    fill(
        store,
        "Looking at pictures",
        wanted.pictures,
        picture_key,
        lambda names: encoder().images([folder / name for name in names]),
        beat,
    )


def keep_tokens(reranker: int, as_of: datetime, beat: Beat) -> None:
    """Keep the ids that this version of the cross-encoder reads of products, in slices.

    Raises RerankerError when its files are damaged.
    """
    from ranking.queries.cross_encoders import kept_tokens  # loads the model

    kept, texts = kept_tokens(reranker), list(dict.fromkeys(product_texts(as_of)))
    fill(kept.store, "Reading titles", texts, text_key, kept.tokens, beat)


def learn(run: Run, store: VectorStore) -> dict[str, object]:
    """Return what the run ranks with: the versions that were in use when it began, as far as they
    can be used, and where there is no blend among them, what the judgments and texts that it sees
    teach. What could not be used, and why, is among the `notes`."""
    using = to_use(run)
    reranker = using.reranker.pk if using.reranker else None
    norms = load_shelf(store, run.as_of, _until(run), details=False).norms
    named = {"reranker": reranker, "notes": using.notes, "norms": _kept("norms", norms, "npz")}
    if using.blend and using.blend.made["vectors"] == store.folder.name:
        made = using.blend.made
        return {**made, "version": using.blend.pk, **named, **risk_of(made, options_of(run))}
    own = learned(
        store,
        load_shelf(store, run.as_of, _until(run), details=reranker is not None, norms=norms),
        judged_for(run),
        load_texts(store, _until(run)),
        options_of(run),
        seed=run.settings["seed"],
        reranker=reranker,
    ).made
    return {**own, **named, **risk_of(own, options_of(run))}


@dataclass(frozen=True)
class Lessons:
    """What a run needs to rank with what was learned, and what people may want to know of it."""

    made: dict[str, object]
    card: dict[str, object]


def learned(
    store: VectorStore,
    shelf: Shelf,
    judged: Judged,
    texts: Texts,
    options: Options,
    *,
    seed: int,
    reranker: int | None,
    kinds: Sequence[str] = SIMPLE,
) -> Lessons:
    """Learn how to tell siblings apart, how to blend the signals (the version `reranker` of the
    cross-encoder among them) in the best of these kinds, and what does not belong; keep all of it
    as files, and describe the blend."""
    head = learn_head(shelf, judged, texts)
    reader = load_reader(reranker, shelf, texts)
    known = examples(shelf, judged, texts, head, reader, options)
    told = learn_kinds(known, seed, kinds)
    blend = told.blend
    outliers = learn_outliers(shelf, judged, known, blend, options, seed, texts, head, reader)
    made = {
        **blend.about,
        "signals": list(FEATURES),
        "file": _kept("blend", blend),
        "siblings": _kept("siblings", head),
        "outliers": _kept("outliers", outliers),
        "vectors": store.folder.name,
        "dimensions": store.dimensions,
    }
    return Lessons(made, told.card)


def _until(run: Run) -> int:
    """The newest revision of a text that the run sees; runs of old saw none."""
    until: int = run.settings.get("discriminators_until", 0)
    return until


def _kept(kind: str, learned: Blend | Head | Detector | Norms, ending: str = "json") -> str:
    """Write what was learned below the folder of models; return the file's name."""
    folder = settings.DATA / "models"
    folder.mkdir(exist_ok=True)
    name = f"{kind}-{learned.digest[:16]}.{ending}"
    write_whole(folder / name, learned.save)
    return name


def fill(
    store: VectorStore,
    stage: str,
    contents: Sequence[str],
    key: Callable[[str], np.uint64],
    encode: Callable[[Sequence[str]], np.ndarray],
    beat: Beat,
) -> None:
    """Encode what the store does not hold, in slices, with a beat before each."""
    keys = np.array([key(content) for content in contents], np.uint64)
    new = sorted(store.missing(keys), key=lambda row: len(contents[row]))  # alike go together
    for start in range(0, len(new), SLICE):
        beat(stage, start, len(new))
        rows = new[start : start + SLICE]
        store.append(keys[rows], encode([contents[row] for row in rows]))
