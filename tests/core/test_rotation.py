"""Rotation to principal axes: the same predictions from orthogonal factors of falling size."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cfgui.core.factors import Factors
from cfgui.core.models import penalty, predict_all, rmse
from cfgui.core.rating_range import RatingRange
from cfgui.core.rotation import orthogonal_basis, rotated
from cfgui.core.starts import random_factors
from tests.helpers.nets import random_model


def made(n_users, n_movies, k, *, bias=False, seed=4):
    rng = np.random.default_rng(seed)
    biases = (rng.normal(size=n_users), rng.normal(size=n_movies)) if bias else (None, None)
    return Factors(rng.normal(size=(n_users, k)), rng.normal(size=(n_movies, k)), *biases, global_mean=3.5 * bias)


def assert_principal(before, rotation):
    """Everything that makes a rotation to principal axes, by plain products of whole tables."""
    after = rotation.factors
    old, new = predict_all(before), predict_all(after)
    assert np.abs(new - old).max() <= 1e-12 * np.abs(old).max()
    users, movies = after.user_factors, after.movie_factors
    sizes = np.linalg.svd(before.user_factors @ before.movie_factors.T, compute_uv=False)
    k = min(len(sizes), before.n_factors)
    np.testing.assert_allclose(rotation.sizes[:k], sizes[:k], rtol=1e-10, atol=1e-12 * sizes[0])
    for side in (users, movies):
        np.testing.assert_allclose(side.T @ side, np.diag(rotation.sizes), atol=1e-11 * sizes[0])
    assert (np.diff(rotation.sizes) <= 0.0).all()
    farthest = movies[np.abs(movies).argmax(axis=0), np.arange(movies.shape[1])]
    assert (farthest[rotation.sizes > 0.0] > 0.0).all()


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    ("n_users", "n_movies", "k"), [(15, 15, 5), (200, 300, 50), (80, 60, 50), (4, 3, 7), (1, 1, 2)]
)
def test_predictions_stay_and_axes_are_principal(n_users, n_movies, k, bias):
    before = made(n_users, n_movies, k, bias=bias)
    rotation = rotated(before)
    assert_principal(before, rotation)
    assert rotation.of is before
    assert rotation.rank == min(n_users, n_movies, k)
    if bias:
        assert rotation.factors.user_bias.tobytes() == before.user_bias.tobytes()
        assert rotation.factors.movie_bias.tobytes() == before.movie_bias.tobytes()


def test_by_hand():
    """Users (1, 1) and (1, -1), movies (4, 4) and (1, -1): products 8, 0, 0, 2, so the axes are the movies."""
    before = Factors(np.array([[1.0, 1.0], [1.0, -1.0]]), np.array([[4.0, 4.0], [1.0, -1.0]]))
    rotation = rotated(before)
    np.testing.assert_allclose(rotation.sizes, [8.0, 2.0], rtol=1e-15)
    np.testing.assert_allclose(rotation.factors.user_factors, np.diag(np.sqrt([8.0, 2.0])), atol=1e-15)
    np.testing.assert_allclose(rotation.factors.movie_factors, np.diag(np.sqrt([8.0, 2.0])), atol=1e-15)


@pytest.mark.parametrize("k", [5, 50])
def test_factors_that_are_not_needed_become_0(k):
    before = made(90, 120, k)
    users = before.user_factors.copy()
    users[:, 3] = 0.0
    users[:, 4] = 2.0 * users[:, 0] - users[:, 1]
    before = Factors(users, before.movie_factors)
    rotation = rotated(before)
    assert_principal(before, rotation)
    assert rotation.rank == k - 2
    assert not rotation.factors.user_factors[:, -2:].any()
    assert not rotation.factors.movie_factors[:, -2:].any()


def test_all_0_stays_0():
    rotation = rotated(Factors(np.zeros((3, 2)), np.ones((4, 2))))
    assert rotation.rank == 0
    assert not rotation.factors.user_factors.any()
    assert not rotation.factors.movie_factors.any()


@pytest.mark.parametrize("scale", [1e-120, 1e120])
def test_the_two_sides_may_be_of_any_size(scale):
    before = made(20, 30, 5)
    before = Factors(before.user_factors * scale, before.movie_factors / scale)
    assert_principal(before, rotated(before))


def test_nearly_dependent_factors():
    rng = np.random.default_rng(8)
    users = rng.normal(size=(60, 1)) + 1e-7 * rng.normal(size=(60, 6))
    before = Factors(users, rng.normal(size=(40, 6)) * 10.0 ** np.arange(6))
    assert_principal(before, rotated(before))


def test_the_original_sheet_and_its_rmse(dot, bias, ratings):
    for factors in (dot, bias):
        rotation = rotated(factors)
        assert_principal(factors, rotation)
        assert rmse(rotation.factors, ratings) == pytest.approx(rmse(factors, ratings), rel=1e-13)
        assert penalty(rotation.factors.flat(), 1.0) < penalty(factors.flat(), 1.0)


def test_twice_is_once(dot):
    once = rotated(dot).factors
    twice = rotated(once).factors
    np.testing.assert_allclose(twice.user_factors, once.user_factors, atol=1e-12)
    np.testing.assert_allclose(twice.movie_factors, once.movie_factors, atol=1e-12)


def test_the_range_stays(dot):
    before = Factors(dot.user_factors, dot.movie_factors, range=RatingRange("sigmoid", 0.5, 5.0))
    rotation = rotated(before)
    assert rotation.factors.range == before.range
    assert_principal(before, rotation)


def test_nets_and_broken_factors_are_refused(dot):
    with pytest.raises(ValueError, match="The factors of a net cannot be rotated"):
        rotated(random_model("neural"))
    users = dot.user_factors.copy()
    users[2, 1] = np.inf
    with pytest.raises(ValueError, match="not finite"):
        rotated(Factors(users, dot.movie_factors))


def test_a_basis_is_exact_however_the_columns_lie():
    rng = np.random.default_rng(1)
    table = rng.normal(size=(50, 8)) @ np.vander(np.linspace(0.9, 1.0, 8))  # condition some 1e13
    basis, part = orthogonal_basis(table)
    np.testing.assert_allclose(basis @ part, table, atol=1e-14 * np.abs(table).max())
    np.testing.assert_allclose(basis.T @ basis, np.diag((np.diag(part) != 0.0).astype(float)), atol=1e-14)
    assert not np.tril(part, -1).any()


def test_the_same_bits_on_any_number_of_threads():
    code = (
        "import hashlib; from cfgui.core.rotation import rotated; from cfgui.core.starts import random_factors;"
        "print(hashlib.sha256(rotated(random_factors(20_000, 3_000, 50, bias=True, seed=1)).factors.flat().tobytes())"
        ".hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": n_threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n_threads in ("1", "2")
    }
    assert len(found) == 1


def test_random_starts_need_every_factor():
    assert rotated(random_factors(30, 20, 5, bias=False, seed=2)).rank == 5
