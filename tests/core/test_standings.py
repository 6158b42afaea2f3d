"""Standings: means, biases, their rank correlation, and where they differ, against loops written plainly."""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfgui.core.factor_reading import ends
from cfgui.core.factors import Factors
from cfgui.core.one_side import one_side, usual_minimum
from cfgui.core.rank_correlation import average_ranks, correlation, rank_correlation
from cfgui.core.ratings import Ratings
from cfgui.core.standings import standings
from tests.helpers.reference import real_ratings, reference_document
from tests.helpers.tables import random_table


def naive_ranks(values: list[float]) -> list[float]:
    """The mean of the places that a value takes among all, counted one by one."""
    below = [sum(other < value for other in values) for value in values]
    same = [sum(other == value for other in values) for value in values]
    return [low + (equal + 1) / 2 for low, equal in zip(below, same, strict=True)]


def naive_pearson(left: list[float], right: list[float]) -> float:
    a, b = math.fsum(left) / len(left), math.fsum(right) / len(right)
    top = math.fsum((x - a) * (y - b) for x, y in zip(left, right, strict=True))
    squares = math.fsum((x - a) ** 2 for x in left) * math.fsum((y - b) ** 2 for y in right)
    return top / math.sqrt(squares) if squares else math.nan


def crosstab(rows: list[list[float | None]]) -> Ratings:
    cells = np.array([[np.nan if cell is None else cell for cell in row] for row in rows])
    ids = [f"u{row}" for row in range(len(rows))], [f"m{column}" for column in range(len(rows[0]))]
    return Ratings.from_crosstab(*ids, cells, ~np.isnan(cells))


def test_ranks_by_hand() -> None:
    assert average_ranks(np.array([2.0, 7.0, 2.0, 1.0])).tolist() == [2.5, 4.0, 2.5, 1.0]
    assert average_ranks(np.zeros(0)).tolist() == []


def test_a_rank_correlation_by_hand() -> None:
    """Five places, differences 1, 1, 0, 1, 1: 1 - 6 * 4 / (5 * 24) = 0.8."""
    assert rank_correlation(np.array([1.0, 2, 3, 4, 5]), np.array([20.0, 10, 30, 50, 40])) == pytest.approx(
        0.8, abs=1e-15
    )
    steep = np.array([-1e6, 0.0, 1e-3, 3.0])
    assert rank_correlation(steep, np.exp(steep / 1e7)) == pytest.approx(1.0, abs=1e-15), "only the order counts"
    assert rank_correlation(steep, -steep) == pytest.approx(-1.0, abs=1e-15)


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5, width=16)), min_size=2, max_size=30))
def test_ranks_and_correlation_agree_with_loops(pairs: list[tuple[int, float]]) -> None:
    left, right = [float(x) for x, _ in pairs], [float(y) for _, y in pairs]
    assert average_ranks(np.array(left)).tolist() == naive_ranks(left)
    found = rank_correlation(np.array(left), np.array(right))
    assert found == pytest.approx(naive_pearson(naive_ranks(left), naive_ranks(right)), abs=1e-12, nan_ok=True)


def test_what_is_no_number_is_left_out() -> None:
    left = np.array([1.0, np.nan, 2.0, 3.0, 9.0, 4.0])
    right = np.array([1.0, 5.0, 2.0, np.inf, 7.0, 6.0])
    assert rank_correlation(left, right) == pytest.approx(naive_pearson([1, 2, 4, 3], [1, 2, 4, 3]))
    few = np.array([True, False, True, False, False, False])
    assert rank_correlation(left, right, few) == pytest.approx(1.0)
    assert math.isnan(rank_correlation(left, np.full(6, 3.0)))
    assert math.isnan(rank_correlation(left[:2], right[:2]))
    assert math.isnan(correlation(np.zeros(1), np.zeros(1)))


RATINGS = crosstab([[5.0, 1.0, None, 4.0], [4.0, 2.0, None, None], [None, 3.0, None, 1.0]])
FACTORS = Factors(
    np.ones((3, 2)), np.arange(8.0).reshape(4, 2), np.array([0.5, 0.1, -0.6]), np.array([0.25, -0.5, 0.0, 0.75])
)


def test_standings_by_hand() -> None:
    """Means 4.5, 2, none, 2.5; biases .25, -.5, 0, .75. Ranks 3 1 2 and 2 1 3: 1 - 6 * 2 / (3 * 8) = 0.5."""
    found = standings(RATINGS, FACTORS, "movie")
    assert found.counts.tolist() == [2, 3, 0, 2]
    np.testing.assert_array_equal(found.means, [4.5, 2.0, np.nan, 2.5])
    assert found.rank_correlation == pytest.approx(0.5, abs=1e-15)
    assert (found.n, found.n_rated, found.min_ratings) == (4, 3, 1)
    assert (found.factors is FACTORS.movie_factors, found.bias is FACTORS.movie_bias) == (True, True)
    # the line through (4.5, .25), (2, -.5), (2.5, .75), around mean 3 and bias 1/6: (1.5 * .25 + .5 - .5 * .75) / 3.5
    assert (found.line.slope, found.line.intercept) == pytest.approx((1 / 7, 1 / 6 - 3 / 7))
    np.testing.assert_allclose(found.departures, [-11 / 84, -11 / 21, np.nan, 55 / 84], rtol=1e-13)
    assert found.farthest(9).tolist() == [3, 1, 0]


