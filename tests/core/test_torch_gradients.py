"""Autograd against the closed form, and how it behaves as a guest in the process."""

import gc
import subprocess
import sys
import warnings
import weakref

import numpy as np
import pytest
import torch

from cfgui.core import models
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.torch_gradients import make_autograd, warm_up


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("model", ["dot", "bias"])
def test_equals_the_closed_form(sheet, model, weight_decay):
    ratings, factors = sheet.ratings, sheet.factors[model]
    gradient = GRADIENTS["autograd"](Hyperparameters(gradient="autograd", weight_decay=weight_decay))
    slopes = gradient(factors, ratings.users, ratings.movies, ratings.values)
    assert slopes.dtype == np.float64
    exact = models.gradient(factors, ratings.users, ratings.movies, ratings.values, weight_decay)
    np.testing.assert_allclose(slopes, exact, rtol=0.0, atol=1e-14)


def test_the_slope_of_the_rmse_is_that_of_the_mse_over_twice_the_rmse(ratings, dot):
    slopes = make_autograd(objective="rmse")(dot, ratings.users, ratings.movies, ratings.values)
    exact = models.gradient(dot, ratings.users, ratings.movies, ratings.values) / (2.0 * 2.8060620616483134)
    np.testing.assert_allclose(slopes, exact, rtol=0.0, atol=1e-14)


def test_a_batch_of_one_rating_moves_one_user_and_one_movie(small):
    ratings, factors = small
    one = slice(2, 3)
    batch = ratings.users[one], ratings.movies[one], ratings.values[one]
    slopes = factors.view_of(make_autograd()(factors, *batch))
    user, movie = int(batch[0][0]), int(batch[1][0])
    error = float(models.predict(factors, *batch[:2])[0] - batch[2][0])
    assert slopes.user_factors[user] == pytest.approx(2.0 * error * factors.movie_factors[movie])
    assert slopes.movie_factors[movie] == pytest.approx(2.0 * error * factors.user_factors[user])
    assert np.count_nonzero(slopes.user_factors.any(axis=1)) == 1
    assert np.count_nonzero(slopes.user_bias) == np.count_nonzero(slopes.movie_bias) == 1


def test_the_same_bits_every_time(ratings, bias):
    gradient = make_autograd(weight_decay=0.1)
    first = gradient(bias, ratings.users, ratings.movies, ratings.values)
    for _ in range(20):
        assert np.array_equal(gradient(bias, ratings.users, ratings.movies, ratings.values), first)


def test_read_only_arrays_are_taken_without_a_warning_and_left_alone(ratings, dot):
    before = dot.flat()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_autograd()(dot, ratings.users, ratings.movies, ratings.values)
    assert np.array_equal(dot.flat(), before)
    assert not ratings.values.flags.writeable


def test_no_tensor_is_left_behind(ratings, dot):
    gradient = make_autograd(weight_decay=0.1)

    def tensors():
        gc.collect()
        return sum(type(thing) is torch.Tensor for thing in gc.get_objects())

    gradient(dot, ratings.users, ratings.movies, ratings.values)
    before = tensors()
    for _ in range(50):
        slopes = gradient(dot, ratings.users, ratings.movies, ratings.values)
    del slopes
    assert tensors() <= before


def test_the_number_of_threads_is_left_alone():
    before = torch.get_num_threads()
    warm_up()
    assert torch.get_num_threads() == before


def test_torch_loads_only_when_asked_for_and_brings_no_compiler_along():
    script = """
import sys
import cfgui.core.torch_gradients, cfgui.core.trainer
assert "torch" not in sys.modules
cfgui.core.torch_gradients.warm_up()
assert "torch" in sys.modules and "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_tensors_of_the_last_ratings_are_those_of_the_same_arrays_only(small):
    ratings, factors = small
    gradient = make_autograd()
    first = ratings.users, ratings.movies, ratings.values
    others = ratings.users[::-1].copy(), ratings.movies[::-1].copy(), ratings.values[::-1] + 1.0
    for array in others:
        array.flags.writeable = False
    for arrays in (first, others, first, first, others):
        exact = models.gradient(factors, *arrays)
        np.testing.assert_allclose(gradient(factors, *arrays), exact, rtol=0.0, atol=1e-14)


def test_arrays_that_can_be_written_to_are_read_every_time(small):
    ratings, factors = small
    gradient, values = make_autograd(), ratings.values.copy()
    before = gradient(factors, ratings.users, ratings.movies, values)
    values += 1.0
    exact = models.gradient(factors, ratings.users, ratings.movies, values)
    found = gradient(factors, ratings.users, ratings.movies, values)
    assert not np.array_equal(before, found)
    np.testing.assert_allclose(found, exact, rtol=0.0, atol=1e-14)


def test_ratings_are_not_kept_alive(small):
    ratings, factors = small
    values = ratings.values.copy()
    values.flags.writeable = False
    gradient, kept = make_autograd(), weakref.ref(values)
    gradient(factors, ratings.users, ratings.movies, values)
    del values
    gc.collect()
    assert kept() is None
