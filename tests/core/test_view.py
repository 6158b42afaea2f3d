"""Which users and movies a view shows, against plain Python."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.view import (
    TOP,
    ViewChoice,
    make_view,
    part_of_factors,
    visible_ratings,
    whole_view,
    with_part,
)

VALUES = np.array([[4.0, 3.0, 0.0, 1.0], [5.0, 0.0, 0.0, 0.0], [2.0, 2.0, 0.0, 2.5], [0.0, 1.0, 0.5, 0.0]])


@pytest.fixture
def table() -> Ratings:
    """4 users (10, 9, 007, 8) x 4 movies (b, a, d, c); by hand: 3, 1, 3, 2 ratings a user and 3, 3, 1, 2 a movie."""
    return Ratings.from_crosstab(["10", "9", "7", "8"], ["b", "a", "d", "c"], VALUES, VALUES > 0.0, {"b": "Bee"})


def ids(ratings: Ratings, choice: ViewChoice, factors=None) -> tuple[list[str], list[str]]:
    view = make_view(ratings, choice, factors)
    return [ratings.user_ids[u] for u in view.users], [ratings.movie_ids[m] for m in view.movies]


def test_everything_in_file_order(table: Ratings) -> None:
    assert ids(table, ViewChoice()) == (["10", "9", "7", "8"], ["b", "a", "d", "c"])
    assert make_view(table, ViewChoice()).is_whole
    assert visible_ratings(table, whole_view(table)) is table


def test_the_most_rated_are_taken_and_of_equals_the_smaller_id(table: Ratings) -> None:
    # users 10 and 7 have three ratings each, movies b and a too
    assert ids(table, ViewChoice(1, 1)) == (["7"], ["a"])
    assert ids(table, ViewChoice(3, 3)) == (["10", "7", "8"], ["b", "a", "c"])
    assert ids(table, ViewChoice(9, 9)) == (["10", "9", "7", "8"], ["b", "a", "d", "c"])


def test_orders(table: Ratings) -> None:
    assert ids(table, ViewChoice(3, None, "id", "id")) == (["7", "8", "10"], ["a", "b", "c", "d"])
    assert ids(table, ViewChoice(None, None, "ratings", "ratings")) == (["7", "10", "8", "9"], ["a", "b", "c", "d"])
    # means by hand: users 8/3, 5, 6.5/3, .75; movies 11/3, 2, .5, 1.75
    assert ids(table, ViewChoice(None, None, "mean", "mean")) == (["9", "10", "7", "8"], ["b", "a", "c", "d"])
    assert ids(table, ViewChoice(None, None, "bias", "bias")) == ids(table, ViewChoice(None, None, "mean", "mean"))
    factors = random_factors(4, 4, 2, bias=True, seed=5)
    by_bias = sorted(range(4), key=lambda movie: -factors.movie_bias[movie])
    assert ids(table, ViewChoice(None, None, "file", "bias"), factors)[1] == [table.movie_ids[m] for m in by_bias]
    with pytest.raises(ValueError, match="unknown order"):
        make_view(table, ViewChoice(user_order="height"))


def test_an_unrated_movie_comes_last_by_mean() -> None:
    values = np.array([[0.0, 1.0, 2.0]])
    table = Ratings.from_crosstab(["u"], ["x", "y", "z"], values, values > 0.0)
    assert ids(table, ViewChoice(movie_order="mean"))[1] == ["z", "y", "x"]


def test_ids_that_are_numbers_come_first_and_the_others_as_text_after_them() -> None:
    values = np.ones((3, 3))
    table = Ratings.from_crosstab(["10", "9", "a"], ["10", "9", "007"], values, values > 0.0)
    assert ids(table, ViewChoice(None, None, "id", "id")) == (["9", "10", "a"], ["007", "9", "10"])


def test_visible_ratings_are_a_crosstab_in_the_order_shown(table: Ratings) -> None:
    view = make_view(table, ViewChoice(3, 3, "id", "id"))
    part = visible_ratings(table, view)
    assert (part.user_ids, part.movie_ids, part.titles) == (("7", "8", "10"), ("a", "b", "c"), {"b": "Bee"})
    assert part.crosstab.tolist() == [[2.0, 2.0, 2.5], [1.0, 0.0, 0.0], [3.0, 4.0, 1.0]]
    assert view.user_rows.tolist() == [2, -1, 0, 1]
    assert view.movie_columns.tolist() == [1, 0, -1, 2]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_visible_ratings_and_blocks_are_what_a_dense_table_gives(data: st.DataObject) -> None:
    n, m = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    rated = rng.random((n, m)) < data.draw(st.sampled_from([0.05, 0.5, 1.0]))
    values = rng.integers(0, 11, (n, m)) / 2.0
    table = Ratings.from_crosstab([f"u{i}" for i in range(n)], [str(i) for i in range(m)], values, rated)
    order = data.draw(st.sampled_from(["file", "id", "ratings", "mean"]))
    choice = ViewChoice(data.draw(st.integers(1, n)), data.draw(st.integers(1, m)), order, order)
    view = make_view(table, choice)
    chosen = np.ix_(view.users, view.movies)
    part = visible_ratings(table, view)
    assert np.array_equal(part.rated, rated[chosen])
    assert np.array_equal(part.crosstab, np.where(rated, values, 0.0)[chosen])
    assert np.array_equal(table.block(view.users, view.movies), np.where(rated, values, np.nan)[chosen], equal_nan=True)
    counts = rated.sum(axis=1)
    assert sorted(counts[view.users].tolist()) == sorted(sorted(counts.tolist(), reverse=True)[: len(view.users)])


def test_a_part_of_the_weights_goes_out_and_comes_back(table: Ratings) -> None:
    factors = random_factors(4, 4, 2, bias=True, seed=5)
    view = make_view(table, ViewChoice(2, 3, "id", "mean"))
    part = part_of_factors(factors, view)
    assert np.array_equal(part.user_factors, factors.user_factors[view.users])
    assert np.array_equal(part.movie_bias, factors.movie_bias[view.movies])
    assert with_part(factors, view, part).equals(factors)
    doubled = with_part(factors, view, part.view_of(part.flat() * 2.0))
    for user in range(4):
        times = 2.0 if user in view.users else 1.0
        assert np.array_equal(doubled.user_factors[user], times * factors.user_factors[user])
        assert doubled.user_bias[user] == times * factors.user_bias[user]


def test_the_first_look_at_the_real_table_is_the_workbooks(shared_ratings: Ratings) -> None:
    """SPREADSHEET.md: 206 ratings; 1198 and not 2858 is the fifteenth movie."""
    view = make_view(shared_ratings, TOP)
    part = visible_ratings(shared_ratings, view)
    assert part.n_ratings == 206
    assert part.movie_ids == (
        "1",
        "110",
        "260",
        "296",
        "318",
        "356",
        "480",
        "527",
        "589",
        "593",
        "608",
        "1196",
        "1198",
        "1270",
        "2571",
    )
    counts = {
        movie: int((shared_ratings.movies == shared_ratings.movie_ids.index(movie)).sum()) for movie in ("1198", "2858")
    }
    assert counts["1198"] == counts["2858"]


@pytest.fixture(scope="module")
def shared_ratings() -> Ratings:
    from tests.helpers.reference import SHARED

    path = SHARED / "data" / "ml-latest-small-2016" / "ratings.csv"
    if not path.exists():
        pytest.skip("the MovieLens ratings are not beside the project")
    users: dict[str, int] = {}
    movies: dict[str, int] = {}
    with path.open(newline="") as stream:
        rows = [(r["userId"], r["movieId"], float(r["rating"])) for r in csv.DictReader(stream)]
    u = np.array([users.setdefault(user, len(users)) for user, _, _ in rows], dtype=np.int32)
    m = np.array([movies.setdefault(movie, len(movies)) for _, movie, _ in rows], dtype=np.int32)
    v = np.array([value for _, _, value in rows])
    order = np.lexsort((m, u))
    return Ratings(tuple(users), tuple(movies), u[order], m[order], v[order])
