"""What a map is made of: who is on it, where, in what colour, and in what words; against plain numpy."""

import numpy as np
import pytest

from cfgui.app.map_colours import LEVELS, NO_LEVEL, genre_lists, genres_by_size, grouped, scaled, scaled_counts
from cfgui.app.map_points import MapChoice, map_points, most_rated
from cfgui.app.map_words import axis_words, description, facts, listed, short_name
from cfgui.app.reading import Reading
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings

RNG = np.random.default_rng(8)
TITLES = {"30": "Long Night of the Very Long Titles, The (1999)", "10": "First (1990)", "99": "No Year"}
GENRES = {"10": "Comedy|Drama", "20": "Drama", "30": "(no genres listed)"}


def small(n_users=12, n_movies=9, k=4, *, bias=True):
    """A table where movie 0 has the most ratings and the last one none."""
    rated = np.arange(n_movies)[None, :] * 1.5 < n_users - np.arange(n_users)[:, None] - 0.5
    rated[:, -1] = False
    values = RNG.integers(1, 6, (n_users, n_movies)).astype(float)
    ids = [str(10 * place + 10) for place in range(n_movies)]
    ratings = Ratings.from_crosstab([f"u{row}" for row in range(n_users)], ids, values, rated, TITLES)
    ratings = Ratings(
        ratings.user_ids, ratings.movie_ids, ratings.users, ratings.movies, ratings.values, TITLES, GENRES
    )
    owned = (RNG.normal(size=n_users), RNG.normal(size=n_movies)) if bias else (None, None)
    factors = Factors(RNG.normal(size=(n_users, k)), RNG.normal(size=(n_movies, k)) * [1, 3, 2, 0.5][:k], *owned)
    return Reading(ratings, factors, factors.model, factors.model)


def test_the_most_rated_come_first_and_equals_by_index():
    assert most_rated(np.array([3, 9, 3, 0, 9]), None).tolist() == [1, 4, 0, 2, 3]
    assert most_rated(np.array([3, 9, 3, 0, 9]), 3).tolist() == [1, 4, 0]


def test_places_are_the_principal_axes_of_the_points_shown():
    reading = small()
    found = map_points(reading, MapChoice(most=5, components=(1, 2)))
    counts = (reading.ratings.crosstab > 0).sum(axis=0)
    shown = sorted(range(9), key=lambda movie: (-counts[movie], movie))[:5]
    assert found.indices.tolist() == shown
    assert found.counts.tolist() == [counts[movie] for movie in shown]
    rows = reading.factors.movie_factors[shown]
    middle = rows.mean(axis=0)
    _, singular, axes = np.linalg.svd(rows - middle, full_matrices=False)
    expected = (reading.factors.movie_factors - middle) @ axes.T
    for column, component in enumerate((1, 2)):
        sign = np.sign(axes[component][np.abs(axes[component]).argmax()])
        np.testing.assert_allclose(found.places[:, column], sign * expected[shown, component], atol=1e-10)
        np.testing.assert_allclose(found.place_of(8)[column], sign * expected[8, component], atol=1e-10)
    np.testing.assert_allclose(found.projection.shares, singular**2 / (singular**2).sum(), atol=1e-12)
    assert found.position_of(shown[3]) == 3
    assert found.position_of(8) is None


def test_users_have_a_map_too():
    reading = small()
    found = map_points(reading, MapChoice(side="user", most=None, axes="factors", components=(3, 0), colour="genre"))
    order = found.indices.tolist()
    assert sorted(order) == list(range(12))
    np.testing.assert_array_equal(found.places, reading.factors.user_factors[order][:, [3, 0]])
    assert found.colours.caption == "ratings"


def test_the_ends_of_an_axis_are_its_five_outermost_points():
    reading = small(n_users=40, n_movies=30)
    found = map_points(reading, MapChoice(most=None))
    for end in found.ends:
        order = np.argsort(found.places[:, end.which], kind="stable")
        expected = order[::-1][:5] if end.high else order[:5]
        assert end.positions.tolist() == expected.tolist()
        np.testing.assert_array_equal(end.values, found.places[expected, end.which])


def test_means_leave_out_what_is_unrated():
    reading = small()
    found = map_points(reading, MapChoice(most=None, colour="mean"))
    table = np.where(reading.ratings.rated, reading.ratings.crosstab, np.nan)
    for position, movie in enumerate(found.indices):
        column = table[:, movie][~np.isnan(table[:, movie])]
        assert found.means[position] == pytest.approx(column.mean() if len(column) else np.nan, nan_ok=True)
    assert found.colours.levels[found.position_of(8)] == NO_LEVEL


def test_without_biases_the_colour_is_the_mean_rating():
    assert map_points(small(), MapChoice()).colours.caption == "bias"
    found = map_points(small(bias=False), MapChoice())
    assert (found.colours.caption, found.bias) == ("mean rating", None)


