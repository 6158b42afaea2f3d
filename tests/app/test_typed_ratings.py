"""Lines of movies and ratings as people paste them."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.finding import Finder
from cfgui.app.typed_ratings import movie_named, read_ratings
from cfgui.core.ratings import Ratings

TITLES = {
    "1": "Toy Story (1995)",
    "2": "Toy Story 2 (1999)",
    "27": "Silence of the Lambs, The (1991)",
    "9": "Hamlet (1990)",
    "10": "Hamlet (1996)",
    "11": "Seven (1995)",
}


@pytest.fixture
def table() -> Ratings:
    values = np.ones((1, 6))
    return Ratings.from_crosstab(["u"], list(TITLES), values, values > 0, TITLES)


@pytest.mark.parametrize(
    ("text", "raw_id"),
    [
        ("27", "27"),
        ("Toy Story (1995)", "1"),
        ("toy story", "1"),  # the whole title without the year, though another begins with it
        ("silence lambs", "27"),
        ("Hamlet", None),  # two movies
        ("Hamlet (1996)", "10"),
        ("Solaris", None),
        ("7", None),
        ("movie 9", "9"),
    ],
)
def test_a_movie_is_named_by_id_title_or_words(table: Ratings, text: str, raw_id: str | None) -> None:
    assert movie_named(text, table, Finder(table)) == raw_id


def test_lines_of_every_kind(table: Ratings) -> None:
    text = "\n".join(
        [
            "Toy Story (1995)\t4,5",
            "27, 3.5",
            "Silence of the Lambs, The (1991),2",
            "",
            "Seven = 5",
            "10;1",
            "Solaris, 4",
            "Hamlet\t3",
            "no rating here",
            "11\tgood",
        ]
    )
    typed = read_ratings(text, table, Finder(table))
    assert typed.found == {"1": 4.5, "27": 2.0, "11": 5.0, "10": 1.0}
    assert list(typed.found) == ["1", "27", "11", "10"]  # the last line about a movie counts
    assert typed.unknown == ("Solaris", "Hamlet")
    assert typed.unread == ("no rating here", "11\tgood")
    assert typed.sentence == (
        "4 ratings taken; 2 movies are not in the table by that id or whole title: Solaris, Hamlet;"
        " 2 lines without a rating left out."
    )


def test_nothing_comes_of_nothing(table: Ratings) -> None:
    typed = read_ratings(" \n\n", table, Finder(table))
    assert (typed.found, typed.unknown, typed.unread) == ({}, (), ())