def test_users_by_hand() -> None:
    found = standings(RATINGS, FACTORS, "user")
    assert found.counts.tolist() == [3, 2, 2]
    np.testing.assert_allclose(found.means, [10 / 3, 3.0, 2.0])
    assert found.rank_correlation == pytest.approx(1.0)
    assert one_side(RATINGS, FACTORS, "user").ids == ("u0", "u1", "u2")


def test_a_minimum_of_ratings_decides_who_is_named() -> None:
    ratings = crosstab([[5.0, 1.0, 2.0, 3.0, 3.0], [4.0, 2.0, 2.0, None, 1.0], [1.0, 3.0, 2.0, None, 5.0]])
    bias = np.array([0.1, 0.2, 0.3, 9.0, 0.4])
    factors = Factors(np.ones((3, 1)), np.ones((5, 1)), np.zeros(3), bias)
    everyone, known = (standings(ratings, factors, "movie", least) for least in (1, 3))
    assert everyone.farthest(1).tolist() == [3]
    assert 3 not in known.farthest()
    slope, intercept = np.polyfit(known.means[[0, 1, 2, 4]], bias[[0, 1, 2, 4]], 1)
    assert (known.line.slope, known.line.intercept) == pytest.approx((slope, intercept))
    assert known.rank_correlation == everyone.rank_correlation, "the correlation is of all that are rated"


def test_the_usual_minimum_needs_enough_that_reach_it() -> None:
    assert usual_minimum(np.array([15] * 15)) == 1
    assert usual_minimum(np.array([20] * 9 + [3] * 50)) == 1
    assert usual_minimum(np.array([20] * 10 + [3] * 50)) == 20
    assert usual_minimum(np.zeros(50, dtype=np.int64)) == 0


def test_a_model_without_biases_has_none_to_compare() -> None:
    plain = Factors(FACTORS.user_factors, FACTORS.movie_factors)
    found = standings(RATINGS, plain, "movie")
    assert found.bias is None
    assert math.isnan(found.rank_correlation)
    assert len(found.farthest()) == 0
    np.testing.assert_array_equal(found.means, [4.5, 2.0, np.nan, 2.5])


@pytest.mark.parametrize("bias", [np.array([np.nan, 1.0, 2.0, np.inf]), np.full(4, 1e300), np.full(4, np.nan)])
def test_weights_that_are_no_numbers_break_nothing(bias: np.ndarray) -> None:
    found = standings(RATINGS, Factors(np.ones((3, 2)), np.ones((4, 2)), np.zeros(3), bias), "movie")
    assert set(found.farthest().tolist()) <= set(np.flatnonzero(np.isfinite(bias)).tolist())
    assert math.isnan(found.rank_correlation) or abs(found.rank_correlation) <= 1.0


def test_nothing_rated() -> None:
    ratings = crosstab([[None, None], [None, None]])
    factors = Factors(np.ones((2, 1)), np.ones((2, 1)), np.ones(2), np.ones(2))
    found = standings(ratings, factors, "movie")
    assert (found.n_rated, len(found.farthest()), math.isnan(found.rank_correlation)) == (0, 0, True)


def test_a_random_table_against_loops() -> None:
    ratings = random_table(80, 40, 900, seed=3)
    rng = np.random.default_rng(5)
    factors = Factors(
        rng.normal(size=(80, 3)), rng.normal(size=(40, 3)), rng.normal(size=80), rng.normal(size=40).round(1)
    )
    for side, indices in (("user", ratings.users), ("movie", ratings.movies)):
        found = standings(ratings, factors, side)
        pairs = sorted(zip(indices.tolist(), ratings.values.tolist(), strict=True))
        means = {key: np.mean([value for _, value in group]) for key, group in groupby(pairs, lambda pair: pair[0])}
        known = sorted(means)
        np.testing.assert_allclose(found.means[known], [means[key] for key in known])
        bias = factors.user_bias if side == "user" else factors.movie_bias
        spearman = naive_pearson(naive_ranks([means[key] for key in known]), naive_ranks(bias[known].tolist()))
        assert found.rank_correlation == pytest.approx(spearman, abs=1e-13)
        at = ends(found.bias, found.counts, 0, 5)
        assert at.lowest.tolist() == sorted(range(len(bias)), key=lambda place: (bias[place], place))[:5]
        assert at.highest.tolist() == sorted(range(len(bias)), key=lambda place: (-bias[place], place))[:5]


def test_the_sheet_of_the_course() -> None:
    document = reference_document()
    found = standings(document.ratings, document.factors["bias"], "movie")
    means = document.ratings.crosstab.sum(axis=0) / document.ratings.rated.sum(axis=0)
    np.testing.assert_allclose(found.means, means)
    assert found.min_ratings == 1
    assert len(found.farthest(20)) == 15


def test_real_ratings_are_counted() -> None:
    ratings = real_ratings()
    factors = Factors(
        np.zeros((671, 1)), np.zeros((9066, 1)), np.zeros(671), ratings.movie_sums / np.maximum(ratings.movie_counts, 1)
    )
    found = standings(ratings, factors, "movie")
    assert (found.n, found.counts.sum(), found.counts.max(), found.min_ratings) == (9066, 100_004, 341, 20)
    assert found.rank_correlation == pytest.approx(1.0)
    np.testing.assert_allclose(found.departures[found.compared], 0.0, atol=1e-12)
