"""Starts: new weights from a seed."""

import numpy as np
import pytest

from cfgui.core.starts import random_factors


def test_the_same_seed_gives_the_same_bits():
    for init in ("uniform", "normal"):
        first = random_factors(4, 3, 2, bias=True, init=init, seed=11)
        assert first.equals(random_factors(4, 3, 2, bias=True, init=init, seed=11))
        assert not first.equals(random_factors(4, 3, 2, bias=True, init=init, seed=12))


def test_uniform_weights_fill_zero_to_one_and_normal_ones_are_small_with_no_bias():
    uniform = random_factors(60, 50, 4, bias=True, init="uniform", seed=0).flat()
    assert 0.0 <= uniform.min() < 0.02
    assert 0.98 < uniform.max() < 1.0
    normal = random_factors(600, 500, 4, bias=True, init="normal", seed=0)
    assert normal.user_factors.std() == pytest.approx(0.01, rel=0.05)
    assert normal.user_factors.mean() == pytest.approx(0.0, abs=0.001)
    assert not normal.user_bias.any()
    assert not normal.movie_bias.any()


def test_both_models_of_one_seed_start_from_the_same_factors():
    dot, bias = (random_factors(5, 4, 3, bias=bias, seed=8) for bias in (False, True))
    assert not dot.has_bias
    assert np.array_equal(dot.user_factors, bias.user_factors)
    assert np.array_equal(dot.movie_factors, bias.movie_factors)


def test_an_unknown_start_is_refused():
    with pytest.raises(ValueError, match="unknown way to start weights: zeros"):
        random_factors(2, 2, 1, bias=False, init="zeros")
