"""Alternating least squares: the workbook's figures, the normal equations, and compiled loops against arrays."""

import gc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cfgui.core import als, als_sides, als_systems, models
from cfgui.core.als import Als
from cfgui.core.als_sides import grouped, sides
from cfgui.core.als_systems import Features, System, solve_rows, square_sums
from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.factors import Factors
from cfgui.core.gibbs import GibbsSampler
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Objective
from cfgui.core.optimizer_state import Pace
from cfgui.core.rating_range import RatingRange
from cfgui.core.side_rows import rows_of_side
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table

SWEEPS = {1: 0.5603, 2: 0.4783, 5: 0.4474, 10: 0.3997, 20: 0.3933}
"""RMSE from the workbook's starting factors with plain lambda 0.1, by sweep: users, then movies."""


def objective(ratings, factors, watch=None, free=None):
    def no_slope(*_arrays):
        raise AssertionError("ALS needs no gradient")

    arrays = ratings.users, ratings.movies, ratings.values
    return Objective(factors, *arrays, no_slope, watch=watch or Watch(), free=free)


def after(ratings, factors, optimizer, n, **kw):
    problem, vector = objective(ratings, factors, **kw), factors.flat()
    state = optimizer.start(len(vector))
    for _ in range(n):
        vector, state, _ = optimizer.update(problem, vector, state, Pace(1.0))
    assert state.count == n
    return factors.view_of(vector)


@pytest.fixture
def compile_all(monkeypatch):
    monkeypatch.setattr(als_systems, "COMPILED_FROM", 0)
    monkeypatch.setattr(als_sides, "COMPILED_FROM", 0)


def test_the_workbooks_figures(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="als"), gradient="exact")
    rmses = [trainer.advance(2).rmse for _ in range(20)]
    assert {sweep: rmses[sweep - 1] for sweep in SWEEPS} == pytest.approx(SWEEPS, abs=1e-4)


def test_a_half_step_moves_one_side_only(ratings, bias):
    first, second = after(ratings, bias, Als(), 1), after(ratings, bias, Als(), 2)
    assert np.array_equal(first.movie_factors, bias.movie_factors)
    assert np.array_equal(first.movie_bias, bias.movie_bias)
    assert not np.array_equal(first.user_factors, bias.user_factors)
    assert np.array_equal(second.user_factors, first.user_factors)
    assert not np.array_equal(second.movie_bias, first.movie_bias)


@pytest.mark.parametrize("weighted", [False, True])
def test_rows_solve_their_normal_equations(weighted):
    """Each row is the least-squares solution with sqrt(lambda) rows appended, as numpy's lstsq finds it."""
    ratings = random_table(9, 7, 40, seed=3)
    factors = replace(random_factors(9, 7, 3, bias=True, seed=1), global_mean=2.5)
    new = after(ratings, factors, Als(0.3, weighted), 1)
    for user in range(9):
        movies, values = ratings.user_line(user)
        left = np.column_stack([factors.movie_factors[movies], np.ones(len(movies))])
        right = values - 2.5 - factors.movie_bias[movies]
        ridge = np.sqrt(0.3 * (len(movies) if weighted else 1)) * np.eye(4)
        expected = np.linalg.lstsq(np.vstack([left, ridge]), np.concatenate([right, np.zeros(4)]), rcond=None)[0]
        assert [*new.user_factors[user], new.user_bias[user]] == pytest.approx(expected, abs=1e-12)


def regularised(factors, ratings, lambda_, weighted):
    squares = models.mse(factors, ratings) * ratings.n_ratings
    users = (factors.user_factors**2).sum(1) + factors.user_bias**2
    movies = (factors.movie_factors**2).sum(1) + factors.movie_bias**2
    if weighted:
        users, movies = users * ratings.user_counts, movies * ratings.movie_counts
    return squares + lambda_ * (users.sum() + movies.sum())


