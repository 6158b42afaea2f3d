"""A large table with edits answers as a copied one does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cfgui.core import edited_ratings
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.ratings import Ratings

N, M = 5, 4
CELL = st.tuples(st.integers(0, N - 1), st.integers(0, M - 1))
CHANGES = st.dictionaries(CELL, st.none() | st.sampled_from([0.0, 0.5, 3.3, 5.0]), max_size=6)


def table(seed: int) -> Ratings:
    rng = np.random.default_rng(seed)
    rated = rng.random((N, M)) < 0.5
    return Ratings.from_crosstab("abcde", "wxyz", rng.integers(1, 6, (N, M)).astype(float), rated, {"w": "W"})


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 50), first=CHANGES, second=CHANGES)
def test_edited_twice_is_copied_twice(seed: int, first: dict, second: dict) -> None:
    base = table(seed)
    copied = base.with_ratings(first).with_ratings(second)
    edited = EditedRatings(base, first).with_ratings(second)
    assert isinstance(edited, EditedRatings)
    assert edited.base is base
    for user in range(N):
        for movie in range(M):
            assert edited.rating(user, movie) == copied.rating(user, movie)
    everything = np.arange(N, dtype=np.int32), np.arange(M, dtype=np.int32)
    assert np.array_equal(edited.block(*everything), copied.block(*everything), equal_nan=True)
    assert edited.n_ratings == copied.n_ratings
    assert edited.user_counts.tolist() == copied.user_counts.tolist()
    assert edited.movie_counts.tolist() == copied.movie_counts.tolist()
    for movie in range(M):
        assert [part.tolist() for part in edited.movie_line(movie)] == [p.tolist() for p in copied.movie_line(movie)]
    assert edited.values.tolist() == copied.values.tolist()
    assert edited.users.tolist() == copied.users.tolist()
    assert edited.movies.tolist() == copied.movies.tolist()
    assert edited.user_sums.tolist() == copied.user_sums.tolist()
    assert edited.user_starts.tolist() == copied.user_starts.tolist()
    assert edited.titles == {"w": "W"}


def test_a_large_table_is_not_copied(monkeypatch) -> None:
    monkeypatch.setattr(edited_ratings, "COPIED_RATINGS", 3)
    base = table(1)
    edited = edited_ratings.edited(base, {(0, 0): 2.5})
    assert isinstance(edited, EditedRatings)
    assert "_arrays" not in vars(edited)
    assert edited.rating(0, 0) == 2.5
    assert "_arrays" not in vars(edited)


def test_float32_values_take_what_is_typed_exactly() -> None:
    base = Ratings(("a",), ("x", "y"), np.zeros(1, np.int32), np.zeros(1, np.int32), np.array([3.5], np.float32))
    edited = EditedRatings(base, {(0, 1): 3.3})
    assert edited.rating(0, 1) == 3.3
    assert edited.values.tolist() == [3.5, 3.3]
    assert base.with_ratings({(0, 1): 3.3}).values.tolist() == [3.5, 3.3]
