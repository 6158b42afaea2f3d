"""The objective: the loss of all or some ratings over a flat vector."""

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Objective
from tests.helpers.naive import naive_loss


def test_measure_and_gradient_of_all_and_of_a_part(small):
    ratings, factors = small
    slope = GRADIENTS["exact"](Hyperparameters(weight_decay=0.1))
    objective = Objective(factors, ratings.users, ratings.movies, ratings.values, slope, 0.1)
    vector = factors.flat()
    for start, stop in ((0, 5), (1, 3), (4, 5)):
        rows = slice(start, stop)
        triples = ratings.users[rows], ratings.movies[rows], ratings.values[rows]
        part = objective.part(start, stop)
        assert part.measure(vector).mse == pytest.approx(naive_loss(factors, *triples), rel=1e-14)
        assert part.loss(vector) == pytest.approx(naive_loss(factors, *triples, 0.1), rel=1e-14)
        assert np.array_equal(part.gradient(vector), models.gradient(factors, *triples, 0.1))
