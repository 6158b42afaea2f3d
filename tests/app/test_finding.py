"""Finding users and movies of the whole table."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.finding import MAX_FOUND, Finder, Found
from cfgui.core.ratings import Ratings

TITLES = {
    "1": "Toy Story (1995)",
    "260": "Star Wars: Episode IV - A New Hope (1977)",
    "1196": "Star Wars: Episode V - The Empire Strikes Back (1980)",
    "007": "Story of\nEmpires",
    "9": "",
}


@pytest.fixture
def ratings() -> Ratings:
    """Users 1, 260 and A; the movies of ``TITLES`` and one without a title, 77."""
    movie_ids = (*TITLES, "77")
    users, movies = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)
    return Ratings(("1", "260", "A"), movie_ids, users, movies, np.ones(1), TITLES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("260", [Found("user", 1), Found("movie", 1)]),
        ("user 260", [Found("user", 1)]),
        (" Movie  260 ", [Found("movie", 1)]),
        ("007", [Found("movie", 3)]),
        ("7", []),
        ("a", [Found("user", 2)]),
        ("77", [Found("movie", 5)]),
        ("star wars", [Found("movie", 1), Found("movie", 2)]),
        ("empire star", [Found("movie", 2)]),
        ("STORY", [Found("movie", 0), Found("movie", 3)]),
        ("story of empires", [Found("movie", 3)]),
        ("1995", []),  # a number alone is an id
        ("(1995)", [Found("movie", 0)]),
        ("wars toy", []),  # words of two titles
        ("", []),
        ("   ", []),
        ("user", []),
        ("nowhere", []),
    ],
)
def test_ids_first_then_titles_with_every_word(ratings: Ratings, text: str, expected: list[Found]) -> None:
    assert Finder(ratings).find(text) == expected


def test_a_whole_id_says_so(ratings: Ratings) -> None:
    assert [match.by_id for match in Finder(ratings).find("260")] == [True, True]
    assert [match.by_id for match in Finder(ratings).find("toy")] == [False]


def test_words_name_what_was_found(ratings: Ratings) -> None:
    finder = Finder(ratings)
    assert finder.words(Found("user", 2)) == "user A"
    assert finder.words(Found("movie", 0)) == "movie 1 · Toy Story (1995)"
    assert finder.words(Found("movie", 5)) == "movie 77"


def test_one_finder_serves_edited_tables(ratings: Ratings) -> None:
    finder = Finder(ratings)
    assert finder.is_for(ratings.with_ratings({(1, 1): 3.0}))
    assert not finder.is_for(Ratings(("1",), ("1",), ratings.users, ratings.movies, ratings.values))


def test_preparing_makes_every_index(ratings: Ratings) -> None:
    finder = Finder(ratings)
    assert not finder.is_prepared
    assert finder.prepare().is_prepared


def test_a_table_without_titles_is_found_by_id() -> None:
    none = np.zeros(0, dtype=np.int32)
    finder = Finder(Ratings(("x",), ("y",), none, none, np.zeros(0)))
    assert finder.find("y") == [Found("movie", 0)]
    assert finder.find("some title") == []


def test_matches_end_at_the_limit() -> None:
    ids = tuple(str(number) for number in range(3000))
    none = np.zeros(0, dtype=np.int32)
    finder = Finder(Ratings(("u",), ids, none, none, np.zeros(0), {id_: f"Part {id_}" for id_ in ids}))
    assert [match.index for match in finder.find("part")] == list(range(MAX_FOUND))


def test_finding_agrees_with_looking_at_every_title() -> None:
    rng = np.random.default_rng(5)
    words = ["red", "blue", "the", "sea", "of", "men"]
    ids = tuple(str(number) for number in range(400))
    titles = {id_: " ".join(rng.choice(words, 3)).title() for id_ in ids}
    none = np.zeros(0, dtype=np.int32)
    finder = Finder(Ratings(("u",), ids, none, none, np.zeros(0), titles))
    for text in ("the red", "sea", "men of", "blue blue", "e s"):
        by_hand = [n for n, id_ in enumerate(ids) if all(word in titles[id_].lower() for word in text.split())]
        assert [match.index for match in finder.find(text)] == by_hand
        assert by_hand
