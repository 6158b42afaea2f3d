"""Samples: of which held-out ratings their RMSE tells, without looking at more than needs be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core import edited_ratings
from cfgui.core.edited_ratings import EditedRatings, edited
from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import BURN_IN, PosteriorMean
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples

NOBODY = np.zeros(0, dtype=np.int32)


def held_out(values: list[float]) -> Ratings:
    """The ratings of one user."""
    n = len(values)
    ids = tuple(map(str, range(n)))
    return Ratings(("u",), ids, np.zeros(n, dtype=np.int32), np.arange(n, dtype=np.int32), np.array(values))


def samples(of: Ratings | None) -> Samples:
    weights = Factors(np.ones((1, 1)), np.ones((3, 1)))
    return Samples(weights, PosteriorMean(NOBODY, NOBODY), (1.0, 5.0), 0.5, of)


def test_they_tell_of_the_same_ratings_only() -> None:
    own = samples(held_out([1.0, 2.0, 3.0]))
    assert own.tells_of(held_out([1.0, 2.0, 3.0]))
    assert not own.tells_of(held_out([1.0, 2.0, 4.0]))
    assert not own.tells_of(None)
    assert samples(None).tells_of(None)


def test_an_edited_table_is_not_put_together_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edited_ratings, "COPIED_RATINGS", 1)
    other = edited(held_out([1.0, 2.0, 3.0]), {(0, 1): None})
    assert isinstance(other, EditedRatings)
    assert not samples(held_out([1.0, 2.0, 3.0])).tells_of(other)
    assert "_arrays" not in vars(other)


def test_a_mean_resumed_goes_on_to_the_same_bits() -> None:
    rng = np.random.default_rng(3)
    shape = Factors(np.ones((4, 2)), np.ones((3, 2)))
    draws = [shape.view_of(rng.normal(size=14)) for _ in range(BURN_IN + 40)]
    pairs = np.array([0, 3], dtype=np.int32), np.array([2, 1], dtype=np.int32)
    whole, first = (PosteriorMean(*pairs, n_kept=8) for _ in range(2))
    for draw in draws:
        whole.add(draw)
    for draw in draws[: BURN_IN + 17]:
        first.add(draw)
    resumed = PosteriorMean.resumed(first.pairs, first.moments, first.samples)
    assert resumed.moments.stride == 4, "17 draws, of which at most 8 are kept"
    for draw in draws[BURN_IN + 17 :]:
        resumed.add(draw)
    assert resumed.n_samples == 40
    for one, other in zip(resumed.posterior(), whole.posterior(), strict=True):
        assert one.tobytes() == other.tobytes()


def test_weights_share_what_is_one_in_memory() -> None:
    rng = np.random.default_rng(1)
    weights = Factors(rng.random((4, 2)), rng.random((3, 2)), np.ones(4), np.ones(3)).copy()
    vector = weights.flat()
    one, other = weights.view_of(vector), weights.view_of(vector)
    assert one.shares(other)
    assert one.equals(weights)
    assert not one.shares(weights)
    assert not one.shares(replace(other, global_mean=3.5))
    assert not one.equals(replace(other, global_mean=3.5))
