"""The built-in sheet and small random crosstabs."""

import numpy as np
import pytest

from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.sample import sample_document


@pytest.fixture(scope="session")
def sheet():
    """The original 15 x 15 crosstab with its starting factors; equal to the workbook (test_reference)."""
    return sample_document()


@pytest.fixture(scope="session")
def ratings(sheet):
    return sheet.ratings


@pytest.fixture(scope="session")
def dot(sheet):
    return sheet.factors["dot"]


@pytest.fixture(scope="session")
def bias(sheet):
    return sheet.factors["bias"]


@pytest.fixture
def small():
    """4 x 3 with unrated cells; user 2 and movie 1 have no rating at all. (ratings, factors with biases)."""
    values = np.array([[4.0, 0.0, 1.5], [3.0, 0.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.5]])
    crosstab = Ratings.from_crosstab(["a", "b", "c", "d"], ["x", "y", "z"], values, values > 0.0)
    return crosstab, random_factors(4, 3, 2, bias=True, seed=3)
