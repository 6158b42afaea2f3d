"""A clip leaves no slope to scores outside of its range: a net is moved into it, other weights get a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lr_finder import find_rate
from cfgui.core.models import predict
from cfgui.core.rating_range import RatingRange
from cfgui.core.slopes import has_slope
from cfgui.core.starts import random_factors
from cfgui.core.structure import fitted, mean_of, starting_weights
from cfgui.core.trainer import Trainer
from cfgui.io.sample import sample_document

CLIP = RatingRange("clip", 1.0, 5.0)
SENTENCE = re.escape("Every score lies outside of 1 to 5, where clipping leaves no slope to follow")


@pytest.fixture
def ratings():
    return sample_document().ratings


def small(ratings, rating_range=CLIP):
    factors = random_factors(ratings.n_users, ratings.n_movies, 5, bias=False, init="normal", seed=1)
    return replace(factors, range=rating_range)


def test_only_a_clip_of_every_score_leaves_no_slope(ratings):
    pairs = ratings.users, ratings.movies
    assert not has_slope(small(ratings), *pairs)
    for kind in ("none", "sigmoid", "tanh"):
        assert has_slope(small(ratings, RatingRange(kind, 1.0, 5.0)), *pairs)
    users, movies = (np.zeros_like(table) for table in small(ratings).tables)
    users[ratings.users[-1]] = movies[ratings.movies[-1]] = 1.0  # a score of 5 for the last rating: still inside
    assert has_slope(replace(small(ratings), user_factors=users, movie_factors=movies), *pairs)


def test_training_without_a_slope_is_a_sentence(ratings):
    choices = Hyperparameters(range="clip", init="normal")
    with pytest.raises(ValueError, match=SENTENCE):
        Trainer(ratings, small(ratings), choices)
    with pytest.raises(ValueError, match=SENTENCE):
        find_rate(ratings, small(ratings), choices)


def test_als_needs_no_slope(ratings):
    trainer = Trainer(ratings, small(ratings), Hyperparameters(range="clip", optimizer="als"))
    before = trainer.rmse
    trainer.advance(2)
    assert trainer.rmse < before / 3


@pytest.mark.parametrize("init", ["sheet", "uniform", "normal", "xavier"])
def test_a_net_starts_where_its_clip_has_a_slope(ratings, init):
    choices = Hyperparameters(model="neural", range="clip", init=init)
    net = starting_weights(ratings, choices)
    plain = starting_weights(ratings, replace(choices, range="none"))
    assert has_slope(net, ratings.users, ratings.movies)
    assert (net.user_factors == plain.user_factors).all()
    assert (net.layers[-1].weights == plain.layers[-1].weights).all()


def test_a_net_moved_into_its_clip_starts_at_the_mean_rating_and_learns(ratings):
    own = starting_weights(ratings, Hyperparameters(model="neural", range="tanh"))
    net = fitted(own, ratings, Hyperparameters(model="neural", range="clip"))
    moved = predict(replace(net, range=RatingRange()), ratings.users, ratings.movies)
    assert np.mean(moved) == pytest.approx(mean_of(ratings), rel=1e-12)
    trainer = Trainer(ratings, net, Hyperparameters(model="neural", range="clip"), gradient="exact")
    trainer.advance(100)
    assert trainer.rmse < 0.75


def test_a_net_whose_clip_has_a_slope_stays_as_it_is(ratings):
    own = starting_weights(ratings, Hyperparameters(model="neural"))
    net = fitted(own, ratings, Hyperparameters(model="neural", range="clip", low=-5.0))
    assert (net.flat() == own.flat()).all()
