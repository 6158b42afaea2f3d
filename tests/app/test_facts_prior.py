"""A new movie's fold-in begins from its genres and year: normal equations written plainly around what they say."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.edits import SetRatings
from cfgui.app.folding import FoldIn, Following
from cfgui.app.new_movie import NewMovieQuestion, answer_of, new_movie_model
from cfgui.app.reading import reading_of
from cfgui.app.row_edits import AddMovie
from cfgui.app.session import Session
from cfgui.core import models
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.prior import NOISE
from cfgui.core.ratings import Ratings
from tests.app.test_folding import apply

N_USERS, N_MOVIES = 30, 120


@pytest.fixture
def told() -> Session:
    """A table whose movie factors are linear in the genres, but for a little noise."""
    rng = np.random.default_rng(8)
    kinds = [tuple(genre for genre in "ABC" if rng.random() < 0.5) for _ in range(N_MOVIES)]
    has = np.array([[genre in own for genre in "ABC"] for own in kinds], dtype=float)
    movies = 0.7 + has @ rng.normal(size=(3, 2)) + rng.normal(0, 0.05, (N_MOVIES, 2))
    users, biases = rng.normal(1, 0.4, (N_USERS, 2)), (rng.normal(0, 0.2, N_USERS), rng.normal(0, 0.1, N_MOVIES))
    factors = {"dot": Factors(users, movies), "bias": Factors(users, movies, *biases)}
    ids = tuple(str(movie) for movie in range(N_MOVIES))
    pairs = np.indices((N_USERS, N_MOVIES)).reshape(2, -1).astype(np.int32)
    pairs = pairs[:, rng.random(pairs.shape[1]) < 0.4]
    values = np.clip(models.predict(factors["bias"], *pairs) + rng.normal(0, 0.3, pairs.shape[1]), 0.5, 5)
    titles = {raw_id: f"Film {raw_id} ({1960 + int(raw_id) % 50})" for raw_id in ids}
    genres = {raw_id: "|".join(own) for raw_id, own in zip(ids, kinds, strict=True)}
    names = tuple(f"u{user}" for user in range(N_USERS))
    ratings = Ratings(names, ids, *pairs, values.astype(np.float32), titles, genres)
    session = Session(Document(ratings, factors, active="bias"), Hyperparameters(), name="told")
    session.activate("bias")
    return session


def row(session: Session, movie: int, model: str = "bias") -> np.ndarray:
    factors = session.sheet(model).factors
    bias = [] if factors.movie_bias is None else [factors.movie_bias[movie]]
    return np.append(factors.movie_factors[movie], bias)


@pytest.mark.parametrize("memory", ["one", "fresh"])
def test_ratings_move_a_new_movie_away_from_what_its_genres_say(told: Session, memory: str) -> None:
    following = Following() if memory == "one" else None
    noise = NOISE * models.mse(told.sheet("bias").factors, told.ratings)
    answer = answer_of(new_movie_model(reading_of(told), {}, {}), NewMovieQuestion("New (1990)", ("A", "C")))
    assert answer.model.metadata.helps
    apply(told, AddMovie("n", "New (1990)", "A|C", {}, {"bias": answer.weights}), following)
    assert np.array_equal(row(told, N_MOVIES), answer.weights)
    rated = {3: 4.5, 11: 1.0}
    for user, value in rated.items():
        apply(told, SetRatings({(user, N_MOVIES): value}), following)
    factors, covariance = told.sheet("bias").factors, answer.model.metadata.covariance
    assert covariance is not None
    places = list(rated)
    features = np.column_stack([factors.user_factors[places], np.ones(2)])
    rest = np.array(list(rated.values())) - factors.user_bias[places] - factors.global_mean
    precision = np.linalg.inv(covariance)
    expected = np.linalg.solve(
        features.T @ features / noise + precision, features.T @ rest / noise + precision @ answer.weights
    )
    assert row(told, N_MOVIES) == pytest.approx(expected, abs=1e-8)
    assert row(told, N_MOVIES, "dot") != pytest.approx(told.sheet("dot").factors.movie_factors[:-1].mean(axis=0))
    apply(told, SetRatings(dict.fromkeys([(user, N_MOVIES) for user in rated], None)), following)
    assert row(told, N_MOVIES) == pytest.approx(answer.weights, abs=1e-12)


def test_a_movie_of_which_nothing_is_known_begins_from_the_mean(told: Session) -> None:
    following = Following()
    apply(told, AddMovie("n"), following)
    apply(told, SetRatings({(0, N_MOVIES): 5.0}), following)
    assert not np.allclose(row(told, N_MOVIES), row(told, N_MOVIES - 1))
    apply(told, SetRatings({(0, N_MOVIES): None}), following)
    mean = np.append(*(part[:-1].mean(axis=0) for part in _movie_parts(told)))
    assert row(told, N_MOVIES) == pytest.approx(mean, abs=1e-12)


def test_the_command_takes_genres_into_account(told: Session) -> None:
    """Folded in again by hand, a new movie gets the very vector that it had by following."""
    following = Following()
    apply(told, AddMovie("n", "New (1990)", "B"), following)
    apply(told, SetRatings({(5, N_MOVIES): 2.0}), following)
    followed = row(told, N_MOVIES)
    apply(told, FoldIn("bias", "movie", ("n",)))
    assert row(told, N_MOVIES) == pytest.approx(followed, abs=1e-12)


def _movie_parts(session: Session) -> tuple[np.ndarray, np.ndarray]:
    factors = session.sheet("bias").factors
    assert factors.movie_bias is not None
    return factors.movie_factors, factors.movie_bias
