"""The original sheet, open in a session, and a small one whose every number is easy to follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cfgui.app.edits import Edit
from cfgui.app.session import Session
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.io.sample import sample_document


@pytest.fixture(scope="session")
def sample() -> Document:
    """15 x 15 with 5 factors, the original starting weights of both models."""
    return sample_document()


@pytest.fixture
def session(sample: Document) -> Session:
    """The original sheet as the program opens it."""
    return Session(sample, Hyperparameters(gradient="forward"), name="original")


@pytest.fixture
def small() -> Session:
    """2 users x 3 movies x 2 factors; user b has not rated movie y.

    Predictions of dot: a 4, 1, 5; b 1.5, 0.5, 2.5. Ratings: a 5, 1, 3; b 2, -, 2.5, so the squares of the residuals are
    1, 0, 4, 0.25, 0: RMSE sqrt(5.25 / 5).
    """
    table = np.array([[5.0, 1.0, 3.0], [2.0, 0.0, 2.5]])
    ratings = Ratings.from_crosstab(["a", "b"], ["x", "y", "z"], table, table > 0.0, {"x": "Xanadu"})
    users, movies = np.array([[1.0, 2.0], [0.5, 0.5]]), np.array([[2.0, 1.0], [1.0, 0.0], [5.0, 0.0]])
    factors = {
        "dot": Factors(users, movies).copy(),
        "bias": Factors(users, movies, np.array([0.5, -0.5]), np.array([0.25, 0.0, -1.0])).copy(),
    }
    return Session(Document(ratings, factors), Hyperparameters(n_factors=2), name="small")


@pytest.fixture
def apply(session: Session) -> Callable[[Edit], None]:
    """Applies an edit to the original sheet."""
    return lambda edit: session.restore(edit.apply(session.state))
