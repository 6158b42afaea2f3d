"""Early stopping: what is best, what is kept, when it ends."""

from __future__ import annotations

import math

import pytest

from cfgui.core.early_stopping import BestSoFar


def test_the_lowest_is_kept_with_what_came_with_it() -> None:
    best: BestSoFar[str] = BestSoFar()
    assert (best.step, best.rmse, best.payload) == (None, math.inf, None)
    looks = [(0, 2.0, "a"), (5, 1.0, "b"), (10, 1.0, "c"), (15, math.nan, "d"), (20, 1.5, "e")]
    assert not any(best.look(*look) for look in looks)
    assert (best.step, best.rmse, best.payload) == (5, 1.0, "b")


@pytest.mark.parametrize("patience", [1, 3])
def test_so_many_looks_without_a_better_one_end_it(patience: int) -> None:
    best: BestSoFar[None] = BestSoFar(patience)
    rmses = [3.0, 2.0, 2.5, 1.9, *[1.9 + step for step in range(patience)]]
    ends = [best.look(step, rmse, None) for step, rmse in enumerate(rmses)]
    first = 2 if patience == 1 else len(rmses) - 1
    assert ends.index(True) == first


def test_no_patience_never_ends() -> None:
    best: BestSoFar[None] = BestSoFar(0)
    assert not any(best.look(step, 1.0 + step, None) for step in range(1000))
