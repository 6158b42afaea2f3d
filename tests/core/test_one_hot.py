"""One-hot rows: the product is the lookup, and both have one gradient, which is torch's too."""

import numpy as np
import pytest
import torch

from cfgui.core import models
from cfgui.core.one_hot import (
    by_lookup,
    by_product,
    gradient_by_product,
    gradient_by_scatter,
    multiplications,
    one_hot,
)


def test_rows_are_0_but_for_one_place():
    assert one_hot(np.array([2, 0]), 3).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert one_hot(np.array([], dtype=np.int64), 3).shape == (0, 3)
    for place in (-1, 3):
        with pytest.raises(IndexError, match="length 3"):
            one_hot(np.array([place]), 3)


def test_the_product_is_the_lookup_to_the_bit(sheet):
    matrix = sheet.factors["dot"].user_factors
    for place in range(15):
        places = np.array([place])
        assert by_product(places, matrix).tolist() == by_lookup(places, matrix).tolist() == [matrix[place].tolist()]
    places = sheet.ratings.users
    assert np.array_equal(by_product(places, matrix), by_lookup(places, matrix))


def test_gradients_are_equal_and_those_of_autograd(sheet):
    factors, ratings = sheet.factors["dot"], sheet.ratings
    residuals = ratings.values - models.predict(factors, ratings.users, ratings.movies)
    upstream = (-2.0 * residuals / 206.0)[:, None] * factors.movie_factors[ratings.movies]
    product = gradient_by_product(ratings.users, upstream, 15)
    scatter = gradient_by_scatter(ratings.users, upstream, 15)
    np.testing.assert_allclose(product, scatter, rtol=1e-13, atol=1e-16)
    whole = models.gradient(factors, ratings.users, ratings.movies, ratings.values)
    np.testing.assert_allclose(scatter.ravel(), whole[: 15 * 5], rtol=1e-13, atol=1e-16)
    movies = torch.tensor(factors.movie_factors)[torch.tensor(ratings.movies.astype(np.int64))]
    for take in (
        lambda matrix: torch.nn.functional.embedding(torch.tensor(ratings.users.astype(np.int64)), matrix),
        lambda matrix: torch.tensor(one_hot(ratings.users, 15)) @ matrix,
    ):
        matrix = torch.tensor(factors.user_factors.copy(), requires_grad=True)
        loss = torch.mean((torch.tensor(ratings.values.copy()) - (take(matrix) * movies).sum(dim=1)) ** 2)
        loss.backward()
        np.testing.assert_allclose(product, matrix.grad.numpy(), rtol=1e-11, atol=1e-15)


def test_the_gradient_of_one_line_is_one_row():
    upstream = np.array([[0.5, -2.0]])
    expected = [[0.0, 0.0], [0.0, 0.0], [0.5, -2.0], [0.0, 0.0]]
    assert gradient_by_product(np.array([2]), upstream, 4).tolist() == expected
    assert gradient_by_scatter(np.array([2]), upstream, 4).tolist() == expected


def test_what_it_costs():
    assert multiplications(1, 15, 5) == 75
    assert multiplications(1, 162_541, 50) == 8_127_050
