"""A run's cross-encoder: what it reads, what it remembers, and what it must not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline import rank_pages
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Ints, Options
from ranking.pipeline.disambiguate import NO_TEXTS, Lines, Texts
from ranking.pipeline.names import KEYS
from ranking.pipeline.profile import Profile, profile
from ranking.pipeline.rerank import RerankerError
from ranking.pipeline.rerank.batches import one_thread, read_logits, read_pairs
from ranking.pipeline.rerank.model import PairModel, Reading, expected_gain_log_odds
from ranking.pipeline.rerank.reader import HeldOut, PairReader, load_pair_model, product_tokens
from ranking.pipeline.rerank.scores import KEPT, Scores, pair_keys
from ranking.pipeline.rerank.tokens import TokenIds
from ranking.pipeline.shelf import Shelf
from ranking.tokens import KeptTokens
from tests.ranking.readers import make_bert, make_model
from tests.ranking.shelves import CANDLES, DESK_LAMPS, LAMPS, NOTHING, WIDTH, make_shelf, unit

NEVER = HeldOut.load(Path("nowhere"))
ROWS = np.arange(48)
SEEING = Reading(picture="late", dimensions=WIDTH)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    titles = [f"acme lamp {'with table and desk ' * (n % 5)}{n}" for n in ROWS]
    return make_shelf(titles=titles)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> PairModel:
    return make_model(tmp_path_factory.mktemp("model") / "bert")


def about(shelf: Shelf, page: int = LAMPS) -> Profile:
    return profile(page, shelf, NOTHING)


class Counted:
    """Tokens that count the lines they cut, each of which is then read."""

    def __init__(self, model: PairModel) -> None:
        self.count, self._tokens = 0, product_tokens(model)

    def __call__(self, lines: Sequence[str]) -> TokenIds:
        self.count += len(lines)
        return self._tokens(lines)


def make_reader(
    model: PairModel, shelf: Shelf, folder: Path, texts: Texts = NO_TEXTS
) -> tuple[PairReader, Counted]:
    """Return a reader that keeps its scores in the folder, and what counts its readings."""
    tokens = Counted(model)
    reader = PairReader("a", model, shelf, texts, NEVER, tokens=tokens, scores=Scores(folder))
    return reader, tokens


def test_products_are_told_apart_by_page_and_text(model: PairModel, shelf: Shelf) -> None:
    reader = PairReader("a", model, shelf, NO_TEXTS, NEVER)
    lamps, candles = (reader.reranked(about(shelf, page), ROWS) for page in (LAMPS, CANDLES))
    assert np.isfinite(lamps).all()
    assert lamps.std() > 0.01
    assert (lamps != candles).mean() > 0.9


def test_nothing_to_read_is_no_error(model: PairModel, shelf: Shelf, tmp_path: Path) -> None:
    reader, _ = make_reader(model, shelf, tmp_path)
    assert reader.reranked(about(shelf), np.empty(0, np.int64)).shape == (0,)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@given(chosen=st.sets(st.integers(0, 47), min_size=1))
@settings(max_examples=15, deadline=None)
def test_a_score_has_the_same_bits_whatever_is_read_beside_it(
    precision: torch.dtype, chosen: set[int], model: PairModel, shelf: Shelf
) -> None:
    reader = PairReader("a", model.student([0, 1]).to(precision), shelf, NO_TEXTS, NEVER)
    rows: Ints = np.array(sorted(chosen, key=lambda row: (row % 7, row)), np.int64)
    together = reader.reranked(about(shelf), ROWS)
    np.testing.assert_array_equal(reader.reranked(about(shelf), rows), together[rows])


def test_batches_give_what_one_reading_gives(model: PairModel) -> None:
    products = np.zeros((20, 17), np.uint16)
    for row in range(20):
        products[row, : 2 + row % 9] = [2, *range(6, 6 + row % 9), 3]
    page = [2, 5, 6, 3]
    with torch.no_grad():
        whole = model(torch.tensor(page), torch.from_numpy(products.astype(np.int64)))
    torch.testing.assert_close(read_logits(model, page, products), whole, atol=1e-5, rtol=0)
    odds = expected_gain_log_odds(whole).numpy()
    np.testing.assert_allclose(read_pairs(model, page, products), odds, atol=1e-5)


def test_what_was_read_is_not_read_again(model: PairModel, shelf: Shelf, tmp_path: Path) -> None:
    first, _ = make_reader(model, shelf, tmp_path)
    scores = first.reranked(about(shelf), ROWS)
    second, tokens = make_reader(model, shelf, tmp_path)
    np.testing.assert_array_equal(second.reranked(about(shelf), ROWS[::-1]), scores[::-1])
    assert tokens.count == 0


def test_only_what_is_new_is_read(model: PairModel, shelf: Shelf, tmp_path: Path) -> None:
    reader, tokens = make_reader(model, shelf, tmp_path)
    reader.reranked(about(shelf), ROWS[:30])
    titles = list(shelf.catalogue.titles)
    titles[3] = "acme candles"
    changed = make_shelf(titles=titles)
    reader, tokens = make_reader(model, changed, tmp_path)
    reader.reranked(about(changed), ROWS[:40])
    assert tokens.count == 10 + 1


def test_a_page_whose_text_has_changed_is_read_again(
    model: PairModel, shelf: Shelf, tmp_path: Path
) -> None:
    reader, _ = make_reader(model, shelf, tmp_path)
    before = reader.reranked(about(shelf), ROWS)
    written = Texts(alone={LAMPS: Lines(("desk",), np.zeros((1, WIDTH), np.float32))})
    reader, tokens = make_reader(model, shelf, tmp_path, written)
    assert (reader.reranked(about(shelf), ROWS) != before).any()
    assert tokens.count == len(ROWS)


def test_a_picture_that_has_changed_is_looked_at_again(tmp_path: Path) -> None:
    model = make_model(tmp_path / "bert", SEEING)
    pictures = unit(np.random.default_rng(0).normal(size=(48, WIDTH)))
    shelf = make_shelf(picture=pictures)
    reader, _ = make_reader(model, shelf, tmp_path / "scores")
    before = reader.reranked(about(shelf), ROWS)
    changed = make_shelf(picture=np.vstack([pictures[:47], np.full_like(pictures[:1], np.nan)]))
    reader, tokens = make_reader(model, changed, tmp_path / "scores")
    after = reader.reranked(about(changed), ROWS)
    assert np.flatnonzero(after != before).tolist() == [47]
    assert tokens.count == 1
    assert np.isfinite(after).all()


def test_a_page_that_was_learned_from_is_read_as_if_it_had_not_been(
    model: PairModel, shelf: Shelf
) -> None:
    ids = shelf.catalogue.ids
    held_out = HeldOut(np.array([LAMPS, LAMPS]), ids[[4, 2]], np.array([1.5, -0.5]))
    reader = PairReader("a", model, shelf, NO_TEXTS, held_out)
    unseen = reader.reranked_unseen(about(shelf), np.array([2, 3, 4]))
    np.testing.assert_array_equal(unseen, [-0.5, np.nan, 1.5])
    live = reader.reranked_unseen(about(shelf, DESK_LAMPS), ROWS)
    np.testing.assert_array_equal(live, reader.reranked(about(shelf, DESK_LAMPS), ROWS))


def test_a_model_is_known_by_its_weights(model: PairModel, tmp_path: Path) -> None:
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    model.student([1]).save(tmp_path / "c")
    names = [load_pair_model(tmp_path / folder)[0] for folder in "abc"]
    assert names[0] == names[1] != names[2]


def test_damaged_words_on_unseen_pages_are_named_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "held_out.npz").write_bytes(b"half")
    with pytest.raises(RerankerError, match=r"held_out\.npz cannot be read: "):
        HeldOut.load(tmp_path / "held_out.npz")


def test_token_ids_are_kept(model: PairModel, tmp_path: Path) -> None:
    tokens = product_tokens(model)
    lines = ["acme lamp", "desk", "", "a very long line " * 30]
    kept = KeptTokens(tmp_path, tokens)
    cut = tokens(lines)
    np.testing.assert_array_equal(kept(lines), cut)
    kept.store.append(kept.keys(lines[:2]), cut[:2])
    again = KeptTokens(tmp_path, tokens)
    assert again.store.missing(again.keys(lines)).tolist() == [2, 3]
    np.testing.assert_array_equal(again(lines), cut)
    assert again(lines).dtype == np.uint16


def test_a_tokenizer_that_was_used_is_the_same_tokenizer(model: PairModel) -> None:
    before = product_tokens(model)
    before.of_one("acme lamp")
    assert product_tokens(model).name == before.name
    before(["acme lamp"])
    assert product_tokens(model).name == before.name


def test_another_tokenizer_keeps_its_own_ids(model: PairModel, tmp_path: Path) -> None:
    make_bert(tmp_path / "other")
    path = tmp_path / "other" / "tokenizer.json"
    path.write_text(path.read_text().replace('"lamps"', '"lambs"'))
    other = PairModel.start(str(tmp_path / "other"))
    assert product_tokens(other).name != product_tokens(model).name
    longer = PairModel(model.cross_encoder, replace(model.reading, product_tokens=9))
    assert product_tokens(longer).name != product_tokens(model).name


@given(
    visits=st.lists(st.lists(st.integers(0, 30), unique=True, max_size=12), max_size=6),
)
@settings(max_examples=30, deadline=None)
def test_scores_behave_as_a_dictionary(
    visits: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    scores, known = Scores(tmp_path_factory.mktemp("scores")), dict[int, float]()
    for visit, keys in enumerate(visits):
        scores.keep(1, np.array(keys, np.uint64), np.array(keys, float) + visit)
        known |= {key: key + visit for key in keys}
        taken = scores.take(1, np.arange(31, dtype=np.uint64))
        expected = [known.get(key, np.nan) for key in range(31)]
        np.testing.assert_array_equal(taken, expected)


def test_scores_of_other_pages_are_other_scores(tmp_path: Path) -> None:
    keys = np.array([1, 2], np.uint64)
    Scores(tmp_path).keep(1, keys, np.array([0.5, 1.5]))
    assert np.isnan(Scores(tmp_path).take(2, keys)).all()


def test_a_page_keeps_its_newest_scores_and_no_more(tmp_path: Path) -> None:
    scores = Scores(tmp_path)
    keys = np.arange(KEPT + 100, dtype=np.uint64)
    scores.keep(1, keys[:KEPT], np.zeros(KEPT))
    scores.keep(1, keys[KEPT:], np.ones(100))
    kept = np.isfinite(scores.take(1, keys))
    assert kept.sum() == KEPT
    assert kept[KEPT:].all()


def test_damaged_scores_are_read_again(tmp_path: Path) -> None:
    scores, keys = Scores(tmp_path), np.array([1, 2], np.uint64)
    scores.keep(1, keys, np.zeros(2))
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    assert np.isnan(scores.take(1, keys)).all()
    scores.keep(1, keys, np.zeros(2))
    assert np.isfinite(scores.take(1, keys)).all()


def test_no_damaged_byte_is_an_error_or_another_score(tmp_path: Path) -> None:
    scores, keys = Scores(tmp_path), np.arange(1, 4, dtype=np.uint64) << np.uint64(40)
    scores.keep(7, keys, np.array([0.5, -0.25, 2.0]))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 9
        for content in (bytes(damaged), whole[:place]):
            file.write_bytes(content)
            found = scores.take(7, keys)
            assert (np.isnan(found) | (found == [0.5, -0.25, 2.0])).all()


def test_a_page_is_read_though_its_scores_cannot_be_kept(
    model: PairModel, shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "scores").write_text("where a folder should be")
    reader, _ = make_reader(model, shelf, tmp_path / "scores")
    alone = PairReader("a", model, shelf, NO_TEXTS, NEVER)
    np.testing.assert_array_equal(
        reader.reranked(about(shelf), ROWS), alone.reranked(about(shelf), ROWS)
    )
    assert "are not kept" in caplog.text


def test_pairs_are_known_by_all_that_is_read_of_them() -> None:
    keys = [*pair_keys(b"page", [b"a", b"b", b"a"]), *pair_keys(b"other page", [b"a"])]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


def test_reading_takes_one_thread_and_gives_the_others_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_page_is_ranked_with_what_was_read(model: PairModel, shelf: Shelf) -> None:
    reader = PairReader("a", model, shelf, NO_TEXTS, NEVER)
    [page] = rank_pages([LAMPS], shelf, NOTHING, Blend(), Options(), None, reader)
    read = dict(zip(shelf.catalogue.ids.tolist(), reader.reranked(about(shelf), ROWS), strict=True))
    assert "reranked" in KEYS
    assert page.rows
    for row in page.rows:
        assert row.signals["reranked"] == pytest.approx(read[row.product], abs=1e-4)
