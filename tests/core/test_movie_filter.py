"""Which movies come into question, and why one does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.movie_facts import facts_of, year_of
from cfgui.core.movie_filter import MovieFilter, popular_mask
from cfgui.core.ratings import Ratings

RATED = np.array([[1, 1, 0, 0, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], dtype=bool)
RATINGS = replace(
    Ratings.from_crosstab("abc", "vwxyz", np.full(RATED.shape, 4.0), RATED),
    titles={"v": "Toy Story (1995)", "w": "Heat (1995)", "x": "Seven Samurai (Shichinin) (1954)", "y": "Babylon 5"},
    genres={"v": "Comedy|Children", "w": "Action|Crime", "x": "Action|Drama", "z": ""},
)
FACTS = facts_of(RATINGS)


def kept(choice: MovieFilter) -> str:
    return "".join(raw_id for raw_id, there in zip("vwxyz", choice.candidates(FACTS), strict=True) if there)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Toy Story (1995)", 1995),
        ("Fawlty Towers (1975-1979)", 1975),
        ("Doctor Who (2005–)", 2005),
        ("2001: A Space Odyssey (1968) ", 1968),
        ("Class of (1984) (1982)", 1982),
        ("Babylon 5", 0),
        ("1984", 0),
        ("", 0),
    ],
)
def test_the_year_of_a_title(title: str, year: int) -> None:
    assert year_of(title) == year


def test_facts() -> None:
    assert FACTS.years.tolist() == [1995, 1995, 1954, 0, 0]
    assert FACTS.genres == ("Action", "Children", "Comedy", "Crime", "Drama")
    assert FACTS.genres_of(2) == ("Action", "Drama")
    assert FACTS.genres_of(4) == ()
    assert FACTS.counts.tolist() == [3, 2, 1, 0, 1]
    assert FACTS.span == (1954, 1995)


def test_every_filter() -> None:
    assert kept(MovieFilter()) == "vwxyz"
    assert kept(MovieFilter(genres=("action",))) == "wx"
    assert kept(MovieFilter(genres=("action", "Comedy"))) == "vwx"
    assert kept(MovieFilter(without=("Action",))) == "vyz"
    assert kept(MovieFilter(genres=("Action",), without=("Drama",))) == "w"
    assert kept(MovieFilter(min_ratings=2)) == "vw"
    assert kept(MovieFilter(from_year=1990)) == "vw"
    assert kept(MovieFilter(to_year=1960)) == "x"
    assert kept(MovieFilter(from_year=1954, to_year=1954)) == "x"
    assert MovieFilter().lets_all
    assert not MovieFilter(min_ratings=1).lets_all


def test_an_unknown_genre_is_said() -> None:
    with pytest.raises(ValueError, match=r"No movie has the genre 'Akshun': choose among Action, Children, Comedy"):
        MovieFilter(genres=("Akshun",)).candidates(FACTS)
    nothing = facts_of(replace(RATINGS, genres={}))
    with pytest.raises(ValueError, match="no genre of any movie is known"):
        MovieFilter(without=("Action",)).candidates(nothing)


def test_objections_are_there_exactly_where_a_movie_is_excluded() -> None:
    for choice in (
        MovieFilter(),
        MovieFilter(genres=("Comedy",), min_ratings=2),
        MovieFilter(without=("Crime", "Drama"), to_year=1990),
        MovieFilter(from_year=1994, to_year=1995),
    ):
        mask = choice.candidates(FACTS)
        assert [not choice.objections(FACTS, movie) for movie in range(5)] == mask.tolist()


def test_objections_in_words() -> None:
    choice = MovieFilter(genres=("Comedy", "Drama"), without=("Crime",), min_ratings=20, from_year=1996)
    assert choice.objections(FACTS, 1) == (
        "it is not Comedy or Drama",
        "it is Crime, which was ruled out",
        "it has 2 ratings, fewer than 20",
        "it is of 1995, before 1996",
    )
    assert MovieFilter(to_year=1990).objections(FACTS, 3) == ("its title tells no year",)
    assert MovieFilter(to_year=1990, min_ratings=2).objections(FACTS, 2) == ("it has 1 rating, fewer than 2",)


def test_the_popular_part_is_of_the_rated_movies() -> None:
    assert popular_mask(FACTS, 0.5).tolist() == [True, True, False, False, False]
    assert popular_mask(FACTS, 0.75).tolist() == [True, True, True, False, False], "of equals the first"
