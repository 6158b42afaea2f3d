"""Nets forward: outputs by hand and unit by unit, classes and probabilities, sizes as the course has them."""

import math

import numpy as np
import pytest

from cfgui.core import models, networks
from cfgui.core.factors import Factors, Layer
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.rating_range import RatingRange
from cfgui.core.structure import starting_weights
from tests.helpers.nets import CASES, CLASSES, case_id, case_model, plain_prediction, random_model, random_ratings


def test_a_net_by_hand():
    """Two hidden units: 1*2 - 1*3 + 0.5 = -0.5, cut to 0, and 2*2 + 1*3 - 3 = 4; the output is 4 * 0.5 - 1 = 1."""
    layers = (
        Layer(np.array([[1.0, 2.0], [-1.0, 1.0]]), np.array([0.5, -3.0])),
        Layer(np.array([[7.0], [0.5]]), np.array([-1.0])),
    )
    net = Factors(np.array([[2.0]]), np.array([[3.0]]), layers=layers)
    assert models.predict_all(net).tolist() == [[1.0]]
    bent = Factors(np.array([[2.0]]), np.array([[3.0]]), layers=layers, range=RatingRange("sigmoid", 0.0, 5.5))
    assert models.predict_all(bent)[0, 0] == pytest.approx(5.5 / (1.0 + math.exp(-1.0)))


def test_an_ordinal_net_by_hand():
    """Logits 0, log 2 and log 5 of the ratings 1, 2 and 4: probabilities 1/8, 2/8 and 5/8, their mean 25/8."""
    layer = Layer(np.zeros((2, 3)), np.log([1.0, 2.0, 5.0]))
    net = Factors(np.ones((1, 1)), np.ones((1, 1)), layers=(layer,), classes=(1.0, 2.0, 4.0))
    assert networks.probabilities(net, 0, 0) == pytest.approx([0.125, 0.25, 0.625])
    assert models.predict_all(net)[0, 0] == pytest.approx(25.0 / 8.0)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_predictions_equal_those_made_one_by_one(case):
    factors = case_model(case)
    users, movies, _ = random_ratings()
    expected = [plain_prediction(factors, user, movie) for user, movie in zip(users, movies, strict=True)]
    np.testing.assert_allclose(models.predict(factors, users, movies), expected, rtol=1e-13)


@pytest.mark.parametrize("case", CASES, ids=case_id)
@pytest.mark.parametrize("at_once", [1, 1000])
def test_a_block_equals_its_pairs(case, at_once, monkeypatch):
    monkeypatch.setattr(networks, "PAIRS_AT_ONCE", at_once)
    factors = case_model(case)
    users, movies = np.array([4, 0, 5], dtype=np.int32), np.array([3, 3, 1, 0], dtype=np.int32)
    block = models.predict_block(factors, users, movies)
    pairs = np.repeat(users, 4), np.tile(movies, 3)
    np.testing.assert_allclose(block.ravel(), models.predict(factors, *pairs), rtol=0.0, atol=1e-12)
    assert models.predict_all(factors).shape == (6, 5)
    assert models.predict_block(factors, users[:0], movies).shape == (0, 4)
    assert models.predict_block(factors, users, movies[:0]).shape == (3, 0)


def test_scores_bent_by_the_range_are_predictions():
    users, movies, _ = random_ratings()
    for name in ("dot", "bias", "neural"):
        factors = random_model(name, "tanh", mean=0.5 if name == "bias" else 0.0)
        bent = factors.range.apply(models.scores(factors, users, movies))
        assert np.array_equal(bent, models.predict(factors, users, movies))


def test_probabilities_are_shares_and_large_logits_do_no_harm():
    net = random_model("ordinal")
    shares = networks.probabilities(net, 2, 1)
    assert shares.shape == (4,)
    assert math.fsum(shares) == pytest.approx(1.0, rel=1e-15)
    assert (shares > 0.0).all()
    assert networks.softmax(np.array([[1e4, 0.0, -1e4]])).tolist() == [[1.0, 0.0, 0.0]]
    costs = networks.cross_entropy(np.array([[1e4, 0.0], [0.0, 0.0]]), np.array([1, 0], dtype=np.int32))
    assert costs == pytest.approx([1e4, math.log(2.0)])


def test_the_class_of_a_rating_is_the_nearest():
    values = np.array([1.0, 2.5, 3.0, 4.5, 0.5, 9.0, 1.7, 1.8, 2.75, 3.8])
    assert networks.class_places(CLASSES, values).tolist() == [0, 1, 2, 3, 0, 3, 0, 1, 1, 3]
    assert networks.class_places((3.0,), values).tolist() == [0] * 10


def test_the_first_matrix_of_weights_is_as_wide_as_both_embeddings(ratings):
    """10 x 10 with five factors each and ten hidden units; 100 x 10 with the 50 and 50 of the blog."""
    shape = starting_weights(ratings, Hyperparameters(model="neural", n_factors=5, hidden="10"))
    assert [layer.weights.shape for layer in shape.layers] == [(10, 10), (10, 1)]
    blog = starting_weights(ratings, Hyperparameters(model="neural", n_factors=50, hidden="10"))
    assert blog.layers[0].weights.shape == (100, 10)
    assert blog.n_parameters == 30 * 50 + 100 * 10 + 10 + 10 + 1
    assert blog.table_names[2:] == ("layer1.weights", "layer1.bias", "layer2.weights", "layer2.bias")
