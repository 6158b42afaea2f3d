"""One line taken apart: product and lookup, both gradients, against numbers by hand and torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from cfgui.app import one_hot_lookup as module
from cfgui.app.edits import SetWeights
from cfgui.app.one_hot_lookup import one_hot_lookup, one_hot_sentences
from cfgui.app.session import Session
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors


def test_the_user_of_a_line_by_hand(small: Session) -> None:
    """User a, movie z: user row (1, 2), movie row (5, 0), prediction 5, rated 3: slope 2 x 2 x movie row."""
    found = one_hot_lookup(small, (0, 2), "user", 10)
    assert (found.name, found.place, found.n, found.k, found.start, found.stop) == ("user a", 0, 2, 2, 0, 2)
    assert found.one_hot.tolist() == [1.0, 0.0]
    assert found.matrix.tolist() == [[1.0, 2.0], [0.5, 0.5]]
    assert found.product.tolist() == found.lookup.tolist() == [1.0, 2.0]
    assert found.upstream.tolist() == found.scattered.tolist() == [20.0, 0.0]
    assert found.gradient.tolist() == [[20.0, 0.0], [0.0, 0.0]]
    assert (found.multiplications, found.difference, found.gradient_difference) == (4, 0.0, 0.0)
    assert one_hot_sentences(found)[0] == (
        "The product multiplies 2 × 2 = 4 times; the lookup reads row 1: 0 times. Equal to the last bit."
    )


def test_the_movie_of_a_line_by_hand(small: Session) -> None:
    """User b, movie x: 0.5 x 2 + 0.5 x 1 = 1.5, rated 2: slope -1 x user row."""
    found = one_hot_lookup(small, (1, 0), "movie", 10)
    assert (found.name, found.place, found.n) == ("Xanadu", 0, 3)
    assert found.lookup.tolist() == [2.0, 1.0]
    assert found.gradient.tolist() == [[-0.5, -0.5], [0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("kind", ["none", "sigmoid"])
@pytest.mark.parametrize("side", ["user", "movie"])
def test_gradients_are_those_of_autograd(session: Session, side: str, kind: str) -> None:
    sheet = session.sheet("dot")
    factors = sheet.factors if kind == "none" else replace(sheet.factors, range=RatingRange(kind, 0.0, 5.5))
    session.restore(session.state.with_sheet("dot", replace(sheet, factors=factors)))
    users, movies = (torch.tensor(table.copy(), requires_grad=True) for table in factors.tables)
    score = users[4] @ movies[9]
    prediction = score if kind == "none" else torch.sigmoid(score) * 5.5
    ((session.ratings.rating(4, 9) - prediction) ** 2).backward()
    found = one_hot_lookup(session, (4, 9), side, 15)
    expected = (users if side == "user" else movies).grad.numpy()
    np.testing.assert_allclose(found.gradient, expected, rtol=1e-12, atol=1e-15)
    assert np.count_nonzero(found.gradient.any(axis=1)) == 1


@pytest.mark.parametrize(("user", "start"), [(0, 0), (3, 0), (20, 16), (39, 31)])
@pytest.mark.parametrize("whole", [10**6, 100])
def test_of_a_large_table_the_rows_around_the_one_are_shown(
    user: int, start: int, whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE", whole)
    table = np.full((40, 30), 3.0)
    ratings = Ratings.from_crosstab([f"u{i}" for i in range(40)], [f"m{i}" for i in range(30)], table, table > 0.0)
    factors = {name: random_factors(40, 30, 6, bias=name == "bias", seed=5) for name in ("dot", "bias")}
    session = Session(Document(ratings, factors), Hyperparameters(n_factors=6), name="large")
    found = one_hot_lookup(session, (user, 7), "user", 9)
    assert (found.start, found.stop, found.n) == (start, start + 9, 40)
    assert found.one_hot.tolist() == [float(row == user) for row in range(start, start + 9)]
    assert np.array_equal(found.matrix, factors["dot"].user_factors[start : start + 9])
    assert np.array_equal(found.product, factors["dot"].user_factors[user])
    assert np.array_equal(found.scattered, found.gradient[user - start])
    assert found.multiplications == 240
    assert found.is_whole == (whole == 10**6)
    assert ("worked out here for 9 rows" in one_hot_sentences(found)[0]) != found.is_whole


def test_numbers_too_large_are_told(session: Session) -> None:
    cells = {("user_factors", 2, 0): 1e200, ("movie_factors", 3, 0): 1e200}
    session.restore(SetWeights("dot", cells).apply(session.state))
    sentences = one_hot_sentences(one_hot_lookup(session, (2, 3), "user", 15))
    assert sentences[0].endswith("Equal to the last bit.")
    assert sentences[1].endswith("Some of the numbers are not finite.")
