"""Reading factors: shares of the variance against numpy over the cells one by one, and who stands at the ends."""

import numpy as np
import pytest

from cfgui.core import factor_reading
from cfgui.core.chunks import Interrupted
from cfgui.core.factor_reading import ends, factor_sizes, shares_over_all, shares_over_rated
from cfgui.core.factors import Factors
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.rotation import rotated
from tests.helpers.nets import random_model


def plain_shares(factors, users, movies):
    """cov(term, score) / var(score) of every term by np.cov, factor by factor."""
    terms = [factors.user_factors[users, f] * factors.movie_factors[movies, f] for f in range(factors.n_factors)]
    if factors.has_bias:
        terms += [factors.user_bias[users], factors.movie_bias[movies]]
    score = sum(terms)
    return [np.cov(term, score, bias=True)[0, 1] / np.var(score) for term in terms], np.var(score)


def found_shares(shares):
    biases = [] if shares.user_bias is None else [shares.user_bias, shares.movie_bias]
    return [*shares.factors.tolist(), *biases]


@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("rows", [7, 1024])
@pytest.mark.parametrize("cells", [60, 10**6])
def test_shares_over_the_rated_cells(sheet, model, rows, cells, monkeypatch):
    monkeypatch.setattr(factor_reading, "ROWS_AT_ONCE", rows)
    monkeypatch.setattr("cfgui.core.chunks.CHUNK_CELLS", cells)
    factors, ratings = sheet.factors[model], sheet.ratings
    shares = shares_over_rated(factors, ratings)
    expected, variance = plain_shares(factors, ratings.users, ratings.movies)
    np.testing.assert_allclose(found_shares(shares), expected, rtol=1e-11, atol=1e-12)
    assert shares.variance == pytest.approx(variance, rel=1e-11)
    assert sum(found_shares(shares)) == pytest.approx(1.0, abs=1e-14)
    assert shares.n_cells == 206


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_shares_over_all_pairs(sheet, model):
    factors = sheet.factors[model]
    users, movies = (table.ravel() for table in np.meshgrid(np.arange(15), np.arange(15), indexing="ij"))
    shares = shares_over_all(factors)
    expected, variance = plain_shares(factors, users, movies)
    np.testing.assert_allclose(found_shares(shares), expected, rtol=1e-11, atol=1e-12)
    assert shares.variance == pytest.approx(variance, rel=1e-11)
    assert shares.n_cells == 225


def test_by_hand():
    """Two users, two movies, all rated: products of factor 1 are 1, 3, 2, 6 and of factor 2 are 1, 0, 1, 0."""
    factors = Factors(np.array([[1.0, 1.0], [2.0, 1.0]]), np.array([[1.0, 1.0], [3.0, 0.0]]))
    ratings = Ratings.from_crosstab(["a", "b"], ["x", "y"], np.ones((2, 2)), np.ones((2, 2), dtype=bool))
    for shares in (shares_over_rated(factors, ratings), shares_over_all(factors)):
        # scores 2, 3, 3, 6: variance 2.25; covariances with it 2.75 and -0.5
        assert shares.variance == pytest.approx(2.25, abs=1e-14)
        np.testing.assert_allclose(shares.factors, [2.75 / 2.25, -0.5 / 2.25], atol=1e-14)
        assert (shares.user_bias, shares.movie_bias) == (None, None)
    # mean squares: 1, 9, 4, 36 and 1, 0, 1, 0
    np.testing.assert_allclose(factor_sizes(factors), [np.sqrt(12.5), np.sqrt(0.5)], rtol=1e-15)


def test_range_and_mean_change_no_share(sheet):
    factors = sheet.factors["bias"]
    other = Factors(*factors.tables, global_mean=3.5, range=RatingRange("sigmoid", 0.5, 5.0))
    assert found_shares(shares_over_all(other)) == found_shares(shares_over_all(factors))
    assert found_shares(shares_over_rated(other, sheet.ratings)) == found_shares(
        shares_over_rated(factors, sheet.ratings)
    )


def test_sizes_of_rotated_factors_fall_and_are_the_singular_values(dot):
    rotation = rotated(dot)
    sizes = factor_sizes(rotation.factors)
    np.testing.assert_allclose(sizes, rotation.sizes / 15.0, rtol=1e-12)  # root of the mean over 15 x 15 pairs
    products = [np.outer(dot.user_factors[:, f], dot.movie_factors[:, f]) for f in range(5)]
    np.testing.assert_allclose(factor_sizes(dot), [np.sqrt(np.mean(np.square(table))) for table in products])
    assert (np.diff(sizes) < 0.0).all()


def test_scores_that_do_not_vary_have_no_shares():
    factors = Factors(np.zeros((2, 2)), np.ones((3, 2)))
    ratings = Ratings.from_crosstab(["a", "b"], ["x", "y", "z"], np.ones((2, 3)), np.zeros((2, 3), dtype=bool))
    for shares in (shares_over_all(factors), shares_over_rated(factors, ratings)):
        assert np.isnan(shares.factors).all()
    assert shares.n_cells == 0


def test_a_net_is_refused_and_a_wish_to_stop_heard(sheet, monkeypatch):
    net = random_model("neural")
    for ask in (lambda: shares_over_all(net), lambda: shares_over_rated(net, sheet.ratings), lambda: factor_sizes(net)):
        with pytest.raises(ValueError, match="A net adds no products"):
            ask()
    monkeypatch.setattr("cfgui.core.chunks.CHUNK_CELLS", 60)
    with pytest.raises(Interrupted):
        shares_over_rated(sheet.factors["dot"], sheet.ratings, lambda: True)


def test_the_ends_leave_out_those_with_few_ratings():
    values = np.array([0.5, -2.0, 0.5, 3.0, np.nan, -2.0, 1.0, 9.0])
    counts = np.array([5, 5, 5, 5, 5, 5, 5, 4])
    both = ends(values, counts, 5, 3)
    assert both.lowest.tolist() == [1, 5, 0]  # of equals the first
    assert both.highest.tolist() == [3, 6, 0]
    assert ends(values, counts, 4, 99).highest.tolist() == [7, 3, 6, 0, 2, 1, 5]
    assert ends(values, counts, 6, 3).lowest.tolist() == []


def test_the_ends_of_the_original_sheet(sheet):
    values, counts = sheet.factors["dot"].movie_factors[:, 2], sheet.ratings.movie_counts
    both = ends(values, counts, 1, 15)
    assert values[both.lowest].tolist() == sorted(values.tolist())
    assert both.highest.tolist() == both.lowest.tolist()[::-1]
