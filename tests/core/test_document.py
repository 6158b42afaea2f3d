"""The part of a document with the most ratings, by hand."""

from __future__ import annotations

import numpy as np

from cfgui.core.document import Document
from cfgui.core.models import predict_all
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors

#          m0 m1 m2 m3
TABLE = [
    [5, 0, 1, 0],  # a: 2
    [4, 3, 2, 0],  # b: 3
    [0, 0, 2, 0],  # c: 1
    [1, 2, 0, 4],  # d: 3
]  # movies: 3, 2, 3, 1


def document() -> Document:
    values = np.array(TABLE, dtype=float)
    ratings = Ratings.from_crosstab("abcd", ["m0", "m1", "m2", "m3"], values, values > 0, {"m2": "Two"})
    factors = {name: random_factors(4, 4, 2, bias=name == "bias", seed=3) for name in ("dot", "bias")}
    return Document(ratings, factors, active="bias")


def test_top_keeps_the_most_rated_in_their_order_and_takes_the_earlier_of_equals() -> None:
    part = document().top(2, 3)
    assert part.ratings.user_ids == ("b", "d")
    assert part.ratings.movie_ids == ("m0", "m1", "m2")
    assert part.ratings.crosstab.tolist() == [[4, 3, 2], [1, 2, 0]]
    assert part.ratings.titles == {"m2": "Two"}
    assert part.active == "bias"
    assert part.remarks[-1] == "These are the 2 of 4 users and 3 of 4 movies with the most ratings."
    assert document().top(3, 2).ratings.user_ids == ("a", "b", "d")
    assert document().top(3, 1).ratings.movie_ids == ("m0",)


def test_top_keeps_every_prediction() -> None:
    whole = document()
    part = whole.top(2, 3)
    for name in ("dot", "bias"):
        before = predict_all(whole.factors[name])[np.ix_([1, 3], [0, 1, 2])]
        assert np.array_equal(predict_all(part.factors[name]), before)


def test_top_of_more_than_there_is_is_all() -> None:
    part = document().top(99, 99)
    assert np.array_equal(part.ratings.crosstab, document().ratings.crosstab)
