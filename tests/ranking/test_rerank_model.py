"""The cross-encoder reads a page once, and gives what BERT gives that reads it every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ranking.pipeline.rerank import RerankerError
from ranking.pipeline.rerank.model import (
    PairModel,
    Reading,
    expected_gain_log_odds,
)
from tests.ranking.readers import make_bert, make_model

CLS, SEP = 2, 3
PAGE = torch.tensor([CLS, 5, 70, 6, SEP])
PRODUCTS = torch.tensor(
    [
        [CLS, 5, 6, 7, 8, SEP],
        [CLS, 9, SEP, 0, 0, 0],
        [CLS, 11, 12, 13, SEP, 0],
        [CLS, 9, 6, SEP, 0, 0],
    ]
)
WAYS = [Reading(), Reading(picture="token", dimensions=8), Reading(picture="late", dimensions=8)]


@pytest.fixture
def model(tmp_path: Path) -> PairModel:
    return make_model(tmp_path / "bert")


def pictures() -> tuple[Tensor, Tensor]:
    """Return the products' pictures, the second unknown, and the page's."""
    vectors = torch.randn(5, 8, generator=torch.Generator().manual_seed(3))
    vectors = torch.nn.functional.normalize(vectors, dim=-1)
    vectors[1] = torch.nan
    return vectors[:4], vectors[4]


def by_hugging_face(model: PairModel, page: Tensor, product: Tensor) -> Tensor:
    """Read one pair at a time, page and product in one input: the mask keeps the page apart."""
    before, length = len(page), len(page) + len(product)
    sees = torch.zeros(length, length, dtype=torch.bool)
    sees[:, :before] = True
    sees[before:, before:] = True
    bert = model.bert.bert
    hidden = bert(
        input_ids=torch.cat([page, product])[None],
        token_type_ids=(torch.arange(length) >= before).long()[None],
        position_ids=torch.cat([torch.arange(before), torch.arange(len(product))])[None],
        attention_mask=torch.where(sees, 0.0, -torch.inf)[None, None],
    ).last_hidden_state[:, before]
    pooled = torch.tanh(bert.pooler.dense(hidden))
    logits: Tensor = model.bert.classifier(pooled)[0]
    return logits


def test_a_page_read_once_is_read_like_a_page_read_with_every_product(model: PairModel) -> None:
    with torch.no_grad():
        ours = model(PAGE, PRODUCTS)
        theirs = torch.stack([by_hugging_face(model, PAGE, row[row > 0]) for row in PRODUCTS])
    assert ours.std() > 0.05
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("reading", WAYS, ids=lambda reading: reading.picture)
def test_what_stands_beside_a_product_changes_nothing_for_it(
    reading: Reading, tmp_path: Path
) -> None:
    model = make_model(tmp_path / "bert", reading)
    vectors, page_picture = pictures()
    with torch.no_grad():
        together = model(PAGE, PRODUCTS, vectors, page_picture)
        alone = [
            model(PAGE, row[row > 0][None], vectors[n : n + 1], page_picture)
            for n, row in enumerate(PRODUCTS)
        ]
    assert together.isfinite().all()
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=0)


@pytest.mark.parametrize("reading", WAYS[1:], ids=lambda reading: reading.picture)
def test_a_picture_that_takes_part_is_looked_at(reading: Reading, tmp_path: Path) -> None:
    model = make_model(tmp_path / "bert", reading)
    vectors, page_picture = pictures()
    with torch.no_grad():
        seen = model(PAGE, PRODUCTS, vectors, page_picture)
        other = model(PAGE, PRODUCTS, vectors.flip(1), page_picture)
    changed = (seen - other).abs().amax(1) > 1e-3
    assert changed.tolist() == [True, False, True, True]  # the second has none


@pytest.mark.parametrize("reading", WAYS, ids=lambda reading: reading.picture)
def test_a_model_that_was_saved_reads_as_before(reading: Reading, tmp_path: Path) -> None:
    model = make_model(tmp_path / "bert", replace(reading, page_tokens=9))
    vectors, page_picture = pictures()
    model.save(tmp_path / "kept")
    again = PairModel.load(tmp_path / "kept")
    assert again.reading == model.reading
    with torch.no_grad():
        before = model(PAGE, PRODUCTS, vectors, page_picture)
        torch.testing.assert_close(again(PAGE, PRODUCTS, vectors, page_picture), before)


@pytest.mark.parametrize("reading", WAYS, ids=lambda reading: reading.picture)
def test_every_weight_that_takes_part_is_learned(reading: Reading, tmp_path: Path) -> None:
    model = make_model(tmp_path / "bert", reading)
    torch.autograd.backward(model(PAGE, PRODUCTS, *pictures()).square().sum())
    idle = {
        name.rpartition("bert.")[2]
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    }
    # A key's bias moves all of a query's attention alike.
    assert not {name for name in idle if "key.bias" not in name}


def test_learning_starts_from_what_the_text_says(tmp_path: Path) -> None:
    source = make_bert(tmp_path / "bert")
    plain = PairModel.start(source, WAYS[0], seed=5).eval()
    late = PairModel.start(source, WAYS[2], seed=5).eval()
    with torch.no_grad():
        said = plain(PAGE, PRODUCTS)
        torch.testing.assert_close(late(PAGE, PRODUCTS, *pictures()), said, atol=1e-6, rtol=0)


def test_a_student_has_some_of_its_teachers_layers(model: PairModel, tmp_path: Path) -> None:
    student = model.student([1])
    assert (len(student.layers), len(model.layers)) == (1, 2)
    kept, taught = student.layers[0].state_dict(), model.layers[1].state_dict()
    assert all(torch.equal(kept[name], taught[name]) for name in taught)
    student.save(tmp_path / "student")
    with torch.no_grad():
        said = student(PAGE, PRODUCTS)
        torch.testing.assert_close(PairModel.load(tmp_path / "student")(PAGE, PRODUCTS), said)


def test_a_students_learning_leaves_its_teacher_alone(model: PairModel) -> None:
    with torch.no_grad():
        before = model(PAGE, PRODUCTS)
        for parameter in model.student([0, 1]).parameters():
            parameter.add_(1.0)
        assert torch.equal(model(PAGE, PRODUCTS), before)


def test_log_odds_are_those_of_the_expected_gain() -> None:
    logits = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)) * 3
    likely = torch.softmax(logits.double(), -1).numpy()
    gain = (likely * [0, 1, 3, 7] / 7).sum(-1)
    expected = np.log(gain / (1 - gain))
    np.testing.assert_allclose(expected_gain_log_odds(logits).numpy(), expected, atol=1e-5)


def test_log_odds_stay_finite_and_can_be_learned_from_where_the_model_is_sure() -> None:
    logits = torch.tensor([[50.0, 0, 0, 0], [0, 0, 0, 50.0]], requires_grad=True)
    log_odds = expected_gain_log_odds(logits)
    torch.autograd.backward(log_odds.sum())
    assert log_odds[0] < -40
    assert log_odds[1] > 40
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("file", ["reading.json", "model.safetensors", "config.json"])
def test_a_damaged_model_is_named_in_a_sentence(
    model: PairModel, file: str, tmp_path: Path
) -> None:
    model.save(tmp_path / "kept")
    (tmp_path / "kept" / file).write_bytes(b"{")
    with pytest.raises(RerankerError, match=r"The cross-encoder in .*kept cannot be read: "):
        PairModel.load(tmp_path / "kept")


def test_a_missing_model_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RerankerError, match=r"The cross-encoder in .*nowhere cannot be read: "):
        PairModel.load(tmp_path / "nowhere")