@pytest.mark.parametrize("weighted", [False, True])
def test_what_it_minimises_never_rises(weighted):
    ratings = random_table(30, 20, 300, seed=5)
    factors = random_factors(30, 20, 4, bias=True, seed=2)
    costs = [regularised(after(ratings, factors, Als(0.5, weighted), n), ratings, 0.5, weighted) for n in range(9)]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(costs))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 5, 7, 8, 50])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_rows_are_those_of_the_arrays(k, bias, weighted, dtype, compile_all):
    ratings = random_table(40, 30, 900, seed=7, dtype=dtype)
    factors = random_factors(40, 30, k, bias=bias, seed=3)
    both = sides(factors, ratings.users, ratings.movies, ratings.values)
    known = als.features_of(factors, users=False)
    d = k + bias
    system = System(np.eye(d) * (0.0 if weighted else 0.4), np.linspace(-1, 1, d), 0.4 if weighted else 0.0)
    noise = np.random.default_rng(0).standard_normal((40, d))
    for extra in (None, noise):
        slow = als_systems._solved_on_a_sheet(both.by_user, known, system, extra)
        fast = solve_rows(both.by_user, known, system, extra, Watch())
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-9)
        if extra is None:
            single = solve_rows(both.by_user, known, system, extra, Watch(), single=True)
            np.testing.assert_allclose(single, slow, rtol=0.0, atol=2e-3)


def test_precisions_and_scales_weigh_ratings(compile_all):
    """A rating that counts three times is as good as three such ratings."""
    rows, partners = np.array([0, 0, 1], np.int32), np.array([0, 1, 1], np.int32)
    values = np.array([3.0, 4.0, 2.0])
    table, offsets = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([0.25, 0.5])
    system = System(np.eye(2), np.zeros(2))
    once = grouped(rows, partners, values, 2)
    thrice = grouped(np.repeat(rows, [2, 6, 6]), np.repeat(partners, [2, 6, 6]), np.repeat(values, [2, 6, 6]), 2)
    expected = als_systems._solved_on_a_sheet(thrice, Features(table, offsets), system, None)
    weighed = Features(table, offsets, np.array([1.0, 3.0]))
    scaled = system._replace(scales=np.array([2.0, 2.0]))
    for solve in (solve_rows, lambda *a: als_systems._solved_on_a_sheet(*a[:-1])):
        assert solve(once, weighed, scaled, None, Watch()) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("model_bias", [False, True])
def test_no_bit_depends_on_the_number_of_threads_or_pieces(model_bias, monkeypatch):
    ratings = random_table(400, 300, 30_000, seed=1, dtype=np.float32)
    factors = random_factors(400, 300, 9, bias=model_bias, seed=4)
    one = after(ratings, factors, Als(n_threads=1), 4)
    assert after(ratings, factors, Als(n_threads=2), 4).equals(one)
    monkeypatch.setattr(als_systems, "PIECE_COST", 50_000)
    assert after(ratings, factors, Als(n_threads=3), 4).equals(one)


