"""Rows that come and go, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.moved_rows import (
    moved_between,
    moved_factors,
    moved_ratings,
    moved_view,
)
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.view import View, ViewChoice, make_view, whole_view

VALUES = np.array([[4.0, 3.0, 0.0], [5.0, 0.0, 1.0], [0.0, 2.0, 2.5]])


@pytest.fixture
def table() -> Ratings:
    """3 users x 3 movies with 6 ratings."""
    return Ratings.from_crosstab(["a", "b", "c"], ["x", "y", "z"], VALUES, VALUES > 0.0, {"x": "Xanadu"})


def triples(ratings: Ratings) -> set[tuple[str, str, float]]:
    users, movies = ratings.users.tolist(), ratings.movies.tolist()
    pairs = zip(users, movies, ratings.values.tolist(), strict=True)
    return {(ratings.user_ids[u], ratings.movie_ids[m], value) for u, m, value in pairs}


def is_sorted(ratings: Ratings) -> bool:
    cells = list(zip(ratings.users.tolist(), ratings.movies.tolist(), strict=True))
    return cells == sorted(set(cells))


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize(
    ("users", "movies"),
    [
        (("a", "b", "c", "n"), ("x", "y", "z")),
        (("a", "b", "c"), ("x", "y", "z", "n", "o")),
        (("a", "c"), ("x", "y", "z")),
        (("b",), ("z",)),
        (("c", "a", "n", "b"), ("z", "n", "x")),
    ],
)
def test_ratings_go_with_their_ids(table: Ratings, users, movies, beside: bool) -> None:
    changes = {(0, 2): 1.5, (1, 0): None, (2, 2): 3.0}
    old = EditedRatings(table, changes) if beside else table
    # what was counted before must not be counted wrong afterwards
    _ = old.user_counts, old.movie_counts, old.scale, table.prepare().user_sums, table.movie_sums
    new = moved_ratings(old, users, movies)
    expected = {triple for triple in triples(old) if triple[0] in users and triple[1] in movies}
    assert triples(new) == expected
    assert is_sorted(new)
    assert (new.user_ids, new.movie_ids, new.n_ratings) == (users, movies, len(expected))
    assert new.user_counts.tolist() == [sum(t[0] == user for t in expected) for user in users]
    assert new.movie_counts.tolist() == [sum(t[1] == movie for t in expected) for movie in movies]
    for row, user in enumerate(users):
        line = {(user, movies[m], value) for m, value in zip(*map(np.ndarray.tolist, new.user_line(row)), strict=True)}
        assert line == {t for t in expected if t[0] == user}
    plain = Ratings(new.user_ids, new.movie_ids, new.users.copy(), new.movies.copy(), new.values.copy())
    assert np.array_equal(new.user_sums, plain.user_sums)
    assert np.array_equal(new.movie_sums, plain.movie_sums)


def test_rows_at_the_end_share_the_arrays(table: Ratings) -> None:
    new = moved_ratings(table, ("a", "b", "c", "n"), table.movie_ids, {"x": "Ecstasy"})
    assert new.users is table.users
    assert new.values is table.values
    assert new.movie_ids is table.movie_ids
    assert new.titles == {"x": "Ecstasy"}


@pytest.mark.parametrize("bias", [False, True])
def test_weights_go_with_their_ids(bias: bool) -> None:
    factors = random_factors(3, 3, 2, bias=bias, seed=3)
    users, movies = moved_between("abc", "acn"), moved_between("xyz", "xyzo")
    new_user, new_movie = np.array([7.0, 8.0, 9.0]), np.array([4.0, 5.0, 6.0])
    moved = moved_factors(factors, users, movies, new_user, new_movie)
    assert moved.user_factors.tolist() == [*factors.user_factors[[0, 2]].tolist(), [7.0, 8.0]]
    assert moved.movie_factors.tolist() == [*factors.movie_factors.tolist(), [4.0, 5.0]]
    if bias:
        assert moved.user_bias.tolist() == [*factors.user_bias[[0, 2]].tolist(), 9.0]
        assert moved.movie_bias.tolist() == [*factors.movie_bias.tolist(), 6.0]
    else:
        assert moved.user_bias is None


def test_views_follow(table: Ratings) -> None:
    nobody = np.zeros(0, dtype=np.int32)
    users, movies = moved_between("abc", "acn"), moved_between("xyz", "xyzo")
    whole = moved_view(whole_view(table), users, movies, (nobody, nobody), (nobody, nobody))
    assert whole.is_whole
    assert (whole.users.tolist(), whole.movies.tolist()) == ([0, 1, 2], [0, 1, 2, 3])
    part = View(np.array([2, 1], dtype=np.int32), np.array([1], dtype=np.int32), 3, 3)
    moved = moved_view(part, users, movies, (np.array([2]), np.array([1, 3])), (nobody, nobody))
    assert (moved.users.tolist(), moved.movies.tolist()) == ([1, 2], [1, 3])
    moved = moved_view(part, users, movies, (np.array([0, 2]), nobody), (np.array([1]), np.array([3])))
    assert (moved.users.tolist(), moved.movies.tolist()) == ([0, 2, 1], [1, 3])
    assert (moved.n_all_users, moved.n_all_movies) == (3, 4)


def test_who_is_pinned_stands_at_the_end_whatever_is_chosen(table: Ratings) -> None:
    def ids(choice: ViewChoice) -> tuple[list[str], list[str]]:
        view = make_view(table, choice)
        return [table.user_ids[u] for u in view.users], [table.movie_ids[m] for m in view.movies]

    assert ids(ViewChoice(1, 1, pinned_users=("b",), pinned_movies=("x",))) == (["a", "b"], ["y", "x"])
    assert ids(ViewChoice(None, None, "id", "mean", ("b", "nobody"), ("x",))) == (["a", "c", "b"], ["y", "z", "x"])
    assert ids(ViewChoice(2, 2, "ratings", pinned_users=("c", "a"))) == (["b", "c", "a"], ["x", "y"])
    assert make_view(table, ViewChoice(pinned_users=("a",))).is_whole
