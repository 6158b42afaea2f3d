"""Maximal marginal relevance, against a sheet of paper and a loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfgui.core.diversity import directions, diverse, list_diversity, pool_size


def by_loop(predictions: list[float], vectors: np.ndarray, n: int, diversity: float) -> list[int]:
    """The formula of the paper, one step after another."""
    low, high = min(predictions), max(predictions)
    relevance = [(value - low) / (high - low) for value in predictions]
    chosen: list[int] = []
    while len(chosen) < n:
        best, best_value = -1, -math.inf
        for place in range(len(predictions)):
            if place in chosen:
                continue
            like = [
                float(vectors[place] @ vectors[other] / math.hypot(*vectors[place]) / math.hypot(*vectors[other]))
                for other in chosen
            ]
            value = (1 - diversity) * relevance[place] - diversity * max(like, default=0.0)
            if value > best_value:
                best, best_value = place, value
        chosen.append(best)
    return chosen


def test_by_hand() -> None:
    """Two alike and one that is not, at relevance 1, 0.9 and 0; half and half the second would get 0.45 - 0.5 < 0."""
    units = directions(np.array([[2.0, 0.0], [3.0, 0.0], [0.0, 1.0]]))
    movies, predictions = np.array([[0, 1, 2]], dtype=np.int32), np.array([[5.0, 4.9, 4.0]])
    for diversity, order in ((0.0, [0, 1, 2]), (0.4, [0, 1, 2]), (0.5, [0, 2, 1]), (1.0, [0, 2, 1])):
        chosen, values = diverse(movies, predictions, units, 3, diversity)
        assert chosen.tolist() == [order]
        assert values.tolist() == [[predictions[0, place] for place in order]]


@pytest.mark.parametrize("diversity", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_the_order_of_a_loop(diversity: float) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 5))
    movies = np.stack([rng.permutation(200)[:40] for _ in range(6)]).astype(np.int32)
    predictions = -np.sort(-rng.normal(size=(6, 40)), axis=1)
    chosen, _ = diverse(movies, predictions, directions(vectors), 10, diversity)
    for row in range(6):
        order = by_loop(predictions[row].tolist(), vectors[movies[row]], 10, diversity)
        assert chosen[row].tolist() == movies[row, order].tolist()


def test_what_is_missing_comes_last_and_stays_missing() -> None:
    units = directions(np.eye(3))
    movies = np.array([[2, 0, -1], [1, -1, -1], [-1, -1, -1]], dtype=np.int32)
    predictions = np.array([[3.0, math.nan, math.nan], [1.0, math.nan, math.nan], [math.nan] * 3])
    chosen, values = diverse(movies, predictions, units, 4, 0.7)
    assert chosen.tolist() == [[2, 0, -1, -1], [1, -1, -1, -1], [-1, -1, -1, -1]]
    np.testing.assert_array_equal(values[1], [1.0, math.nan, math.nan, math.nan])


def test_directions_have_length_one_at_any_scale() -> None:
    found = directions(np.array([[3.0, 4.0], [3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0], [math.nan, 1.0]]))
    np.testing.assert_allclose(found[:3], [[0.6, 0.8]] * 3, rtol=1e-15)
    assert found[3:].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_diversity_of_a_list() -> None:
    assert list_diversity(np.array([[1.0, 0.0], [0.0, 2.0]])) == 1.0
    assert list_diversity(np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])) == pytest.approx(4 / 3)  # 0, 2 and 2
    assert math.isnan(list_diversity(np.ones((1, 2))))


def test_the_pool_and_the_range() -> None:
    assert [pool_size(n) for n in (1, 10, 50, 200, 3000)] == [50, 100, 500, 1000, 3000]
    with pytest.raises(ValueError, match="from 0 to 1"):
        diverse(np.zeros((1, 1), dtype=np.int32), np.zeros((1, 1)), np.ones((1, 1)), 1, 1.5)
