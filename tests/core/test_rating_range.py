"""The rating range: predictions by hand, slopes against small differences, rises against many digits."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch

from cfgui.core.rating_range import NO_RANGE, RatingRange, sigmoid, sigmoid_rise

KINDS = ("none", "clip", "sigmoid", "tanh")

SCORES = np.array([-40.0, -3.0, -0.25, 0.0, 0.7, 1.5, 6.0, 40.0])


def exact_sigmoid(score: Decimal) -> Decimal:
    return 1 / (1 + (-score).exp())


def exact_rise(kind: str, score: float, shift: float) -> float:
    """What the prediction of a range of 0.5 to 5 rises by, in many digits."""
    with localcontext() as context:
        context.prec = 150
        before, after = Decimal(score), Decimal(score) + Decimal(shift)
        if kind == "none":
            return float(after - before)
        if kind == "clip":
            low, high = Decimal("0.5"), Decimal(5)
            return float(min(max(after, low), high) - min(max(before, low), high))
        times = Decimal(1 if kind == "sigmoid" else 2)
        return float((exact_sigmoid(times * after) - exact_sigmoid(times * before)) * Decimal("4.5"))


def test_predictions_by_hand():
    scores = np.array([0.0, math.log(3.0), -100.0, 7.0])
    assert NO_RANGE.apply(scores) is scores
    assert RatingRange("clip", 1.0, 5.0).apply(scores).tolist() == [1.0, math.log(3.0), 1.0, 5.0]
    assert RatingRange("sigmoid", 0.0, 5.5).apply(scores)[:3] == pytest.approx([2.75, 0.75 * 5.5, 0.0])
    # tanh(log 3) = (3 - 1/3) / (3 + 1/3) = 0.8
    assert RatingRange("tanh", 1.0, 5.0).apply(scores)[:3] == pytest.approx([3.0, 3.0 + 0.8 * 2.0, 1.0])


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_and_slopes_are_those_of_torch(kind):
    scores = torch.tensor(np.append(SCORES, [1.0, 5.0]), requires_grad=True)
    made = {
        "none": scores * 1.0,
        "clip": scores.clamp(1.0, 5.0),
        "sigmoid": scores.sigmoid() * 4.0 + 1.0,
        "tanh": scores.tanh() * 2.0 + 3.0,
    }[kind]
    ours = RatingRange(kind, 1.0, 5.0)
    plain = scores.detach().numpy()
    np.testing.assert_allclose(ours.apply(plain), made.detach().numpy(), rtol=1e-15, atol=1e-15)
    (slopes,) = torch.autograd.grad(made.sum(), scores)
    np.testing.assert_allclose(np.broadcast_to(ours.slope(plain), plain.shape), slopes.numpy(), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("shift", [1e-12, 1e-4, -1e-4, 0.01, 0.999, 1.0, -1.0, 3.0, -30.0, 800.0])
@pytest.mark.parametrize("kind", KINDS)
def test_rises_keep_their_digits(kind, shift):
    rise = RatingRange(kind, 0.5, 5.0).rise(SCORES, shift)
    expected = [exact_rise(kind, float(score), shift) for score in SCORES]
    # The score plus the shift is rounded once: an absolute error which is relative in what exp makes of it.
    np.testing.assert_allclose(rise, expected, rtol=2e-13 if abs(shift) > 100.0 else 3e-14)


def test_a_shift_for_every_factor_of_every_score():
    scores, shifts = np.array([[0.1], [2.0]]), np.array([[0.1, 0.2, -2.0], [0.0, 1.0, 5.0]])
    for kind in KINDS:
        bent = RatingRange(kind, 0.0, 5.5)
        np.testing.assert_allclose(
            bent.rise(scores, shifts), bent.apply(scores + shifts) - bent.apply(scores), rtol=1e-12, atol=1e-14
        )
        assert bent.rise(scores[:, 0], 0.25).shape == (2,)


def test_no_overflow_at_either_end():
    ends = np.array([-1e4, -800.0, 800.0, 1e4])
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(ends).tolist() == [0.0, 0.0, 1.0, 1.0]
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid_rise(ends, 1e4).tolist() == pytest.approx([0.5, 1.0, 0.0, 0.0])


def test_a_difference_of_sigmoids_is_not_made_by_subtracting():
    """sigmoid(20 + 1e-12) - sigmoid(20) is 2e-21; what is left of subtracting two ones is 0."""
    rise = float(sigmoid_rise(np.array(20.0), 1e-12))
    assert rise == pytest.approx(1e-12 * math.exp(-20.0), rel=1e-8)
    assert float(sigmoid(np.array(20.0 + 1e-12)) - sigmoid(np.array(20.0))) == 0.0


def test_the_formulas():
    assert [RatingRange(kind, 0.0, 5.5).formula for kind in KINDS] == [
        "",
        "clipped to 0 … 5.5",
        "sigmoid(score) × 5.5 + 0",
        "tanh(score) × 2.75 + 2.75",
    ]
    assert RatingRange("sigmoid", 1.0, 5.0).width == 4.0
