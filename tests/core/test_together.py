"""Many steps in one call: the bits of one after another, and where the loop for that steps back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.training import train
from cfgui.core import models
from cfgui.core.decay import decay_vector
from cfgui.core.divergence import Diverged
from cfgui.core.document import Document
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.position import StepReport
from cfgui.core.rating_range import RatingRange
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document

SIMPLE = Hyperparameters(engine="compiled", learning_rate=0.05, schedule_epochs=30)


@pytest.fixture(scope="module")
def document() -> Document:
    """The original 15 x 15."""
    return sample_document()


@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("gradient", ["autograd", "forward", "central"])
@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("optimizer", ["gd", "sgd", "momentum"])
def test_the_bits_of_one_step_after_another(
    document: Document, optimizer: str, model: str, gradient: str, weight_decay: float, schedule: str
) -> None:
    choices = replace(SIMPLE, model=model, optimizer=optimizer, gradient=gradient, weight_decay=weight_decay)
    choices = replace(choices, schedule=schedule, batch_size=0)
    one, many = (Trainer(document.ratings, document.factors[model], choices) for _ in range(2))
    reports = [one.advance() for _ in range(40)]
    assert many.at_once > 40
    assert many.advance_each(7) + many.advance_each(33) == reports
    assert many.factors.equals(one.factors)
    assert (many.step, many.seen, many.loss) == (one.step, one.seen, one.loss)
    assert many.advance() == one.advance()


@pytest.mark.parametrize("gradient", ["exact", "forward", "central"])
@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("share", [0.0, 0.9])
def test_the_numbers_of_arrays(document: Document, model: str, gradient: str, share: float) -> None:
    choices = replace(SIMPLE, model=model, weight_decay=0.02, momentum=share, optimizer="momentum" if share else "gd")
    ratings, factors = document.ratings, document.factors[model]
    slope = GRADIENTS[gradient](choices, decay_vector(factors, choices))
    vector, velocity, rmses = factors.flat(), np.zeros(factors.n_parameters), []
    for _ in range(50):
        velocity = share * velocity + slope(factors.view_of(vector), ratings.users, ratings.movies, ratings.values, 0)
        vector = vector - 0.05 * velocity
        rmses.append(models.rmse(factors.view_of(vector), ratings))
    found = Trainer(ratings, factors, choices, gradient=gradient)
    assert [report.rmse for report in found.advance_each(50)] == pytest.approx(rmses, rel=1e-12)
    np.testing.assert_allclose(found.factors.flat(), vector, rtol=1e-11, atol=1e-13)


def test_divergence_is_told_as_one_step_after_another_tells_it(document: Document) -> None:
    choices = replace(SIMPLE, learning_rate=50.0)
    one, many = (Trainer(document.ratings, document.factors["dot"], choices) for _ in range(2))
    reports: list[StepReport] = []
    with pytest.raises(Diverged) as first:
        reports.extend(one.advance() for _ in range(256))
    assert len(reports) == 4
    assert many.advance_each(256) == reports
    with pytest.raises(Diverged) as second:
        many.advance_each(256)
    assert str(second.value) == str(first.value)
    assert (many.step, many.factors.equals(one.factors)) == (one.step, True)


@pytest.mark.parametrize(
    "other",
    [
        {"engine": "numpy"},
        {"optimizer": "adam"},
        {"optimizer": "sgd", "batch_size": 64},
        {"clip": 1.0},
        {"freeze": "users"},
        {"decay_kind": "decoupled", "weight_decay": 0.1},
        {"decay_kind": "rows", "weight_decay": 0.1},
        {"movie_decay": 0.1},
    ],
    ids=str,
)
def test_what_the_loop_does_not_know_goes_one_by_one(document: Document, other: dict[str, object]) -> None:
    choices = replace(SIMPLE, **other)  # type: ignore[arg-type]
    one, many = (Trainer(document.ratings, document.factors["dot"], choices) for _ in range(2))
    assert many.at_once == 1
    assert many.advance_each(5) == [one.advance()]


def test_a_range_and_a_mean_go_one_by_one(document: Document) -> None:
    for changed in ({"range": RatingRange("sigmoid", 0.0, 5.5)}, {"global_mean": 3.0}):
        factors = replace(document.factors["bias"], **changed)  # type: ignore[arg-type]
        assert Trainer(document.ratings, factors, replace(SIMPLE, model="bias")).at_once == 1


def test_a_run_is_the_same_and_reports_every_step(document: Document) -> None:
    told: list[int] = []
    result = train(document, SIMPLE, steps=600, on_report=lambda report: told.append(report.step))
    slow = Trainer(document.ratings, document.factors["dot"], SIMPLE)
    rmses = [slow.rmse] + [slow.advance().rmse for _ in range(600)]
    assert told == list(range(1, 601))
    assert list(result.curve.rmses) == rmses
    assert result.factors.equals(slow.factors)
    assert (result.step, result.epoch, result.engine) == (600, 600, "compiled")


def test_a_wish_to_stop_ends_a_run_between_two_calls(document: Document) -> None:
    wishes = iter([False, True])
    result = train(document, SIMPLE, steps=10_000, stop=lambda: next(wishes))
    assert result.interrupted
    assert 0 < result.step < 10_000
    assert result.curve.steps[-1] == result.step
