"""Headless training: starts, lengths, ends, and what becomes of the document."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.training import starting_factors, train, trained_document
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights
from cfgui.io.sample import sample_document

SHEET_RMSE = 2.8060620616483134


@pytest.fixture(scope="module")
def sample() -> Document:
    return sample_document()


def test_sheet_start_is_the_documents_own(sample: Document) -> None:
    assert starting_factors(sample, Hyperparameters()) is sample.factors["dot"]
    assert starting_factors(sample, Hyperparameters(model="bias")) is sample.factors["bias"]


@pytest.mark.parametrize("n_factors", [2, 8])
def test_another_number_of_factors_keeps_the_sheets_columns(sample: Document, n_factors: int) -> None:
    start = starting_factors(sample, Hyperparameters(n_factors=n_factors))
    own = sample.factors["dot"]
    kept = min(n_factors, 5)
    assert start.n_factors == n_factors
    assert np.array_equal(start.user_factors[:, :kept], own.user_factors[:, :kept])
    assert np.array_equal(start.movie_factors[:, :kept], own.movie_factors[:, :kept])
    # Added factors change no prediction, dropped ones do.
    assert (models.rmse(start, sample.ratings) == pytest.approx(SHEET_RMSE, abs=1e-12)) is (n_factors > 5)


@pytest.mark.parametrize("init", ["uniform", "normal"])
@pytest.mark.parametrize("model", ["dot", "bias"])
def test_random_starts_grow_from_the_seed(sample: Document, model: str, init: str) -> None:
    start = starting_factors(sample, Hyperparameters(model=model, init=init, seed=7, n_factors=3))
    assert start.equals(random_factors(15, 15, 3, bias=model == "bias", init=init, seed=7))
    other = starting_factors(sample, Hyperparameters(model=model, init=init, seed=8, n_factors=3))
    assert not start.equals(other)


@pytest.mark.parametrize("model", ["neural", "ordinal"])
def test_a_net_that_the_document_lacks_starts_from_the_seed(sample: Document, model: str) -> None:
    hyperparameters = Hyperparameters(model=model, seed=5, hidden="4")
    result = train(sample, hyperparameters, steps=3)
    assert result.factors.model == model
    assert result.factors.same_shape(starting_weights(sample.ratings, hyperparameters))
    assert result.start_rmse == pytest.approx(
        models.rmse(starting_weights(sample.ratings, hyperparameters), sample.ratings), rel=1e-12
    )


def test_a_sheet_s_own_weights_take_the_range_that_is_chosen(sample: Document) -> None:
    start = starting_factors(sample, Hyperparameters(range="sigmoid", low=0.0, high=5.5))
    assert np.array_equal(start.flat(), sample.factors["dot"].flat())
    assert (start.range.kind, start.range.low, start.range.high) == ("sigmoid", 0.0, 5.5)


@pytest.mark.parametrize(
    ("rate", "steps", "rmse"),
    [(0.1, 1, 2.714069042737), (0.1, 100, 0.786353558208), (0.5, 10, 0.813867985239), (0.5, 100, 0.559515391728)],
)
def test_gradient_descent_follows_the_spreadsheet(sample: Document, rate: float, steps: int, rmse: float) -> None:
    result = train(sample, Hyperparameters(learning_rate=rate), steps=steps)
    assert result.rmse == pytest.approx(rmse, abs=1e-9)
    assert result.loss == pytest.approx(rmse**2, abs=1e-8)
    assert result.start_rmse == pytest.approx(SHEET_RMSE, abs=1e-13)
    assert (result.step, result.epoch, len(result.curve)) == (steps, steps, steps + 1)
    assert models.rmse(result.factors, sample.ratings) == pytest.approx(result.rmse, abs=1e-13)


def test_an_epoch_of_sgd_is_one_step_a_rating(sample: Document) -> None:
    result = train(sample, Hyperparameters(optimizer="sgd", gradient="forward", epsilon=1e-6), epochs=1)
    assert (result.step, result.epoch) == (206, 1)
    assert result.rmse == pytest.approx(1.0490, abs=1e-3)


def test_mini_batches_divide_an_epoch(sample: Document) -> None:
    result = train(sample, Hyperparameters(optimizer="sgd", batch_size=50), epochs=2)
    assert (result.step, result.epoch) == (10, 2)


def test_nothing_said_is_a_hundred_steps(sample: Document) -> None:
    assert train(sample, Hyperparameters()).step == 100


@pytest.mark.parametrize(("model", "best"), [("dot", 0.3930), ("bias", 0.3187)])
def test_lbfgs_goes_on_until_it_finishes(sample: Document, model: str, best: float) -> None:
    result = train(sample, Hyperparameters(model=model, optimizer="lbfgs"))
    assert result.finished
    assert result.stop_reason
    assert result.rmse <= best


def test_steps_cap_lbfgs(sample: Document) -> None:
    result = train(sample, Hyperparameters(optimizer="lbfgs"), steps=3)
    assert (result.step, result.finished) == (3, False)


def test_zero_steps_train_nothing(sample: Document) -> None:
    result = train(sample, Hyperparameters(), steps=0)
    assert result.factors.equals(sample.factors["dot"])
    assert result.curve.equals(Curve("", [0], [result.start_rmse]))


def test_divergence_ends_at_the_last_good_step(sample: Document) -> None:
    result = train(sample, Hyperparameters(learning_rate=5.0))
    assert result.diverged is not None
    assert "5" in result.diverged
    assert result.rmse <= result.start_rmse
    assert result.curve.last == (result.step, pytest.approx(result.rmse, abs=1e-13))


def test_every_step_is_reported_and_stop_is_asked_before_each(sample: Document) -> None:
    seen: list[int] = []
    result = train(
        sample, Hyperparameters(), on_report=lambda report: seen.append(report.step), stop=lambda: len(seen) == 4
    )
    assert seen == [1, 2, 3, 4]
    assert (result.step, result.interrupted) == (4, True)
    assert train(sample, Hyperparameters(), steps=4).factors.equals(result.factors)


def test_no_ratings_is_one_sentence(sample: Document) -> None:
    nothing = sample.ratings.with_ratings(
        {(int(u), int(m)): None for u, m in zip(sample.ratings.users, sample.ratings.movies, strict=True)}
    )
    with pytest.raises(ValueError, match="no ratings to train on"):
        train(Document(nothing, sample.factors), Hyperparameters())


def test_trained_document_changes_one_model_only(sample: Document) -> None:
    result = train(sample, Hyperparameters(model="bias"), steps=2)
    trained = trained_document(sample, "bias", result)
    assert trained.active == "bias"
    assert trained.factors["bias"] is result.factors
    assert trained.factors["dot"] is sample.factors["dot"]
    assert trained.history["bias"] is result.curve
    assert "dot" not in trained.history
    assert sample.active == "dot"


def test_training_on_continues_the_documents_history(sample: Document) -> None:
    first = trained_document(sample, "dot", train(sample, Hyperparameters(), steps=3))
    twice = trained_document(first, "dot", train(first, Hyperparameters(), steps=2))
    once = train(sample, Hyperparameters(), steps=5)
    assert twice.history["dot"].equals(once.curve)


def test_a_new_start_begins_a_new_history(sample: Document) -> None:
    first = trained_document(sample, "dot", train(sample, Hyperparameters(), steps=3))
    anew = trained_document(first, "dot", train(first, Hyperparameters(init="uniform"), steps=2))
    assert list(anew.history["dot"].steps) == [0, 1, 2]
