"""Losses: figures by hand, torch's binary cross-entropy, rises in fifty digits, and targets that make no sense."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from torch.nn import functional

from cfgui.core.losses import BinaryCrossEntropy, SquaredError, check_targets, loss_of
from cfgui.core.rating_range import NO_RANGE, RatingRange

BOOK = RatingRange("sigmoid", 0.0, 5.5)
SCORES, VALUES = np.array([-3.0, 0.0, 0.4, 9.0]), np.array([0.5, 4.0, 5.0, 1.0])


def test_squared_error_by_hand():
    plain = SquaredError(NO_RANGE)
    assert plain.of(SCORES, VALUES).tolist() == pytest.approx([12.25, 16.0, 21.16, 64.0])
    assert plain.slope(SCORES, VALUES).tolist() == pytest.approx([-7.0, -8.0, -9.2, 16.0])
    # 2.75 where the score is 0: the residual is 1.25 and the sigmoid's slope there 5.5 / 4.
    assert SquaredError(BOOK).of(SCORES, VALUES)[1] == pytest.approx(1.5625)
    assert SquaredError(BOOK).slope(SCORES, VALUES)[1] == pytest.approx(-2.0 * 1.25 * 1.375)


def test_binary_cross_entropy_by_hand():
    loss = BinaryCrossEntropy(RatingRange("sigmoid", 1.0, 5.0))
    # A rating of 5 is the target 1, of 3 one half; the score log 3 says 0.75.
    assert loss.of(np.array([math.log(3.0)]), np.array([5.0]))[0] == pytest.approx(-math.log(0.75))
    assert loss.of(np.array([0.0]), np.array([3.0]))[0] == pytest.approx(math.log(2.0))
    assert loss.slope(np.array([math.log(3.0)]), np.array([5.0]))[0] == pytest.approx(-0.25)


def test_binary_cross_entropy_is_that_of_torch():
    scores, targets = torch.tensor(SCORES, requires_grad=True), torch.tensor(VALUES) / 5.5
    made = functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
    (slopes,) = torch.autograd.grad(made.sum(), scores)
    loss = loss_of("bce", BOOK)
    np.testing.assert_allclose(loss.of(SCORES, VALUES), made.detach().numpy(), rtol=1e-13)
    np.testing.assert_allclose(loss.slope(SCORES, VALUES), slopes.numpy(), rtol=1e-12, atol=1e-15)
    assert loss.of(np.array([-1e4, 1e4]), np.array([0.0, 5.5])).tolist() == [0.0, 0.0]


def exact_cross_entropy(score: Decimal, target: Decimal) -> Decimal:
    return (1 + score.exp()).ln() - target * score


@pytest.mark.parametrize("shift", [1e-10, -1e-4, 0.01, 2.0])
def test_rises_keep_their_digits(shift):
    with localcontext() as context:
        context.prec = 50
        expected = [
            float(
                exact_cross_entropy(Decimal(s) + Decimal(shift), Decimal(v) / Decimal("5.5"))
                - exact_cross_entropy(Decimal(s), Decimal(v) / Decimal("5.5"))
            )
            for s, v in zip(SCORES.tolist(), VALUES.tolist(), strict=True)
        ]
    np.testing.assert_allclose(BinaryCrossEntropy(BOOK).rise(SCORES, VALUES, shift), expected, rtol=1e-13)


@pytest.mark.parametrize("kind", ["none", "clip", "sigmoid", "tanh"])
def test_rises_and_slopes_of_squared_errors_agree_with_their_costs(kind):
    loss = SquaredError(RatingRange(kind, 0.5, 5.0))
    for shift in (0.25, 1e-3, -2.0):
        np.testing.assert_allclose(
            loss.rise(SCORES, VALUES, shift),
            loss.of(SCORES + shift, VALUES) - loss.of(SCORES, VALUES),
            rtol=1e-11,
            atol=1e-13,
        )
    np.testing.assert_allclose(loss.rise(SCORES, VALUES, 1e-8) / 1e-8, loss.slope(SCORES, VALUES), rtol=1e-6, atol=1e-7)


def test_the_loss_by_its_name():
    assert loss_of("mse", BOOK) == SquaredError(BOOK)
    assert loss_of("bce", BOOK) == BinaryCrossEntropy(BOOK)


def test_targets_that_lie_in_the_range_are_taken():
    check_targets(BOOK, (0.5, 5.0))
    check_targets(RatingRange("sigmoid", 1.0, 5.0), (1.0, 5.0))


@pytest.mark.parametrize(
    ("rating_range", "scale", "words"),
    [
        (RatingRange("sigmoid", 1.5, 4.0), (1.0, 5.0), "ratings from 1 to 5 in a range of 1.5 to 4 lie outside"),
        (RatingRange("sigmoid", 0.0, 1.0), (1.0, 5.0), "falls for ever"),
        (RatingRange("sigmoid", 0.0, 4.5), (0.5, 5.0), "Choose a range that holds every rating"),
        (NO_RANGE, (0.0, 1.0), "choose the sigmoid range"),
        (RatingRange("tanh", 1.0, 5.0), (1.0, 5.0), "choose the sigmoid range"),
    ],
)
def test_the_classroom_failure_is_a_sentence(rating_range, scale, words):
    with pytest.raises(ValueError, match=words):
        check_targets(rating_range, scale)


def test_what_the_refused_loss_would_do():
    """A target of 5 instead of 1 has no lowest cost: every larger score costs less, far below zero."""
    raw = BinaryCrossEntropy(RatingRange("sigmoid", 0.0, 1.0))
    costs = raw.of(np.array([0.0, 10.0, 100.0]), np.array([5.0, 5.0, 5.0]))
    assert costs.tolist() == pytest.approx([math.log(2.0), -40.0, -400.0], abs=1e-4)
