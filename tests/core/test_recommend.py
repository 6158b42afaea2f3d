"""Recommendations: the answer of a full sort, whatever the weights."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfgui.core import recommend as module
from cfgui.core import recommend_many
from cfgui.core.factors import Factors, Layer
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import predict
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.recommend import recommend
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights


def ratings_of(n_users: int, n_movies: int, density: float, seed: int) -> Ratings:
    rng = np.random.default_rng(seed)
    rated = rng.random((n_users, n_movies)) < density
    names = [str(i) for i in range(max(n_users, n_movies))]
    return Ratings.from_crosstab(names[:n_users], names[:n_movies], np.full(rated.shape, 3.0), rated)


def by_full_sort(
    factors: Factors, ratings: Ratings, users: np.ndarray, n: int, candidates: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The same, one user after another, by sorting every unseen movie."""
    movies, predictions = np.full((len(users), n), -1), np.full((len(users), n), np.nan)
    allowed = range(factors.n_movies) if candidates is None else np.flatnonzero(candidates).tolist()
    for row, user in enumerate(users):
        seen = set(ratings.movies[ratings.users == user].tolist())
        unseen = [movie for movie in allowed if movie not in seen]
        with np.errstate(all="ignore"):
            values = predict(factors, np.full(len(unseen), user), np.array(unseen, dtype=np.int32)).tolist()
        keys = [(math.isnan(v), 0.0 if math.isnan(v) else -v, m) for v, m in zip(values, unseen, strict=True)]
        for rank, place in enumerate(sorted(range(len(unseen)), key=lambda i: keys[i])[:n]):
            movies[row, rank], predictions[row, rank] = unseen[place], values[place]
    return movies, predictions


