"""The mean of draws as one model, against the mean taken draw by draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.gibbs_posterior import predict_samples
from cfgui.core.models import predict_all
from cfgui.core.posterior_model import mean_model
from cfgui.core.rating_range import RatingRange
from cfgui.core.starts import random_factors


@pytest.mark.parametrize("bias", [False, True])
def test_it_predicts_the_mean_of_the_draws(bias: bool) -> None:
    draws = [
        replace(random_factors(6, 8, 3, bias=bias, init="normal", seed=seed), global_mean=3.5 if bias else 0.0)
        for seed in range(5)
    ]
    users, movies = (index.ravel().astype(np.int32) for index in np.indices((6, 8)))
    for scale in (None, (3.4, 3.6), (-9.0, 9.0)):
        found = mean_model(draws, scale)
        assert found is not None
        expected = predict_samples(draws, users, movies, scale).mean.reshape(6, 8)
        np.testing.assert_allclose(predict_all(found), expected, rtol=1e-13, atol=1e-15)


def test_there_is_none_without_draws_or_with_a_range() -> None:
    assert mean_model([], None) is None
    draw = replace(random_factors(2, 2, 1, bias=True), range=RatingRange("sigmoid", 0.0, 5.5))
    assert mean_model([draw], None) is None