def test_a_map_of_a_run_goes_on_in_the_same_directions():
    reading = small()
    first = map_points(reading, MapChoice(most=None))
    turned = Factors(reading.factors.user_factors, -reading.factors.movie_factors, *reading.factors.tables[2:4])
    again = Reading(reading.ratings, turned, reading.model, reading.sheet)
    np.testing.assert_allclose(map_points(again, MapChoice(most=None), first).projection.axes, first.projection.axes)
    nudged = reading.factors.movie_factors + 1e-3 * RNG.normal(size=(9, 4))
    moved = Reading(reading.ratings, Factors(turned.user_factors, nudged, *turned.tables[2:4]), "bias", "bias")
    followed = map_points(moved, MapChoice(most=None), first)
    assert np.abs(followed.places - first.places).max() < 0.1
    assert followed.indices is first.indices


@pytest.mark.parametrize("k", [1, 2])
def test_few_factors_have_a_map(k):
    found = map_points(small(k=k), MapChoice(components=(4, 5)))
    assert found.components == ((0, 1) if k == 1 else (1, 1))
    assert (found.places[:, 1] == 0).all() == (k == 1)
    assert axis_words(found, 1) == "" if k == 1 else axis_words(found, 1).startswith("axis 2")


def test_nobody_at_all_has_an_empty_map():
    nobody = np.zeros(0, dtype=np.int32)
    factors = Factors(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), np.zeros(0))
    reading = Reading(Ratings((), (), nobody, nobody, np.zeros(0)), factors, "bias", "bias")
    for colour in ("bias", "mean", "count", "genre"):
        found = map_points(reading, MapChoice(colour=colour))
        assert len(found) == 0
        assert found.bounds == (-1, -1, 1, 1)
        assert description(found).startswith("0 movies")


def test_points_in_a_rectangle():
    found = map_points(small(), MapChoice(most=None))
    left, bottom, right, top = found.bounds
    assert found.within(left, bottom, right, top).tolist() == list(range(9))
    expected = [place for place, (x, y) in enumerate(found.places.tolist()) if x >= 0 and y <= 0]
    assert found.within(0, bottom, right, 0).tolist() == expected


def test_a_scale_runs_between_its_tails():
    values = np.append(np.linspace(0.0, 100.0, 101), np.nan)
    colours = scaled("bias", values)
    assert (colours.low, colours.middle, colours.high) == (2.0, 50.0, 98.0)
    assert colours.levels[[0, 2, 50, 98, 100]].tolist() == [0, 0, LEVELS // 2, LEVELS - 1, LEVELS - 1]
    assert colours.levels[101] == NO_LEVEL
    assert scaled("bias", np.full(3, 7.0)).levels.tolist() == [LEVELS // 2] * 3


def test_counts_are_on_a_logarithmic_scale():
    colours = scaled_counts("ratings", np.array([1, 10, 100]))
    assert (colours.low, colours.middle, colours.high) == (1.0, 10.0, 100.0)
    assert colours.levels.tolist() == [0, LEVELS // 2, LEVELS - 1]


def test_genres_make_groups():
    lists = genre_lists(["10", "20", "30", "40"], GENRES)
    assert lists == [("Comedy", "Drama"), ("Drama",), (), ()]
    assert genres_by_size(lists) == ("Drama", "Comedy")
    first = grouped(lists)
    assert first.groups == ("Comedy", "Drama")
    assert first.levels.tolist() == [0, 1, NO_LEVEL, NO_LEVEL]
    assert grouped(lists, "Drama").levels.tolist() == [0, 0, NO_LEVEL, NO_LEVEL]


def test_more_than_eight_first_genres_leave_the_rest_together():
    lists = [(f"g{number}",) for number in range(12) for _ in range(20 - number)]
    found = grouped(lists)
    assert found.groups == tuple(f"g{number}" for number in range(8))
    assert np.count_nonzero(found.levels == NO_LEVEL) == sum(20 - number for number in range(8, 12))


def test_words():
    reading = small()
    found = map_points(reading, MapChoice(most=3))
    counts = (reading.ratings.crosstab > 0).sum(axis=0)
    mean = reading.ratings.crosstab[:, 0].sum() / counts[0]
    expected = f"First (1990) · {counts[0]} ratings · mean {mean:.2f} · bias {reading.factors.movie_bias[0]:.2f}"
    assert facts(found, 0) == expected
    assert facts(found, 8) == f"movie 90 · 0 ratings · bias {reading.factors.movie_bias[8]:.2f}"
    assert short_name(reading.ratings, "movie", 0) == "First"
    assert short_name(reading.ratings, "movie", 2) == "Long Night of the Very Long…"
    assert short_name(reading.ratings, "user", 2) == "user u2"
    assert axis_words(found, 0) == f"axis 1 · {found.projection.shares[0]:.1%} of the variance"
    table = listed(found, np.array([0, 2]))
    assert [column.title for column in table] == ["title", "ratings", "mean", "bias", "axis 1", "axis 2", "id"]
    assert [column.full(0) for column in table][:2] == ["First (1990)", str(counts[0])]
    assert float(table[4].full(1)) == found.places[2, 0]
    told = description(found)
    left = found.indices[found.ends[0].positions[0]]
    assert told.startswith(f"3 movies, the most rated first. Axis 1 · {found.projection.shares[0]:.1%}")
    assert f"Left end: {reading.ratings.movie_name(int(left))}" in told
