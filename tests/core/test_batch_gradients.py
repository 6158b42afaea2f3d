"""Gradients of mini-batches: the slopes of the whole vector, computed with few rows."""

import numpy as np
import pytest

from cfgui.core.batch_gradients import BatchGradient
from cfgui.core.decay import decay_vector, row_shares
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from tests.helpers.nets import CASES, case_id, case_model, plain_loss, random_ratings

DECAYS = (
    {},
    {"weight_decay": 0.3},
    {"weight_decay": 0.3, "movie_decay": 0.1, "bias_decay": 0.0, "layer_decay": 0.7},
    {"weight_decay": 0.3, "decay_kind": "rows", "layer_decay": 0.7},
    {"weight_decay": 0.3, "decay_kind": "decoupled"},
)


def of_batch(case, decay):
    choices = Hyperparameters(loss=case[2], range="sigmoid" if case[2] == "bce" else "none", dropout=0.3, **decay)
    users, movies, values = (array[:4] for array in random_ratings())
    return choices, case_model(case), (users, movies, values)


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("case", CASES, ids=case_id)
@pytest.mark.parametrize("name", ["exact", "autograd", "forward", "central"])
def test_few_rows_give_the_slopes_of_all(case, decay, name):
    choices, factors, batch = of_batch(case, decay)
    full = 0.0 if decay.get("decay_kind") == "decoupled" else decay_vector(factors, choices)
    if decay.get("decay_kind") == "rows":
        full = full * row_shares(factors, *batch[:2])
    expected = GRADIENTS[name](choices, full)(factors, *batch, 5)
    found = BatchGradient(choices, name)(factors, *batch, 5)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


def test_many_ratings_take_the_whole_vector_and_come_to_the_same():
    choices = Hyperparameters(weight_decay=0.2, decay_kind="rows", dropout=0.0)
    factors, (users, movies, values) = case_model(CASES[4]), random_ratings()
    whole = BatchGradient(choices, "exact")(factors, users, movies, values)
    parts = [BatchGradient(choices, "exact")(factors, users[s], movies[s], values[s]) for s in (np.s_[:5], np.s_[5:])]
    np.testing.assert_allclose(whole, (5 * parts[0] + 9 * parts[1]) / 14, rtol=1e-12, atol=1e-14)


def test_decay_by_rows_charges_each_rating_for_its_rows():
    """Rating by rating: e^2 + w (|p_u|^2 + |q_m|^2 + b_u^2 + b_m^2), and the mean of that."""
    factors, (users, movies, values) = case_model(CASES[4]), random_ratings()
    charged = 0.0
    for user, movie in zip(users, movies, strict=True):
        rows = factors.user_factors[user], factors.movie_factors[movie]
        charged += sum(float(row @ row) for row in rows)
        charged += float(factors.user_bias[user] ** 2 + factors.movie_bias[movie] ** 2)
    by_shares = plain_loss(factors, users, movies, values, "mse", 0.2 * row_shares(factors, users, movies))
    without = plain_loss(factors, users, movies, values, "mse")
    assert by_shares == pytest.approx(without + 0.2 * charged / len(values), rel=1e-13)
