"""Held-out users: what is predicted, against plain loops; and on real ratings, that more ratings help."""

from itertools import pairwise

import numpy as np
import pytest

from cfgui.app.cold_start_evaluation import (
    ColdStartChoice,
    evaluate_cold_start,
    held_out_users,
    measure,
)
from cfgui.app.evaluating import Length
from cfgui.app.trained_model import TrainedModel
from cfgui.core.chunks import Interrupted
from cfgui.core.document import Document
from cfgui.core.fold_in import fold_in
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.presets import PRESETS
from cfgui.core.prior import prior_of
from cfgui.core.split import rows_of
from tests.core.test_fold_in import model, ratings_of
from tests.helpers.reference import real_ratings

CHOICE = ColdStartChoice(n_users=8, min_ratings=8, given=(0, 2, 5))
ALS = Hyperparameters(model="bias", optimizer="als", als_lambda=1.0, init="normal", global_mean="on")


def planted():
    return ratings_of(model(n_users=60, n_movies=40, k=2), n=900)


def test_nobody_held_out_is_learnt_from_and_all_have_enough_ratings():
    ratings = planted()
    held = held_out_users(ratings, CHOICE)
    assert len(held) == 8
    assert (ratings.user_counts[held] >= 8).all()
    assert held.tolist() == held_out_users(ratings, CHOICE).tolist() == sorted(set(held.tolist()))


def test_the_figures_are_those_of_a_plain_loop():
    ratings, factors = planted(), model(n_users=60, n_movies=40, k=2)
    held = held_out_users(ratings, CHOICE)
    is_held = np.isin(ratings.users, held)
    train, rest = rows_of(ratings, ~is_held), rows_of(ratings, is_held)
    found = measure(TrainedModel(Document(train, {"bias": factors}, active="bias"), "planted"), rest, held, CHOICE)
    prior, low, high = prior_of(train, factors, "user"), *train.scale
    rng, squares, n = np.random.default_rng([42, 1]), np.zeros((3, 3)), 0
    for user in held:
        mine = rest.users == user
        movies, values = rest.movies[mine], rest.values[mine]
        order = rng.permutation(len(movies))
        asked = order[5:]
        n += len(asked)
        for place, given in enumerate((0, 2, 5)):
            row = fold_in(prior, movies[order[:given]], values[order[:given]])
            guessed = factors.movie_factors[movies[asked]] @ row.vector + factors.movie_bias[movies[asked]] + 3.4
            means = [train.values[train.movies == movie].mean() for movie in movies[asked]]
            for which, predictions in enumerate((guessed + row.bias, means)):
                squares[which, place] += np.square(values[asked] - np.clip(predictions, low, high)).sum()
    assert found.n_ratings == n
    np.testing.assert_allclose(found.mse["fold-in"], squares[0] / n)
    np.testing.assert_allclose(found.mse["item mean"], squares[1] / n)
    np.testing.assert_allclose(found.mse["mean"], squares[0, [0, 0, 0]] / n)
    assert list(found.sd) == sorted(found.sd, reverse=True)


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    document = Document(planted(), {}, active="bias")
    one, again = (evaluate_cold_start(document, ALS, Length(steps=10), CHOICE) for _ in range(2))
    other = evaluate_cold_start(
        document, ALS, Length(steps=10), ColdStartChoice(n_users=8, min_ratings=8, given=(0, 2, 5), seed=1)
    )
    assert one.mse == again.mse
    assert one.mse != other.mse


def test_movies_that_only_held_out_users_rated_are_counted_and_have_the_mean_movie():
    ratings = planted()
    held = held_out_users(ratings, CHOICE)
    own = ~np.isin(ratings.users, held) & (ratings.movies < 3)
    found = evaluate_cold_start(Document(rows_of(ratings, ~own), {}, active="bias"), ALS, Length(steps=10), CHOICE)
    assert found.n_unknown > 0
    assert all(np.isfinite(figures).all() for figures in found.mse.values())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n_users": 0}, "At least one user"),
        ({"given": (5, 0)}, "must rise"),
        ({"given": (0, 30)}, "none left to predict"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(wrong, words):
    with pytest.raises(ValueError, match=words):
        ColdStartChoice(**wrong)


def test_too_few_ratings_or_users_are_said_to_be_so():
    ratings = planted()
    with pytest.raises(ValueError, match="Nobody has 300 ratings"):
        held_out_users(ratings, ColdStartChoice(min_ratings=300))
    with pytest.raises(ValueError, match="nobody to learn from"):
        held_out_users(ratings, ColdStartChoice(min_ratings=2, given=(0, 1)))


def test_a_wish_to_stop_ends_it():
    with pytest.raises(Interrupted):
        evaluate_cold_start(Document(planted(), {}, active="bias"), ALS, Length(steps=3), CHOICE, stop=lambda: True)


@pytest.mark.parametrize("preset", ["best-sgd", "best-bayesian"])
def test_on_real_ratings_the_error_falls_with_every_few_ratings_and_beats_the_mean_vector(preset):
    choices = PRESETS[preset]
    given = {**choices.complete, "n_factors": 20 if preset == "best-sgd" else 10}
    document = Document(real_ratings(), {}, active="bias")
    length = Length(epochs=15) if preset == "best-sgd" else Length(steps=60)
    found = evaluate_cold_start(document, Hyperparameters(**given), length)
    assert (found.given, found.n_users) == ((0, 5, 10, 20), 100)
    assert found.falls
    for method in ("fold-in", "bayesian"):
        assert all(after < before for before, after in pairwise(found.mse[method]))
        assert found.mse[method][3] < 0.9 * found.mse["mean"][3]
    if preset == "best-bayesian":
        assert found.n_draws > 10
        assert all(own < other for own, other in zip(found.mse["bayesian"], found.mse["fold-in"], strict=True))
