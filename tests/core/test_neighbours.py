"""Neighbours by hand, and against loops written plainly."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfgui.core import neighbours as module
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.neighbours import MEASURES, neighbours
from cfgui.core.structure import starting_weights
from tests.helpers.tables import random_table

MOVIES = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 0.0], [-3.0, 0.0], [4.0, 0.0], [0.0, 5.0], [1.0, 1.0]])
FACTORS = Factors(np.ones((2, 2)), MOVIES)
COUNTS = np.array([30, 20, 50, 40, 19, 25, 90])


def naive_value(measure: str, one: list[float], other: list[float]) -> float:
    if measure == "distance":
        return math.sqrt(math.fsum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
    lengths = math.hypot(*one) * math.hypot(*other)
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else math.nan


def naive_neighbours(table: np.ndarray, counts: np.ndarray, index: int, n: int, measure: str, least: int) -> list[int]:
    """Every row compared in turn, then a full sort; values equal to 12 digits count as equal."""
    sign = -1.0 if measure == "cosine" else 1.0
    found = []
    for place, row in enumerate(table.tolist()):
        if place != index and counts[place] >= least:
            value = naive_value(measure, row, table[index].tolist())
            found.append((math.isnan(value), 0.0 if math.isnan(value) else round(sign * value, 12), place))
    return [place for *_, place in sorted(found)[:n]]


def test_cosines_by_hand() -> None:
    """Row 0 is (2, 0): at 45 degrees to (1, 1), at a right angle to (0, 5), opposite to (-3, 0), nothing to (0, 0)."""
    found = neighbours(FACTORS, COUNTS, "movie", 0)
    assert found.indices.tolist() == [1, 6, 5, 3, 2]
    np.testing.assert_allclose(found.values, [math.sqrt(0.5), math.sqrt(0.5), 0.0, -1.0, np.nan], atol=1e-15)
    assert found.counts.tolist() == [20, 90, 25, 40, 50]
    assert neighbours(FACTORS, COUNTS, "movie", 0, n=2, min_ratings=1).indices.tolist() == [4, 1]


def test_distances_by_hand() -> None:
    found = neighbours(FACTORS, COUNTS, "movie", 0, measure="distance", min_ratings=0)
    assert found.indices.tolist() == [1, 6, 2, 4, 3, 5]
    np.testing.assert_allclose(found.values, [math.sqrt(2), math.sqrt(2), 2.0, 2.0, 5.0, math.sqrt(29)])


def test_one_of_zeros_has_no_cosines_but_neighbours_by_distance() -> None:
    found = neighbours(FACTORS, COUNTS, "movie", 2, n=3)
    assert found.indices.tolist() == [0, 1, 3]
    assert np.isnan(found.values).all()
    assert neighbours(FACTORS, COUNTS, "movie", 2, n=2, measure="distance").indices.tolist() == [1, 6]


def test_nobody_is_near_where_nobody_has_enough_ratings() -> None:
    found = neighbours(FACTORS, COUNTS, "movie", 0, min_ratings=1000)
    assert [part.shape for part in found] == [(0,), (0,), (0,)]


def test_counts_are_left_as_they_are() -> None:
    counts = COUNTS.copy()
    counts.flags.writeable = False
    neighbours(FACTORS, counts, "movie", 0)
    assert counts.tolist() == COUNTS.tolist()


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(list(MEASURES)),
    st.integers(1, 45),
    st.sampled_from([0, 5, 30]),
    st.sampled_from([1e-200, 1.0, 1e100]),
)
def test_loops_agree(seed: int, measure: str, n: int, least: int, scale: float) -> None:
    """Small whole numbers, so that there are many equals and some rows of zeros."""
    rng = np.random.default_rng(seed)
    table = rng.integers(-2, 3, (40, 3)).astype(float)
    counts = rng.integers(0, 40, 40)
    used = scale if measure == "cosine" else 1.0
    found = neighbours(Factors(np.ones((1, 3)), table * used), counts, "movie", 7, n, measure, least)
    values = [naive_value(measure, table[place].tolist(), table[7].tolist()) for place in found.indices]
    np.testing.assert_allclose(found.values, values, rtol=1e-12, atol=1e-12)
    expected = naive_neighbours(table, counts, 7, n, measure, least)
    assert [naive_value(measure, table[it].tolist(), table[7].tolist()) for it in expected] == pytest.approx(
        values, abs=1e-12, nan_ok=True
    )
    assert len(set(found.indices.tolist())) == len(expected)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    factors, counts = Factors(rng.normal(size=(501, 7)), np.ones((1, 7))), np.full(501, 30)
    whole = [neighbours(factors, counts, "user", 3, 50, measure) for measure in MEASURES]
    monkeypatch.setattr(module, "BLOCK_NUMBERS", 7 * 10)
    for measure, expected in zip(MEASURES, whole, strict=True):
        found = neighbours(factors, counts, "user", 3, 50, measure)
        assert found.indices.tolist() == expected.indices.tolist()
        assert found.values.tobytes() == expected.values.tobytes()


def test_the_embeddings_of_a_net_have_neighbours_too() -> None:
    ratings = random_table(30, 25, 300, seed=1)
    factors = starting_weights(ratings, Hyperparameters(model="neural", n_factors=4, n_movie_factors=6))
    for side, table, counts in (
        ("user", factors.user_factors, ratings.user_counts),
        ("movie", factors.movie_factors, ratings.movie_counts),
    ):
        found = neighbours(factors, counts, side, 2, 5, "cosine", 8)
        assert found.indices.tolist() == naive_neighbours(table, counts, 2, 5, "cosine", 8)


def test_what_is_no_number_comes_last() -> None:
    table = np.array([[1.0, 0.0], [np.nan, 1.0], [0.0, 1.0], [np.inf, 1.0], [1.0, 0.1]])
    for measure in MEASURES:
        found = neighbours(Factors(np.ones((1, 2)), table), np.full(5, 20), "movie", 0, 4, measure)
        assert found.indices.tolist()[:2] == [4, 2]
        assert found.indices.tolist()[-1] in (1, 3)
        assert (
            found.indices.tolist()
            == neighbours(Factors(np.ones((1, 2)), table), np.full(5, 20), "movie", 0, 9, measure).indices.tolist()
        )


def test_what_there_is_not_is_said() -> None:
    for index in (-1, 7):
        with pytest.raises(IndexError, match="There is no movie at place"):
            neighbours(FACTORS, COUNTS, "movie", index)
    with pytest.raises(ValueError, match="At least one"):
        neighbours(FACTORS, COUNTS, "movie", 0, n=0)
    with pytest.raises(ValueError, match="cosine or distance"):
        neighbours(FACTORS, COUNTS, "movie", 0, measure="euclid")  # type: ignore[arg-type]


def test_the_same_bits_on_one_thread_and_two() -> None:
    code = """
import hashlib, numpy as np
from cfgui.core.factors import Factors
from cfgui.core.neighbours import neighbours
from cfgui.core.standings import standings
from tests.helpers.tables import random_table
rng = np.random.default_rng(3)
ratings = random_table(300, 20000, 90000)
tables = [rng.normal(size=shape) for shape in ((300, 50), (20000, 50), 300, 20000)]
factors = Factors(*tables)
found = standings(ratings, factors, "movie")
said = repr(found.rank_correlation) + repr(found.line)
for measure in ("cosine", "distance"):
    near = neighbours(factors, ratings.movie_counts, "movie", 5, 500, measure, 2)
    said += near.values.tobytes().hex() + near.indices.tobytes().hex()
print(hashlib.sha256(said.encode()).hexdigest())
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": "."},
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
