"""Reasons: addends that add up to the score to the bit, and rated movies by cosine."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core.factors import Factors
from cfgui.core.models import scores
from cfgui.core.reasons import Addend, addends, largest, most_negative, nearest_rated
from cfgui.core.starts import random_factors


@pytest.mark.parametrize("bias", [False, True])
def test_the_addends_add_up_to_the_score_bit_for_bit(bias: bool) -> None:
    factors = random_factors(20, 30, 12, bias=bias, init="normal", seed=1)
    if bias:
        factors = Factors(*factors.tables, global_mean=3.53)  # type: ignore[arg-type]
    for user in range(20):
        for movie in range(30):
            total = 0.0
            for each in addends(factors, user, movie):
                total += each.value
            assert total == scores(factors, np.array([user]), np.array([movie]))[0]


def test_by_hand() -> None:
    factors = Factors(
        np.array([[1.0, -2.0]]), np.array([[3.0, 0.5]]), np.array([-0.25]), np.array([-0.5]), global_mean=3.5
    )
    found = addends(factors, 0, 0)
    assert found == (
        Addend("factor 1", 3.0), Addend("factor 2", -1.0), Addend("movie bias", -0.5), Addend("user bias", -0.25),
        Addend("mean rating", 3.5),
    )  # fmt: skip
    assert largest(found, 3) == (Addend("factor 1", 3.0),)
    assert most_negative(found, 3) == (Addend("factor 2", -1.0), Addend("movie bias", -0.5))
    assert most_negative(found, 1) == (Addend("factor 2", -1.0),)


def test_the_nearest_rated_by_cosine() -> None:
    movies = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 3.0], [-1.0, 0.0]])
    factors = Factors(np.ones((1, 2)), movies)
    rated, ratings = np.array([1, 2, 3, 4], dtype=np.int32), np.array([3.0, 4.5, 2.0, 1.0])
    first, second = nearest_rated(factors, np.array([0, 3], dtype=np.int32), rated, ratings, 3)
    assert [(near.movie, near.rating) for near in first] == [(2, 4.5), (1, 3.0), (3, 2.0)]
    assert [near.cosine for near in first] == pytest.approx([5 / np.hypot(5, 0.1), np.sqrt(0.5), 0.0])
    assert [near.movie for near in second] == [1, 2, 4], "a movie is not near itself"
    assert nearest_rated(factors, np.array([0], dtype=np.int32), rated[:0], ratings[:0], 3) == ((),)
