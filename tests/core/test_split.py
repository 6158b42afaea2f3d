"""Splits: every rating in exactly one part, the same bits from the same seed, unknown ids counted."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core.ratings import Ratings
from cfgui.core.split import (
    Split,
    SplitChoice,
    cells_of,
    cold_counts,
    given_split,
    leave_k_out,
    make_folds,
    make_split,
    random_split,
)
from tests.helpers.tables import random_table


def ratings_of(triples: dict[tuple[str, str], float]) -> Ratings:
    """A crosstab from {(user id, movie id): rating}."""
    user_ids = sorted({user for user, _ in triples})
    movie_ids = sorted({movie for _, movie in triples})
    values = np.zeros((len(user_ids), len(movie_ids)))
    for (user, movie), value in triples.items():
        values[user_ids.index(user), movie_ids.index(movie)] = value
    return Ratings.from_crosstab(user_ids, movie_ids, values, values > 0.0)


def triples_of(ratings: Ratings) -> dict[tuple[str, str], float]:
    arrays = zip(ratings.users.tolist(), ratings.movies.tolist(), ratings.values.tolist(), strict=True)
    return {(ratings.user_ids[user], ratings.movie_ids[movie]): value for user, movie, value in arrays}


def assert_parts_of(split: Split, ratings: Ratings) -> None:
    """The two parts have no cell in common, are sorted, share their ids and make up the whole."""
    for part in (split.train, split.held_out):
        assert (part.user_ids, part.movie_ids) == (ratings.user_ids, ratings.movie_ids)
        assert (np.diff(cells_of(part)) > 0).all()
        assert part.users.dtype == part.movies.dtype == np.int32
        assert part.values.dtype == ratings.values.dtype
    train, held_out = triples_of(split.train), triples_of(split.held_out)
    assert not set(train) & set(held_out)
    assert train | held_out == triples_of(ratings)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "choice",
    [
        SplitChoice("random", fraction=0.2),
        SplitChoice("leave-k-out", k=3),
        SplitChoice("folds", n_folds=7),
        SplitChoice("none"),
    ],
)
def test_both_parts_make_up_the_whole_and_repeat(choice: SplitChoice, dtype: type) -> None:
    ratings = random_table(40, 30, 501, dtype=dtype)
    split = make_split(ratings, choice)
    assert_parts_of(split, ratings)
    assert np.array_equal(cells_of(make_split(ratings, choice).held_out), cells_of(split.held_out))
    if choice.kind != "none":
        other = make_split(ratings, SplitChoice(choice.kind, choice.fraction, choice.k, choice.n_folds, seed=43))
        assert not np.array_equal(cells_of(other.held_out), cells_of(split.held_out))


def test_random_is_the_beginning_of_a_plain_permutation_of_the_rows(ratings: Ratings) -> None:
    split = random_split(ratings, 0.2, seed=7)
    rows = np.sort(np.random.default_rng(7).permutation(206)[:41])
    assert np.array_equal(split.held_out.users, ratings.users[rows])
    assert np.array_equal(split.held_out.movies, ratings.movies[rows])
    assert np.array_equal(split.held_out.values, ratings.values[rows])


def test_the_bits_of_a_seed_are_known() -> None:
    """So that a split is the same one on another machine and with another number of threads."""
    ratings = random_table(4, 5, 12, seed=1)
    cells = cells_of(ratings)
    held = [np.searchsorted(cells, cells_of(fold.held_out)).tolist() for fold in make_folds(ratings, 3, 0)]
    assert held == [[2, 4, 7, 9], [0, 3, 5, 11], [1, 6, 8, 10]]


def test_leave_k_out_leaves_k_of_each_user_who_has_more() -> None:
    ratings = ratings_of(
        {("a", str(movie)): 3.0 for movie in range(5)}
        | {("b", str(movie)): 4.0 for movie in range(2)}
        | {("c", str(movie)): 5.0 for movie in range(3)}
    )
    split = leave_k_out(ratings, 2, seed=0)
    assert split.held_out.user_counts.tolist() == [2, 0, 2]
    assert split.train.user_counts.tolist() == [3, 2, 1]
    assert split.n_kept_users == 1
    assert_parts_of(split, ratings)


def test_leave_k_out_takes_any_rating_of_a_user() -> None:
    ratings = random_table(1, 6, 6)
    found = {int(leave_k_out(ratings, 1, seed).held_out.movies[0]) for seed in range(60)}
    assert found == set(range(6))


def test_folds_hold_every_rating_out_exactly_once() -> None:
    ratings = random_table(30, 20, 302)
    folds = list(make_folds(ratings, 5, seed=3))
    assert [fold.held_out.n_ratings for fold in folds] == [61, 61, 60, 60, 60]
    for fold in folds:
        assert_parts_of(fold, ratings)
    assert sorted(np.concatenate([cells_of(fold.held_out) for fold in folds])) == cells_of(ratings).tolist()


def test_a_given_file_is_matched_by_raw_ids_and_counted() -> None:
    """Movie ids stand in another order there; user z and movie 9 are unknown; a-1 is in both tables."""
    ratings = ratings_of({("a", "1"): 3.0, ("a", "2"): 4.0, ("b", "2"): 5.0})
    given = ratings_of({("b", "1"): 2.0, ("z", "2"): 1.0, ("a", "9"): 4.5, ("a", "1"): 5.0})
    split = given_split(ratings, given)
    assert triples_of(split.train) == {("a", "2"): 4.0, ("b", "2"): 5.0}
    assert triples_of(split.held_out) == triples_of(given)
    assert (split.n_new_users, split.n_new_movies, split.n_moved) == (1, 1, 1)
    assert split.train.user_ids == split.held_out.user_ids == ("a", "b", "z")
    assert split.train.movie_ids == ("1", "2", "9")
    # b-1: nobody else rated movie 1 in training; z-2: unknown user; a-9: unknown movie; a-1: movie 1 again.
    cold = dict(zip(triples_of(split.held_out), split.cold.tolist(), strict=True))
    assert cold == {("a", "1"): True, ("a", "9"): True, ("b", "1"): True, ("z", "2"): True}
    assert (split.n_cold_users, split.n_cold_movies) == (1, 2)
    assert cold_counts([split]) == (4, 1, 2)
    assert cold_counts([split, split]) == (8, 2, 4)
    assert split.n_held_out_users == 3


def test_a_given_file_brings_its_titles_and_leaves_out_who_rates_nothing() -> None:
    ratings = ratings_of({("a", "1"): 3.0})
    given = Ratings(("q", "a"), ("7", "8"), *_arrays([(1, 1, 2.0)]), {"8": "Eight", "1": "Other"})
    split = given_split(Ratings(("a",), ("1",), *_arrays([(0, 0, 3.0)]), {"1": "One"}), given)
    assert split.train.user_ids == ("a",)
    assert split.train.movie_ids == ("1", "8")
    assert split.train.titles == {"1": "One", "8": "Eight"}
    assert split.train.n_ratings == ratings.n_ratings


def _arrays(triples: list[tuple[int, int, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    users, movies, values = zip(*triples, strict=True)
    return np.array(users, dtype=np.int32), np.array(movies, dtype=np.int32), np.array(values)


def test_cold_is_what_has_no_rating_to_learn_from(small: tuple[Ratings, object]) -> None:
    ratings, _ = small  # user d rated movie z alone
    assert ratings.rating(3, 2) == 2.5
    (split,) = (it for it in make_folds(ratings, ratings.n_ratings, 0) if it.is_held_out(3, 2))
    assert split.cold_users.tolist() == [True]
    assert split.cold_movies.tolist() == [False]
    assert split.cold.tolist() == [True]
    assert not split.is_held_out(0, 0)
    assert not split.is_held_out(2, 1)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"kind": "half"}, "must be one of none, random"),
        ({"fraction": 0.0}, "between 0 and 1, not 0"),
        ({"fraction": 1.0}, "between 0 and 1, not 1"),
        ({"k": 0}, "At least one rating of each user"),
        ({"n_folds": 1}, "at least two folds"),
        ({"seed": -1}, "seed must be 0 or more"),
    ],
)
def test_choices_that_cannot_be_are_sentences(choice: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SplitChoice(**choice)


def test_parts_that_would_be_empty_are_sentences() -> None:
    ratings = random_table(2, 2, 3)
    with pytest.raises(ValueError, match=r"3 ratings cannot be split with a share of 0\.1 held out"):
        random_split(ratings, 0.1, 0)
    with pytest.raises(ValueError, match="3 ratings cannot be split into 4 folds"):
        next(make_folds(ratings, 4, 0))
    with pytest.raises(ValueError, match="No user has more than 2 ratings"):
        leave_k_out(ratings, 2, 0)
    with pytest.raises(ValueError, match="none is left to learn from"):
        given_split(ratings, ratings)
    with pytest.raises(ValueError, match="holds no rating"):
        given_split(ratings, make_split(ratings, SplitChoice("none")).held_out)
    with pytest.raises(ValueError, match="are missing"):
        make_split(ratings, SplitChoice("file"))
