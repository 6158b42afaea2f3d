"""Weights brought to other ids: rows by id, the mean where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core.aligned import aligned
from cfgui.core.factors import Factors

FACTORS = Factors(
    np.array([[1.0, 2.0], [3.0, 6.0]]),
    np.array([[1.0, 0.0], [5.0, 2.0], [0.0, 1.0]]),
    np.array([0.5, 1.5]),
    np.arange(3.0),
)


def test_rows_follow_their_ids_and_unknown_ones_get_the_mean() -> None:
    found = aligned(FACTORS, ["a", "b"], ["1", "2", "3"], ["b", "new", "a"], ["3", "1", "9"])
    assert (found.n_new_users, found.n_new_movies) == (1, 1)
    np.testing.assert_array_equal(found.factors.user_factors, [[3.0, 6.0], [2.0, 4.0], [1.0, 2.0]])
    np.testing.assert_array_equal(found.factors.movie_factors, [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])
    np.testing.assert_array_equal(found.factors.user_bias, [1.5, 1.0, 0.5])
    np.testing.assert_array_equal(found.factors.movie_bias, [2.0, 0.0, 1.0])


def test_the_same_ids_give_the_same_weights() -> None:
    assert aligned(FACTORS, ["a", "b"], ["1", "2", "3"], ["a", "b"], ["1", "2", "3"]).factors.equals(FACTORS)


def test_weights_of_other_things_are_refused() -> None:
    with pytest.raises(ValueError, match="none of the ids is theirs"):
        aligned(FACTORS, ["a", "b"], ["1", "2", "3"], ["x"], ["1"])
    with pytest.raises(ValueError, match="another number of rows"):
        aligned(FACTORS, ["a"], ["1", "2", "3"], ["a"], ["1"])
