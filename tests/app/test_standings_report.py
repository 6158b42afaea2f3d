"""Biases, means and neighbours in words and rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfgui.app.neighbours_report import make_neighbours_report
from cfgui.app.standings_report import (
    correlation_words,
    departure_words,
    ends,
    listed,
    no_bias_words,
    sort_values,
)
from cfgui.app.subjects import find_subject, subject_label, subject_name
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.core.standings import standings

TITLES = {"10": "Heat (1995)", "20": "Heat (1986)", "30": "Alien (1979)", "40": "Aliens (1986)", "50": "alone (2015)"}


def table() -> Ratings:
    cells = np.array([[5, 1, 0, 4, 3], [4, 2, 0, 0, 3], [0, 3, 0, 1, 3]], dtype=float)
    return Ratings.from_crosstab(["7", "07", "ann"], ["10", "20", "30", "40", "50"], cells, cells > 0, TITLES)


FACTORS = Factors(
    np.eye(3)[:, :2],
    np.array([[1.0, 0.0], [1.0, 1.0], [3.0, 0.1], [0.0, 2.0], [0.0, 0.0]]),
    np.array([0.5, 0.1, -0.6]),
    np.array([0.25, -0.5, 0.0, 0.75, 0.0]),
)


def test_an_id_is_found_as_it_is_written() -> None:
    assert [find_subject(table(), "user", text) for text in ("7", "07", " ann ", "ANN")] == [0, 1, 2, 2]
    assert find_subject(table(), "movie", "30") == 2


def test_a_title_is_found_where_only_one_movie_has_it() -> None:
    """ "alien" is a word of "Aliens" too, yet a whole title without its year of one movie only."""
    assert [find_subject(table(), "movie", text) for text in ("alien", "Heat (1986)", "aliens", "(2015)")] == [
        2,
        1,
        3,
        4,
    ]


@pytest.mark.parametrize("text", ["heat", "al", "(1986)"])
def test_several_movies_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"may mean movie .*: give the id of one\.$") as error:
        find_subject(table(), "movie", text)
    for raw_id, title in TITLES.items():
        assert (f"movie {raw_id} · {title}" in str(error.value)) == (text in title.casefold())


def test_many_movies_are_counted() -> None:
    ids = [str(number) for number in range(12)]
    ratings = Ratings.from_crosstab(
        ["1"], ids, np.ones((1, 12)), np.ones((1, 12), bool), {it: f"Saw {it}" for it in ids}
    )
    with pytest.raises(ValueError, match=r"movie 4 · Saw 4 and 7 more: give the id"):
        find_subject(ratings, "movie", "saw")


@pytest.mark.parametrize(("side", "text", "n"), [("movie", "99", 5), ("movie", "casablanca", 5), ("user", "heat", 3)])
def test_whom_there_is_not_is_said(side: str, text: str, n: int) -> None:
    with pytest.raises(ValueError, match=f"^There is no {side} {text} among the {n} {side}s of these ratings.$"):
        find_subject(table(), side, text)  # type: ignore[arg-type]


def test_names() -> None:
    assert (subject_name(table(), "user", 1), subject_label(table(), "user", 1)) == ("user 07", "user 07")
    assert (subject_name(table(), "movie", 2), subject_label(table(), "movie", 2)) == (
        "Alien (1979)",
        "movie 30 · Alien (1979)",
    )


def test_the_ends_of_each_order() -> None:
    """Biases .25 -.5 0 .75 0; means 4.5 2 none 2.5 3; counts 2 3 0 2 3."""
    found = standings(table(), FACTORS, "movie")
    expected = {"bias": ([1, 2, 4], [3, 0, 2]), "mean": ([1, 3, 4], [0, 4, 3]), "count": ([2, 0, 3], [1, 4, 0])}
    for key, (low, high) in expected.items():
        assert [places.tolist() for places in ends(found, key, 3)] == [low, high], key
    assert [places.tolist() for places in ends(found, "bias", 9, 3)] == [[1, 4], [4, 1]]
    assert np.isnan(sort_values(found, "mean")[2])


def test_rows_hold_what_the_standings_hold() -> None:
    found = standings(table(), FACTORS, "movie")
    rows = listed(found, table(), np.array([3, 2]))
    assert [(it.index, it.id, it.name, it.n_ratings) for it in rows] == [
        (3, "40", "Aliens (1986)", 2),
        (2, "30", "Alien (1979)", 0),
    ]
    slope, intercept = np.polyfit([4.5, 2.0, 2.5, 3.0], [0.25, -0.5, 0.75, 0.0], 1)
    assert (rows[0].mean, rows[0].bias) == (2.5, 0.75)
    assert rows[0].departure == pytest.approx(0.75 - slope * 2.5 - intercept)
    assert math.isnan(rows[1].departure)
    said = departure_words(rows[0])
    assert (
        said
        == f"Aliens (1986): mean 2.50, bias +0.75, {rows[0].departure:.2f} higher than its mean lets expect, 2 ratings"
    )
    assert departure_words(rows[1]) == "Alien (1979): bias +0.00, 0 ratings"


def test_the_correlation_in_words() -> None:
    """Means 4.5 2 2.5 3, biases .25 -.5 .75 0: ranks 4 1 2 3 and 3 1 4 2, 1 - 6 * 6 / (4 * 15) = 0.4."""
    found = standings(table(), FACTORS, "movie")
    assert correlation_words(found) == "Rank correlation of bias and mean: 0.400 over 4 movies."
    plain = standings(table(), Factors(FACTORS.user_factors, FACTORS.movie_factors), "movie")
    assert correlation_words(plain) == no_bias_words()
    assert no_bias_words("dot") == "The model dot has no biases to compare with means: choose the model bias."
    flat = Factors(FACTORS.user_factors, FACTORS.movie_factors, np.zeros(3), np.zeros(5))
    assert "needs two users" in correlation_words(standings(table(), flat, "user"))


def test_neighbours_as_rows() -> None:
    found = make_neighbours_report(table(), FACTORS, "movie", 0, 2)
    assert [(row.rank, row.id, row.n_ratings) for row in found.rows] == [(1, "20", 3), (2, "40", 2)]
    assert [row.value for row in found.rows] == pytest.approx([math.sqrt(0.5), 0.0])
    assert (found.rows[1].mean, found.rows[1].bias, found.usual, found.min_ratings) == (2.5, 0.75, 1, 1)
    assert found.words == "The 2 nearest to movie 10 · Heat (1995) (2 ratings) by cosine, among 3 movies."
    assert found.lesson.endswith("almost no ratings.")
    everyone = make_neighbours_report(table(), FACTORS, "movie", 0, 1, min_ratings=0)
    assert everyone.rows[0].name == "Alien (1979)"
    assert everyone.words.startswith("The nearest to movie 10")


def test_what_cannot_be_said_of_neighbours_is_said_so() -> None:
    few = make_neighbours_report(table(), FACTORS, "user", 0, min_ratings=40)
    assert few.words == "No other user has 40 ratings or more: ask for fewer."
    zeros = make_neighbours_report(table(), FACTORS, "movie", 4)
    assert zeros.words == "movie 50 · alone (2015) has no cosine to others: its factors are all zeros."
    near = make_neighbours_report(table(), FACTORS, "movie", 4, 1, "distance")
    assert near.words == "The nearest to movie 50 · alone (2015) (3 ratings) by distance, among 3 movies."


def test_a_minimum_below_the_usual_one_teaches() -> None:
    cells = np.zeros((25, 12))
    cells[:, :11], cells[:2, 11] = 3.0, 4.0
    ratings = Ratings.from_crosstab([str(row) for row in range(25)], [str(it) for it in range(12)], cells, cells > 0)
    rng = np.random.default_rng(0)
    movies = np.vstack([rng.normal(size=(11, 3)), np.zeros((1, 3))])
    movies[11] = movies[0]
    factors = Factors(rng.normal(size=(25, 3)), movies)
    usual, all_ = (make_neighbours_report(ratings, factors, "movie", 0, 3, min_ratings=least) for least in (None, 0))
    assert (usual.min_ratings, usual.n_among, all_.n_among) == (20, 10, 11)
    assert usual.words.endswith("by cosine, among 10 movies with 20 ratings or more.")
    assert all_.lesson.endswith("The nearest here has 2 ratings; 20 or more are usually asked for.")
    assert math.isnan(all_.rows[0].bias)
