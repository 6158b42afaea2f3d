"""Rows of weights: factors and bias of one user or movie read, set and averaged together."""

import numpy as np
import pytest

from cfgui.core.side_rows import mean_row, row_of_side, rows_of_side, with_ratings, with_rows_at
from cfgui.core.starts import random_factors

SIDES = ("user", "movie")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("bias", [False, True])
def test_a_row_is_the_factors_and_the_bias_after_them(side, bias):
    factors = random_factors(3, 4, 2, bias=bias, seed=3)
    table, biases = getattr(factors, f"{side}_factors"), getattr(factors, f"{side}_bias")
    expected = [*table[1].tolist(), biases[1]] if bias else table[1].tolist()
    assert row_of_side(factors, side, 1).tolist() == expected
    assert rows_of_side(factors, side)[1].tolist() == expected


@pytest.mark.parametrize("bias", [False, True])
def test_one_row_set_and_read(bias):
    factors = random_factors(3, 4, 2, bias=bias, seed=3)
    row = np.array([1.5, 2.5, -3.0][: 2 + bias])
    users, movies = with_rows_at(factors, "user", 1, row), with_rows_at(factors, "movie", 3, row)
    assert row_of_side(users, "user", 1).tolist() == row.tolist()
    assert row_of_side(movies, "movie", 3).tolist() == row.tolist()
    assert users.movie_factors is factors.movie_factors
    assert users.movie_bias is factors.movie_bias
    assert movies.user_factors is factors.user_factors
    assert np.delete(users.user_factors, 1, 0).tolist() == np.delete(factors.user_factors, 1, 0).tolist()
    assert row_of_side(factors, "user", 1).tolist() != row.tolist()
    assert not users.user_factors.flags.writeable


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("bias", [False, True])
def test_several_rows_set_at_once(side, bias):
    factors, places = random_factors(6, 7, 3, bias=bias, seed=4), np.array([5, 2], dtype=np.int32)
    rows = np.arange(2.0 * (3 + bias)).reshape(2, 3 + bias)
    found = rows_of_side(with_rows_at(factors, side, places, rows), side)
    assert found[places].tolist() == rows.tolist()
    assert np.delete(found, places, 0).tolist() == np.delete(rows_of_side(factors, side), places, 0).tolist()


def test_means_are_of_those_with_ratings():
    factors = random_factors(3, 4, 2, bias=True, seed=3)
    by_hand = [(factors.user_factors[0, f] + factors.user_factors[2, f]) / 2 for f in (0, 1)]
    by_hand.append((factors.user_bias[0] + factors.user_bias[2]) / 2)
    assert mean_row(factors, "user", np.array([3, 0, 1])) == pytest.approx(by_hand)
    everybody = np.append(factors.movie_factors.mean(axis=0), factors.movie_bias.mean())
    assert mean_row(factors, "movie", np.zeros(4, dtype=np.int64)) == pytest.approx(everybody)


def test_without_any_rating_all_rows_count():
    assert with_ratings(np.array([2, 0, 1])).tolist() == [True, False, True]
    assert with_ratings(np.zeros(3, dtype=np.int64)).all()