@contextmanager
def searched_as_many(*, are_many: bool) -> Iterator[None]:
    """Have the plain models searched by the compiled loops, however small they are, or never."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recommend_many, "MANY_FROM", 0 if are_many else 10**18)
        yield


def assert_same(
    factors: Factors, ratings: Ratings, users: np.ndarray, n: int, candidates: np.ndarray | None = None
) -> None:
    expected_movies, expected = by_full_sort(factors, ratings, users, n, candidates)
    for are_many in (False, True):
        with searched_as_many(are_many=are_many):
            movies, predictions = recommend(factors, ratings, users, n, candidates=candidates)
        assert movies.dtype == np.int32
        assert movies.tolist() == expected_movies.tolist()
        np.testing.assert_array_equal(predictions, expected)


def test_by_hand() -> None:
    """User 0 predicts 1, 4, 4, 2, 0 and has seen movie 3; user 1 predicts 0.5, 2, 2, 1, 0 and has seen all but 4."""
    rated = np.array([[0, 0, 0, 1, 0], [1, 1, 1, 1, 0]], dtype=bool)
    ratings = Ratings.from_crosstab("ab", "vwxyz", np.ones((2, 5)), rated)
    factors = Factors(np.array([[1.0], [0.5]]), np.array([[1.0], [4.0], [4.0], [2.0], [0.0]]))
    movies, predictions = recommend(factors, ratings, np.array([1, 0], dtype=np.int32), 3)
    assert movies.tolist() == [[4, -1, -1], [1, 2, 0]]
    assert predictions[1].tolist() == [4.0, 4.0, 1.0]
    assert predictions[0, 0] == 0.0
    assert np.isnan(predictions[0, 1:]).all()


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("n", [1, 7, 400, 500])
def test_the_answer_is_that_of_a_full_sort(bias: bool, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_CELLS", 400 * 3)  # chunks of three users, the last one of one
    ratings = ratings_of(10, 400, 0.2, seed=3)
    factors = random_factors(10, 400, 12, bias=bias, init="normal", seed=5)
    assert_same(factors, ratings, np.array([9, 0, 3, 3, 1, 2, 7], dtype=np.int32), n)


def test_predictions_closer_than_float32_can_tell_are_still_in_order() -> None:
    """Movies differ by 1e-12 in their factor: float32 sees one number only."""
    ratings = ratings_of(3, 200, 0.1, seed=1)
    steps = np.random.default_rng(2).permutation(200) * 1e-12
    factors = Factors(np.array([[1.0, 0.5], [3.0, 0.0], [-2.0, 1.0]]), np.stack([1.0 + steps, np.ones(200)], axis=1))
    assert_same(factors, ratings, np.arange(3, dtype=np.int32), 10)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-300, 1e-42, 1e-20, 1.0, 1e6, 1e29, 1e45, 1e200]),
    st.sampled_from([1e-300, 1e-42, 1e-20, 1.0, 1e6, 1e29, 1e45, 1e200]),
    st.sampled_from([0.0, 1e-20, 1.0, 1e9, 1e40]),
    st.integers(1, 40),
)
def test_no_scale_of_weights_changes_the_answer(
    seed: int, user_scale: float, movie_scale: float, bias_scale: float, n: int
) -> None:
    rng = np.random.default_rng(seed)
    factors = Factors(
        rng.integers(-3, 4, (4, 3)) * user_scale,
        rng.normal(size=(35, 3)).round(1) * movie_scale,
        rng.normal(size=4) * bias_scale,
        rng.integers(-2, 3, 35) * bias_scale,
    )
    assert_same(factors, ratings_of(4, 35, 0.3, seed), np.arange(4, dtype=np.int32), n)


RANGES = st.one_of(
    st.tuples(st.sampled_from(["clip", "sigmoid", "tanh"]), st.sampled_from([(1.0, 5.0), (0.0, 5.5), (-1e6, 1e6)])),
    st.just(("sigmoid", (999_999.0, 999_999.0 + 1e-4))),
).map(lambda it: RatingRange(it[0], *it[1]))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-20, 1e-8, 0.1, 1.0, 5.0, 30.0, 1e3, 1e29, 1e200]),
    rating_range=RANGES,
    mean=st.sampled_from([0.0, 3.5, -1e4]),
    bias=st.sampled_from([None, 0.0, 1.0, 1e9]),
    n=st.integers(1, 40),
)
def test_no_range_changes_the_answer(
    seed: int, scale: float, rating_range: RatingRange, mean: float, bias: float | None, n: int
) -> None:
    """Where a range is flat, at its ends, many predictions are equal, and the movie with the smaller index is first."""
    rng = np.random.default_rng(seed)
    users, movies = rng.normal(size=(4, 3)) * scale, rng.normal(size=(35, 3)).round(1)
    biases = (None, None) if bias is None else (rng.normal(size=4) * bias, rng.normal(size=35).round(1) * bias)
    factors = Factors(users, movies, *biases, range=rating_range, global_mean=0.0 if bias is None else mean)
    assert_same(factors, ratings_of(4, 35, 0.3, seed), np.arange(4, dtype=np.int32), n)


def test_a_clipped_range_by_hand() -> None:
    """Scores 2, 9, 3, 7: clipped to 1 to 5 the second and the fourth are equal."""
    factors = Factors(np.array([[1.0]]), np.array([[2.0], [9.0], [3.0], [7.0]]), range=RatingRange("clip", 1.0, 5.0))
    movies, predictions = recommend(factors, ratings_of(1, 4, 0.0, seed=0), np.zeros(1, dtype=np.int32), 3)
    assert (movies.tolist(), predictions.tolist()) == ([[1, 3, 2]], [[5.0, 5.0, 3.0]])


@pytest.mark.parametrize("model", ["neural", "ordinal"])
@pytest.mark.parametrize("n", [1, 7, 90, 120])
def test_a_net_gives_the_answer_of_a_full_sort(model: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_CELLS", 90 * 6)
    ratings = ratings_of(12, 90, 0.3, seed=4)
    choices = Hyperparameters(
        model=model, n_factors=4, n_movie_factors=6, hidden="8,5", range="tanh", low=0.0, high=5.5
    )
    factors = starting_weights(ratings, choices)
    if model == "ordinal":
        outputs = Layer(np.random.default_rng(1).normal(size=(5, 3)), np.zeros(3))
        factors = replace(factors, layers=(*factors.layers[:-1], outputs), classes=(1.0, 2.0, 5.0))
    users = np.array([11, 0, 3, 3, 7], dtype=np.int32)
    movies, predictions = recommend(factors, ratings, users, n)
    expected_movies, expected = by_full_sort(factors, ratings, users, n)
    np.testing.assert_allclose(predictions, expected, rtol=0, atol=1e-13)
    assert movies.tolist() == expected_movies.tolist(), "no two predictions are so close that rounding could decide"


def test_what_is_no_number_comes_last_in_a_net_too() -> None:
    layers = (Layer(np.array([[0.0], [1.0]]), np.zeros(1)),)
    factors = Factors(np.ones((1, 1)), np.array([[1.0], [np.nan], [np.inf], [2.0]]), layers=layers)
    movies, predictions = recommend(factors, ratings_of(1, 4, 0.0, seed=0), np.zeros(1, dtype=np.int32), 4)
    assert movies.tolist() == [[2, 3, 0, 1]]
    np.testing.assert_array_equal(predictions[0], [np.inf, 2.0, 1.0, np.nan])


def test_what_is_no_number_comes_last() -> None:
    ratings = ratings_of(2, 4, 0.0, seed=0)
    factors = Factors(np.array([[1.0], [np.nan]]), np.array([[1.0], [np.nan], [np.inf], [2.0]]))
    movies, predictions = recommend(factors, ratings, np.arange(2, dtype=np.int32), 4)
    assert movies.tolist() == [[2, 3, 0, 1], [0, 1, 2, 3]]
    np.testing.assert_array_equal(predictions[0], [np.inf, 2.0, 1.0, np.nan])
    assert_same(factors, ratings, np.arange(2, dtype=np.int32), 2)


def test_rated_movies_never_come_back() -> None:
    ratings = ratings_of(30, 50, 0.6, seed=8)
    factors = random_factors(30, 50, 4, bias=True, seed=1)
    movies, _ = recommend(factors, ratings, np.arange(30, dtype=np.int32), 50)
    for user in range(30):
        found = movies[user][movies[user] >= 0].tolist()
        assert sorted(found) == [movie for movie in range(50) if ratings.rating(user, movie) is None]


def test_report_tells_of_every_chunk_and_may_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_CELLS", 20)
    ratings, factors = ratings_of(5, 10, 0.1, seed=0), random_factors(5, 10, 2, bias=False)
    told: list[int] = []
    recommend(factors, ratings, np.arange(5, dtype=np.int32), 2, report=told.append)
    assert told == [2, 4, 5]

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recommend(factors, ratings, np.arange(5, dtype=np.int32), 2, report=stop)


def test_no_users_and_no_count() -> None:
    ratings, factors = ratings_of(2, 3, 0.5, seed=0), random_factors(2, 3, 2, bias=False)
    movies, predictions = recommend(factors, ratings, np.zeros(0, dtype=np.int32), 4)
    assert movies.shape == predictions.shape == (0, 4)
    with pytest.raises(ValueError, match="At least one"):
        recommend(factors, ratings, np.arange(2, dtype=np.int32), 0)


@pytest.mark.parametrize("model", ["dot", "bias", "neural"])
def test_only_candidates_are_recommended(model: str) -> None:
    ratings = ratings_of(9, 300, 0.2, seed=6)
    factors = starting_weights(ratings, Hyperparameters(model=model, n_factors=4, hidden="5", init="normal"))
    users = np.array([8, 0, 4, 4], dtype=np.int32)
    for share in (0.0, 0.01, 0.3, 1.0):
        candidates = np.random.default_rng(1).random(300) < share
        if model != "neural":
            assert_same(factors, ratings, users, 7, candidates)
        movies, predictions = recommend(factors, ratings, users, 7, candidates=candidates)
        expected_movies, expected = by_full_sort(factors, ratings, users, 7, candidates)
        assert movies.tolist() == expected_movies.tolist()
        np.testing.assert_allclose(predictions, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("n", [1, 10, 700])
def test_many_users_get_the_same_on_any_number_of_threads(n: int) -> None:
    """More users than go at once, more movies than a tile; what a user has seen lies in every tile."""
    ratings = ratings_of(600, 5000, 0.05, seed=11)
    factors = random_factors(600, 5000, 9, bias=True, init="normal", seed=2)
    users = np.random.default_rng(3).permutation(600).astype(np.int32)
    search = recommend_many.ManySearch(factors, ratings, np.arange(5000, dtype=np.int32))
    with searched_as_many(are_many=False):
        movies, predictions = recommend(factors, ratings, users, n)
    for n_threads in (1, 2):
        starts, parts = zip(*search.all_best(users, n, n_threads), strict=True)
        assert list(starts) == [0, 252, 504]
        np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), movies)
        np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), predictions)


def test_a_user_with_more_equal_predictions_than_there_is_room_for() -> None:
    """Clipped to 5, hundreds of movies are equal: the smallest indices win."""
    ratings = ratings_of(3, 4000, 0.1, seed=5)
    movies = np.random.default_rng(4).normal(5.0, 1.0, (4000, 1))
    factors = Factors(np.array([[1.0], [0.5], [0.0]]), movies, range=RatingRange("clip", 1.0, 5.0))
    assert_same(factors, ratings, np.arange(3, dtype=np.int32), 10)


def test_leaving_early_ends_the_threads() -> None:
    ratings, factors = ratings_of(900, 300, 0.1, seed=0), random_factors(900, 300, 3, bias=False)
    with searched_as_many(are_many=True):
        parts = module.recommend_in_chunks(factors, ratings, np.arange(900, dtype=np.int32), 2)
        assert next(parts).start == 0
        parts.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("recommend")]
