"""Structure: what the choices make of a model, and that numbers stay where they fit."""

import math

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.structure import (
    MAX_CLASSES,
    choices_of,
    classes_of,
    complete,
    factor_counts,
    fastai_factors,
    fitted,
    hidden_of,
    mean_of,
    range_of,
    starting_weights,
)
from cfgui.core.trainer import Trainer


def nothing_rated():
    return Ratings.from_crosstab(["a"], ["x"], np.zeros((1, 1)), np.zeros((1, 1), dtype=bool))


@pytest.mark.parametrize(("n", "size"), [(1, 2), (15, 7), (671, 61), (9066, 263), (944, 74), (1665, 102), (10**6, 600)])
def test_fastai_s_rule(n, size):
    """The book's own table of MovieLens 100k, with one more row for what is unknown, is (944, 74) and (1665, 102)."""
    assert fastai_factors(n) == size == min(600, round(1.6 * n**0.56))


def test_factors_by_choice_and_by_rule(ratings):
    assert factor_counts(ratings, Hyperparameters(n_factors=3)) == (3, 3)
    unequal = Hyperparameters(model="neural", n_factors=3, n_movie_factors=8)
    assert factor_counts(ratings, unequal) == (3, 8)
    assert factor_counts(ratings, Hyperparameters(model="neural", factor_rule="fastai")) == (7, 7)


def test_the_range_takes_its_ends_from_the_ratings_where_none_are_given():
    assert range_of(Hyperparameters(range="none", low=0.0, high=5.5), (1.0, 5.0)) == NO_RANGE
    assert range_of(Hyperparameters(range="tanh"), (1.0, 5.0)) == RatingRange("tanh", 1.0, 5.0)
    assert range_of(Hyperparameters(range="sigmoid", high=5.5), (0.5, 5.0)) == RatingRange("sigmoid", 0.5, 5.5)
    with pytest.raises(ValueError, match="low end 6 is not below its high end 5"):
        range_of(Hyperparameters(range="clip", low=6.0), (1.0, 5.0))
    with pytest.raises(ValueError, match="must rise"):
        range_of(Hyperparameters(range="clip"), (3.0, 3.0))


