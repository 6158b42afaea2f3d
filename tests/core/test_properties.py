"""What must hold for any crosstab, any weights and any edit."""

from itertools import islice

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import finite_differences
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer

stars = st.integers(1, 10).map(lambda halves: halves / 2.0)
cells = st.one_of(st.none(), stars)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def crosstabs(draw, rated_at_least=0):
    """Ratings of up to 6 x 5 cells."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    table = draw(st.lists(cells, min_size=n * m, max_size=n * m))
    for cell in range(rated_at_least):
        table[cell] = table[cell] or 3.0
    values = np.array([np.nan if value is None else value for value in table]).reshape(n, m)
    return Ratings.from_crosstab([f"u{i}" for i in range(n)], [f"m{j}" for j in range(m)], values, ~np.isnan(values))


@st.composite
def weights(draw):
    """Factors of any small shape, with and without biases."""
    n, m, k = draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    return random_factors(n, m, k, bias=draw(st.booleans()), seed=draw(seeds))


def trained(ratings, factors, n_steps=15):
    choices = Hyperparameters(learning_rate=0.05, weight_decay=0.01)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    reports = list(islice(trainer.steps(), n_steps))
    return trainer.factors, reports


@settings(max_examples=40, deadline=None)
@given(crosstabs(rated_at_least=1), st.integers(1, 3), st.booleans(), seeds)
def test_permuting_users_permutes_what_is_trained(ratings, n_factors, bias, seed):
    factors = random_factors(ratings.n_users, ratings.n_movies, n_factors, bias=bias, seed=seed)
    order = np.random.default_rng(seed).permutation(ratings.n_users)
    permuted_ratings = Ratings.from_crosstab(
        [ratings.user_ids[user] for user in order], ratings.movie_ids, ratings.crosstab[order], ratings.rated[order]
    )
    user_bias = factors.user_bias[order] if bias else None
    permuted = Factors(factors.user_factors[order], factors.movie_factors, user_bias, factors.movie_bias)
    one, reports = trained(ratings, factors)
    other, permuted_reports = trained(permuted_ratings, permuted)
    np.testing.assert_allclose(other.user_factors, one.user_factors[order], rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(other.movie_factors, one.movie_factors, rtol=0.0, atol=1e-12)
    if bias:
        np.testing.assert_allclose(other.user_bias, one.user_bias[order], rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(
        [report.rmse for report in permuted_reports], [report.rmse for report in reports], rtol=0.0, atol=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(crosstabs(), st.data())
def test_every_edit_of_ratings_has_its_inverse(ratings, data):
    places = st.tuples(st.integers(0, ratings.n_users - 1), st.integers(0, ratings.n_movies - 1))
    changes = data.draw(st.dictionaries(places, cells, max_size=8))
    inverse = {place: ratings.rating(*place) for place in changes}
    edited = ratings.with_ratings(changes)
    assert all(edited.rating(*place) == value for place, value in changes.items())
    restored = edited.with_ratings(inverse)
    for ours, theirs in ((restored.users, ratings.users), (restored.movies, ratings.movies)):
        assert np.array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    assert np.array_equal(restored.values, ratings.values)


@given(weights())
def test_flat_and_back_is_the_same_weights(factors):
    vector = factors.flat()
    assert len(vector) == factors.n_parameters
    assert factors.view_of(vector).equals(factors)
    assert np.array_equal(factors.view_of(vector).flat(), vector)


@given(st.lists(st.lists(st.floats(allow_nan=False), max_size=90), min_size=1, max_size=6), st.data())
def test_growing_any_curve_changes_no_older_one(stretches, data):
    curves = [Curve("start")]
    copies = [([], [])]
    for stretch in stretches:
        parent = data.draw(st.integers(0, len(curves) - 1))
        steps = list(range(len(copies[parent][0]), len(copies[parent][0]) + len(stretch)))
        curves.append(curves[parent].extended(steps, stretch))
        copies.append((copies[parent][0] + steps, copies[parent][1] + stretch))
    for curve, (steps, rmses) in zip(curves, copies, strict=True):
        assert curve.steps.tolist() == steps
        assert curve.rmses.tolist() == rmses


@settings(max_examples=40, deadline=None)
@given(crosstabs(rated_at_least=1), st.integers(1, 3), st.booleans(), seeds)
def test_central_differences_of_any_squared_loss_are_its_slopes(ratings, n_factors, bias, seed):
    factors = random_factors(ratings.n_users, ratings.n_movies, n_factors, bias=bias, seed=seed)
    triples = ratings.users, ratings.movies, ratings.values
    central = finite_differences(factors, *triples, h=0.01, scheme="central", weight_decay=0.1)
    np.testing.assert_allclose(central, models.gradient(factors, *triples, 0.1), rtol=0.0, atol=1e-11)