def test_float32_sums_give_the_rmse_of_float64(monkeypatch):
    ratings = random_table(400, 300, 30_000, seed=1)
    factors = random_factors(400, 300, 20, bias=False, seed=4)
    single = models.rmse(after(ratings, factors, Als(0.1), 10), ratings)
    real = als.solve_rows
    monkeypatch.setattr(als, "solve_rows", lambda *a, **k: real(*a, **{**k, "single": False}))
    assert models.rmse(after(ratings, factors, Als(0.1), 10), ratings) == pytest.approx(single, abs=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
def test_a_row_without_ratings_becomes_0(compiled, weighted, monkeypatch):
    if compiled:
        monkeypatch.setattr(als_systems, "COMPILED_FROM", 0)
    full = random_table(6, 5, 20, seed=2)
    keep = (full.users != 3) & (full.movies != 2)
    ratings = type(full)(full.user_ids, full.movie_ids, full.users[keep], full.movies[keep], full.values[keep])
    new = after(ratings, random_factors(6, 5, 2, bias=True, seed=1), Als(0.1, weighted), 2)
    assert not new.user_factors[3].any()
    assert new.user_bias[3] == 0.0
    assert not new.movie_factors[2].any()


@pytest.mark.parametrize("compiled", [False, True])
def test_lambda_0_with_fewer_ratings_than_factors_stays_finite(compiled, monkeypatch):
    if compiled:
        monkeypatch.setattr(als_systems, "COMPILED_FROM", 0)
    ratings = random_table(12, 10, 30, seed=2)
    new = after(ratings, random_factors(12, 10, 5, bias=False, seed=1), Als(0.0), 1)
    assert np.isfinite(new.flat()).all()
    assert models.rmse(new, ratings) < 1e-3


def test_frozen_weights_stay(ratings, bias):
    free = np.ones(bias.n_parameters)
    free[: bias.user_factors.size] = 0.0
    new = after(ratings, bias, Als(), 2, free=free)
    assert np.array_equal(new.user_factors, bias.user_factors)
    assert not np.array_equal(new.user_bias, bias.user_bias)


def test_a_stop_between_two_pieces_leaves_the_trainer_where_it_was(monkeypatch):
    monkeypatch.setattr(als_systems, "PIECE_COST", 10_000)
    ratings = random_table(400, 300, 30_000, seed=1)
    factors = random_factors(400, 300, 9, bias=False, seed=4)
    looks = iter([False] * 3 + [True] * 1000)
    with pytest.raises(Interrupted):
        after(ratings, factors, Als(), 1, watch=Watch(lambda: next(looks)))


def test_the_movie_sorted_copy_is_made_once_and_goes_with_the_ratings():
    ratings = random_table(30, 20, 200, seed=1)
    arrays = ratings.users, ratings.movies, ratings.values
    shape = random_factors(30, 20, 2, bias=False)
    first, second = sides(shape, *arrays), sides(shape, *arrays)
    assert second.by_movie.values is first.by_movie.values
    values = ratings.values.copy()
    assert sides(shape, *arrays[:2], values).by_movie.values is not first.by_movie.values
    assert als_sides._kept
    del values
    gc.collect()
    assert not als_sides._kept


def test_both_ways_to_sort_agree(compile_all, monkeypatch):
    ratings = random_table(30, 20, 200, seed=1)
    compiled = grouped(ratings.movies, ratings.users, ratings.values, 20)
    monkeypatch.setattr(als_sides, "COMPILED_FROM", 10**9)
    arrays = grouped(ratings.movies, ratings.users, ratings.values, 20)
    for movie in range(20):
        part = slice(compiled.starts[movie], compiled.starts[movie + 1])
        users, values = ratings.movie_line(movie)
        for side in (compiled, arrays):
            assert np.array_equal(side.partners[part], users)
            assert np.array_equal(side.values[part], values)


@pytest.mark.parametrize("n", [10**6, 0])
def test_square_sums_by_user(n, monkeypatch, bias, ratings):
    monkeypatch.setattr(als_systems, "COMPILED_FROM", n)
    both = sides(bias, ratings.users, ratings.movies, ratings.values)
    sums = square_sums(both.by_user, als.features_of(bias, users=False), rows_of_side(bias, "user"), Watch())
    expected = (ratings.values - models.predict(bias, ratings.users, ratings.movies)) ** 2
    # the user's own bias has the feature 1
    assert sums == pytest.approx(np.bincount(ratings.users, expected), rel=1e-12)


def test_models_it_cannot_solve_are_refused_with_a_reason(ratings, dot):
    for wrong in ({"range": "sigmoid"}, {"model": "neural"}):
        with pytest.raises(ValueError, match=r"ALS solves equations that .* bends out of shape"):
            Hyperparameters(optimizer="als", **wrong)
    bent = replace(dot, range=RatingRange("tanh", 0.5, 5.0))
    with pytest.raises(ValueError, match="choose such a model"):
        after(ratings, bent, Als(), 1)
    assert isinstance(after(ratings, replace(dot, range=RatingRange("clip", 0.5, 5.0)), Als(), 1), Factors)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_warming_up_compiles_what_training_calls(dtype):
    from cfgui.core import als_loops

    ratings = random_table(400, 300, 20_001, seed=1, dtype=dtype)
    als_systems.warm_up(ratings.values)
    loops = als_loops.solve_rows, als_loops.square_sums, als_loops.count_sort
    known = [len(loop.signatures) for loop in loops]
    factors = random_factors(400, 300, 3, bias=True, seed=1)
    after(ratings, factors, Als(), 2)
    after(ratings, factors, GibbsSampler(), 2)
    assert [len(loop.signatures) for loop in loops] == known