def test_classes_are_the_rating_values(ratings):
    assert classes_of(ratings.values) == (1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
    many = classes_of(np.linspace(0.0, 10.0, 5000))
    assert len(many) == MAX_CLASSES
    assert (many[0], many[-1]) == (0.0, 10.0)


def test_the_mean_is_that_of_the_ratings(ratings):
    assert mean_of(ratings) == pytest.approx(math.fsum(ratings.values) / 206)
    assert mean_of(nothing_rated()) == 0.0


@pytest.mark.parametrize("model", MODELS)
def test_every_model_starts_from_its_seed(ratings, model):
    choices = Hyperparameters(model=model, n_factors=4, range="sigmoid", hidden="6,3", global_mean="on", init="xavier")
    start = starting_weights(ratings, choices)
    assert start.equals(starting_weights(ratings, choices))
    assert not np.array_equal(
        start.flat(), starting_weights(ratings, Hyperparameters(**vars(choices) | {"seed": 1})).flat()
    )
    assert start.model == model
    assert (start.n_users, start.n_movies, start.n_factors) == (15, 15, 4)
    assert start.range == (NO_RANGE if model == "ordinal" else RatingRange("sigmoid", 1.0, 5.0))
    assert (start.global_mean != 0.0) == (model == "bias")
    assert hidden_of(start) == ((6, 3) if MODELS[model].net else ())
    assert not any(table.flags.writeable for table in start.tables)


def test_the_starts_of_a_net(ratings):
    for init, reach in (("xavier", math.sqrt(6.0 / 20)), ("uniform", 1.0), ("normal", 0.06)):
        net = starting_weights(ratings, Hyperparameters(model="neural", init=init))
        assert np.abs(net.user_factors).max() <= reach
        assert (net.user_factors.min() >= 0.0) == (init == "uniform")
        assert np.abs(net.layers[0].weights).max() <= math.sqrt(6.0 / 20)
        assert not net.layers[0].bias.any()
    sheet = starting_weights(ratings, Hyperparameters(model="neural", init="sheet"))
    assert sheet.equals(starting_weights(ratings, Hyperparameters(model="neural", init="xavier")))


def test_an_ordinal_net_has_an_output_for_every_rating_value(ratings):
    net = starting_weights(ratings, Hyperparameters(model="ordinal", hidden=""))
    assert net.classes == classes_of(ratings.values)
    assert [layer.weights.shape for layer in net.layers] == [(10, 8)]


@pytest.mark.parametrize("model", MODELS)
def test_more_factors_change_no_prediction(ratings, model):
    start = starting_weights(ratings, Hyperparameters(model=model, init="xavier", seed=4))
    before = models.predict_all(start)
    wider = fitted(start, ratings, Hyperparameters(model=model, n_factors=9))
    assert (wider.n_factors, wider.n_movie_factors) == (9, 9)
    np.testing.assert_allclose(models.predict_all(wider), before, rtol=0.0, atol=1e-13)
    again = fitted(wider, ratings, Hyperparameters(model=model, n_factors=5))
    np.testing.assert_allclose(models.predict_all(again), before, rtol=0.0, atol=1e-13)
    assert again.equals(start)


def test_an_added_factor_of_a_net_can_learn(ratings):
    from cfgui.core.network_gradients import network_gradient

    net = starting_weights(ratings, Hyperparameters(model="neural", init="xavier"))
    wide = net.with_n_factors(7, seed=1, n_movie_factors=6)
    slopes = wide.view_of(network_gradient(wide, ratings.users, ratings.movies, ratings.values))
    assert slopes.layers[0].weights[5:7].any()
    assert slopes.layers[0].weights[12].any()


def test_other_hidden_layers_start_anew_and_the_embeddings_stay(ratings):
    start = starting_weights(ratings, Hyperparameters(model="neural"))
    other = fitted(start, ratings, Hyperparameters(model="neural", hidden="100,50"))
    assert hidden_of(other) == (100, 50)
    assert np.array_equal(other.user_factors, start.user_factors)
    assert other.equals(fitted(start, ratings, Hyperparameters(model="neural", hidden="100,50")))
    assert fitted(start, ratings, Hyperparameters(model="neural")).equals(start)
    ordinal = starting_weights(ratings, Hyperparameters(model="ordinal"))
    assert fitted(ordinal, ratings, Hyperparameters(model="ordinal", hidden="3")).layers[-1].weights.shape == (3, 8)


def test_range_and_mean_follow_the_choices(ratings, bias):
    book = fitted(bias, ratings, Hyperparameters(model="bias", range="sigmoid", low=0.0, high=5.5, global_mean="on"))
    assert book.range == RatingRange("sigmoid", 0.0, 5.5)
    assert book.global_mean == mean_of(ratings)
    assert np.array_equal(book.flat(), bias.flat())
    assert fitted(book, ratings, Hyperparameters(model="bias")).equals(bias)


@pytest.mark.parametrize(
    "choices",
    [
        Hyperparameters(n_factors=3),
        Hyperparameters(model="bias", global_mean="on", range="tanh", low=1.0, high=5.0),
        Hyperparameters(model="neural", n_factors=3, n_movie_factors=6, hidden="8,4", range="clip"),
        Hyperparameters(model="ordinal", hidden=""),
    ],
    ids=["dot", "bias", "neural", "ordinal"],
)
def test_weights_say_what_was_chosen(ratings, choices):
    start = starting_weights(ratings, choices)
    said = Hyperparameters(**choices_of(start))
    assert starting_weights(ratings, said).same_shape(start)
    assert fitted(start, ratings, said).equals(start)


def test_what_is_missing_is_added_and_what_is_there_stays(ratings, dot, bias):
    whole = complete({"dot": dot, "bias": bias}, ratings)
    assert list(whole) == list(MODELS)
    assert whole["dot"] is dot
    assert [factors.model for factors in whole.values()] == list(MODELS)
    assert complete(whole, ratings) == whole


def test_nothing_rated_has_a_model_all_the_same():
    for model in MODELS:
        start = starting_weights(nothing_rated(), Hyperparameters(model=model))
        assert models.predict_all(start).shape == (1, 1)


def test_the_score_of_a_net_without_a_range_starts_at_the_mean_so_that_its_units_live(ratings):
    choices = Hyperparameters(model="neural")
    net = starting_weights(ratings, choices)
    assert net.layers[-1].bias.tolist() == [mean_of(ratings)]
    assert fitted(net, ratings, Hyperparameters(model="neural", hidden="7")).layers[-1].bias.tolist() == [
        mean_of(ratings)
    ]
    assert starting_weights(ratings, Hyperparameters(model="neural", range="tanh")).layers[-1].bias.tolist() == [0.0]
    trainer = Trainer(ratings, net, choices, gradient="exact")
    for _ in range(300):
        trainer.advance()
    # From an output bias of 0 the same steps end at 0.81, with eight of the ten units at 0 for every rating.
    assert trainer.rmse == pytest.approx(0.5245, abs=1e-3)
    ends = trainer.factors
    pairs = np.hstack([ends.user_factors[ratings.users], ends.movie_factors[ratings.movies]])
    assert (pairs @ ends.layers[0].weights + ends.layers[0].bias > 0.0).any(axis=0).all()
