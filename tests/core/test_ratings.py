"""Ratings: order, look-up and edits that leave the original alone."""

import numpy as np
import pytest

from cfgui.core.ratings import Ratings, distinct


@pytest.fixture
def ratings():
    """Two users, three movies: a: x 4.0, z 1.5; b: y 3.0, z 5.0."""
    values = np.array([[4.0, np.nan, 1.5], [np.nan, 3.0, 5.0]])
    return Ratings.from_crosstab(["a", "b"], ["x", "y", "z"], values, ~np.isnan(values), {"x": "Braveheart (1995)"})


def test_a_crosstab_is_read_row_by_row(ratings):
    assert ratings.users.tolist() == [0, 0, 1, 1]
    assert ratings.movies.tolist() == [0, 2, 1, 2]
    assert ratings.values.tolist() == [4.0, 1.5, 3.0, 5.0]
    assert (ratings.n_users, ratings.n_movies, ratings.n_ratings) == (2, 3, 4)
    assert (ratings.users.dtype, ratings.movies.dtype, ratings.values.dtype) == (np.int32, np.int32, np.float64)


def test_the_crosstab_comes_back_with_zero_where_unrated(ratings):
    assert ratings.crosstab.tolist() == [[4.0, 0.0, 1.5], [0.0, 3.0, 5.0]]
    assert ratings.rated.tolist() == [[True, False, True], [False, True, True]]


def test_a_rating_or_none(ratings):
    assert ratings.rating(0, 0) == 4.0
    assert ratings.rating(0, 1) is None
    assert ratings.rating(0, 2) == 1.5
    assert ratings.rating(1, 0) is None
    assert ratings.rating(1, 2) == 5.0


def test_each_user_owns_a_stretch(ratings):
    assert ratings.user_starts.tolist() == [0, 2, 4]
    assert ratings.with_ratings({(0, 0): None, (0, 2): None}).user_starts.tolist() == [0, 0, 2]


def test_an_edit_makes_new_ratings_in_order(ratings):
    edited = ratings.with_ratings({(1, 0): 2.0, (0, 2): None, (1, 2): 4.5})
    assert edited.crosstab.tolist() == [[4.0, 0.0, 0.0], [2.0, 3.0, 4.5]]
    assert edited.users.tolist() == [0, 1, 1, 1]
    assert edited.movies.tolist() == [0, 0, 1, 2]
    assert ratings.crosstab.tolist() == [[4.0, 0.0, 1.5], [0.0, 3.0, 5.0]]
    assert edited.titles == ratings.titles


def test_a_rating_of_zero_is_a_rating(ratings):
    edited = ratings.with_ratings({(0, 1): 0.0})
    assert edited.rating(0, 1) == 0.0
    assert edited.n_ratings == 5


def test_making_an_unrated_cell_unrated_changes_nothing(ratings):
    assert np.array_equal(ratings.with_ratings({(0, 1): None}).rated, ratings.rated)


def test_the_arrays_cannot_be_written_to(ratings):
    for array in (ratings.users, ratings.movies, ratings.values, ratings.crosstab, ratings.rated):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_movie_without_a_title_is_called_by_its_id(ratings):
    assert ratings.movie_name(0) == "Braveheart (1995)"
    assert ratings.movie_name(1) == "movie y"
    assert (ratings.movie_label(0), ratings.movie_label(1)) == ("movie x · Braveheart (1995)", "movie y")


def test_nothing_rated_at_all():
    nothing = Ratings.from_crosstab(["a"], ["x", "y"], np.zeros((1, 2)), np.zeros((1, 2), dtype=bool))
    assert nothing.n_ratings == 0
    assert nothing.rating(0, 1) is None
    assert nothing.with_ratings({(0, 1): 3.5}).rating(0, 1) == 3.5


def test_the_levels_are_every_rating_value_once():
    values = np.tile(np.array([4.5, 0.5, 3.0]), 8000)
    cells = np.arange(len(values), dtype=np.int32)
    ratings = Ratings(("a",), tuple(map(str, cells)), np.zeros_like(cells), cells, values)
    assert ratings.levels.tolist() == [0.5, 3.0, 4.5]
    assert Ratings((), (), cells[:0], cells[:0], values[:0]).levels.tolist() == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("n_values", [0, 1, 2, 500])
def test_distinct_values_are_those_of_numpy(dtype, n_values):
    values = np.random.default_rng(n_values).integers(-9, 9, n_values).astype(dtype)
    found = distinct(values)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.unique(values))
