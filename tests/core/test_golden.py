"""The spreadsheet's own figures, from SPREADSHEET.md and from the workbook's stored values."""

from itertools import islice

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.trainer import Trainer

DESCENT = {
    0.1: {1: 2.714069042737, 2: 2.619670040499, 5: 2.327108538962, 10: 1.844839365594, 100: 0.786353558208},
    0.5: {1: 2.319990381204, 2: 1.811112916702, 5: 0.927038858115, 10: 0.813867985239, 100: 0.559515391728},
}
"""RMSE of full-batch gradient descent on dotprod by learning rate and step."""

SGD_EPOCHS = {1: 1.0490, 2: 0.8280, 5: 0.7871, 10: 0.7307, 50: 0.4108}
"""RMSE of per-rating SGD in row order at 0.01 on dotprod by epoch, both sides updated from the same old values."""


def test_the_sheet_has_206_ratings_of_15_movies_by_15_users(ratings):
    assert (ratings.n_users, ratings.n_movies, ratings.n_ratings) == (15, 15, 206)
    assert (ratings.values.min(), ratings.values.max()) == (1.0, 5.0)
    assert np.array_equal(ratings.values * 2, np.round(ratings.values * 2))


def test_starting_rmse_of_both_sheets(ratings, dot, bias):
    assert models.rmse(dot, ratings) == pytest.approx(2.8060620616483134, rel=1e-15)
    assert models.rmse(bias, ratings) == pytest.approx(2.018003803304626, rel=1e-15)


def test_predictions_the_workbook_shows(dot, bias):
    table = models.predict_all(dot)
    assert table[0, :3] == pytest.approx([0.9138915032902952, 1.395614570842538, 1.0230171219161681], rel=1e-14)
    assert table[1, :3] == pytest.approx([1.440928821557989, 2.2003296935883347, 1.4856782051513695], rel=1e-14)
    table = models.predict_all(bias)
    assert table[0, :3] == pytest.approx([2.619392417629859, 2.434341456672624, 1.8888427735910602], rel=1e-14)


def test_adding_one_to_b25(ratings, dot):
    vector = dot.flat()
    vector[0] += 1.0
    assert models.rmse(dot.view_of(vector), ratings) == pytest.approx(2.770036614, abs=5e-10)


def test_first_partials_of_the_mse(ratings, dot):
    slopes = dot.view_of(models.gradient(dot, ratings.users, ratings.movies, ratings.values))
    assert slopes.user_factors[0, 0] == pytest.approx(-0.234527276934, abs=1e-12)
    assert slopes.movie_factors[0, 0] == pytest.approx(-0.122455045470, abs=1e-12)


@pytest.mark.parametrize("gradient", ["autograd", "exact"])
@pytest.mark.parametrize("rate", DESCENT)
def test_full_batch_descent_reproduces_the_table(ratings, dot, gradient, rate):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="gd", learning_rate=rate), gradient=gradient)
    rmses = {report.step: report.rmse for report in islice(trainer.steps(), 100)}
    assert {step: rmses[step] for step in DESCENT[rate]} == pytest.approx(DESCENT[rate], abs=1e-9)


def test_per_rating_sgd_in_row_order(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="sgd", learning_rate=0.01), gradient="exact")
    rmses = {report.epoch: report.rmse for report in islice(trainer.steps(), 50 * 206) if report.step % 206 == 0}
    assert {epoch: rmses[epoch] for epoch in SGD_EPOCHS} == pytest.approx(SGD_EPOCHS, abs=1e-3)


@pytest.mark.parametrize("gradient", ["exact", "autograd"])
@pytest.mark.parametrize(("model", "lowest"), [("dot", 0.39290079), ("bias", 0.31865497)])
def test_lbfgs_finds_the_lowest_rmse_known(sheet, model, lowest, gradient):
    trainer = Trainer(sheet.ratings, sheet.factors[model], Hyperparameters(optimizer="lbfgs"), gradient=gradient)
    reports = list(islice(trainer.steps(), 1000))
    assert trainer.finished
    assert reports[-1].rmse == pytest.approx(lowest, abs=1e-6)
    ratings = sheet.ratings
    slopes = models.gradient(trainer.factors, ratings.users, ratings.movies, ratings.values)
    assert np.abs(slopes).max() < 1e-7


def test_every_gradient_is_registered_and_what_a_person_may_choose_is_among_them():
    assert set(GRADIENTS) == {"autograd", "forward", "central", "exact"}
    with pytest.raises(ValueError, match="Gradient must be one of autograd, forward, central"):
        Hyperparameters(gradient="exact")
