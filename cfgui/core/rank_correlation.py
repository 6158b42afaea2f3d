"""Spearman's rank correlation: whether two columns sort the same things in the same order."""

from __future__ import annotations

import math

import numpy as np

from cfgui.core.products import inner
from cfgui.core.ratings import Floats, Mask


def average_ranks(values: Floats) -> Floats:
    """(n,) ranks of (n,) values, 1 for the lowest; equal values share the mean of their ranks (2, 2, 7: 1.5, 1.5, 3).

    The values are numbers; NaN has no rank, so leave it out before.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(values) else np.zeros(0, int)
    ends = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + 1 + ends) / 2.0, ends - starts)
    return ranks


def correlation(left: Floats, right: Floats) -> float:
    """Pearson's correlation of two (n,) columns of finite numbers; NaN where one of them is constant."""
    if len(left) < 2:
        return math.nan
    left, right = left - left.mean(), right - right.mean()
    size = math.sqrt(inner(left, left)) * math.sqrt(inner(right, right))
    return min(max(inner(left, right) / size, -1.0), 1.0) if size > 0.0 else math.nan


def rank_correlation(left: Floats, right: Floats, among: Mask | None = None) -> float:
    """Spearman's rank correlation of two (n,) columns: Pearson's correlation of their average ranks.

    1 where both sort alike, -1 where one turns the other round, near 0 where they have nothing to do with each other.
    Only pairs of numbers that are finite, and ``among`` those if given, count. NaN where fewer than two pairs are left
    or a column is constant.
    """
    counted = np.isfinite(left) & np.isfinite(right)
    if among is not None:
        counted &= among
    return correlation(average_ranks(left[counted]), average_ranks(right[counted]))
