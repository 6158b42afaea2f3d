"""Diversity of recommendations: choosing them by relevance and difference, and measuring how alike they are.

Maximal marginal relevance is of Carbonell & Goldstein, "The use of MMR, diversity-based reranking for reordering
documents and producing summaries", SIGIR 1998: the next one chosen has the highest
lambda * relevance - (1 - lambda) * (the largest similarity to one chosen already).
"""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Floats, Indices
from cfgui.core.recommend_search import NO_MOVIE, Best

POOL = 10
"""So many times as many candidates as recommendations are chosen among."""

SMALLEST_POOL, LARGEST_POOL = 50, 1000


def pool_size(n: int) -> int:
    """How many of the highest predictions ``n`` diverse recommendations are chosen among."""
    return max(n, min(max(POOL * n, SMALLEST_POOL), LARGEST_POOL))


def directions(vectors: Floats) -> Floats:
    """The rows at length 1, so that their products are cosines; a row of zeros, or of no numbers, stays zeros."""
    with np.errstate(all="ignore"):
        largest = np.abs(vectors).max(axis=1, keepdims=True)  # first, for squares could overflow
        scaled = vectors / largest
        found = scaled / np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
    return np.where(np.isfinite(found).all(axis=1, keepdims=True), found, 0.0)


def diverse(movies: Indices, predictions: Floats, units: Floats, n: int, diversity: float) -> Best:
    """Of each row of candidates the ``n`` of maximal marginal relevance, in the order in which they are chosen.

    ``movies`` (rows, pool) and ``predictions`` are as ``recommend`` gives them, best first; ``units`` (n_movies, k) are
    ``directions`` of all movies. Relevance is the prediction scaled to 0 at the last candidate of the row and 1 at the
    first, similarity the cosine, lambda = 1 - ``diversity``, from 0 (predictions alone) to 1. Of equals the one with
    the higher prediction is chosen. Raises ValueError for a diversity outside 0 to 1.
    """
    if not 0.0 <= diversity <= 1.0:
        raise ValueError(f"Diversity goes from 0 to 1, not {diversity:g}.")
    n_rows, n_chosen = len(movies), min(n, movies.shape[1])
    best = np.full((n_rows, n), NO_MOVIE, dtype=np.int32)
    chosen_predictions = np.full((n_rows, n), np.nan)
    vectors = units[np.maximum(movies, 0)]
    rows = np.arange(n_rows)
    values = (1.0 - diversity) * _relevance(movies, predictions)
    closest = np.zeros(movies.shape)
    for rank in range(n_chosen):
        place = np.argmax(values - diversity * closest, axis=1)
        best[:, rank] = movies[rows, place]
        chosen_predictions[:, rank] = predictions[rows, place]
        likeness = np.einsum("rpk,rk->rp", vectors, vectors[rows, place])
        closest = likeness if rank == 0 else np.maximum(closest, likeness)
        values[rows, place] = -np.inf
    nobody = best == NO_MOVIE
    chosen_predictions[nobody] = np.nan
    return best, chosen_predictions


def _relevance(movies: Indices, predictions: Floats) -> Floats:
    """From 0 to 1 by row; what is no number is 0, and where there is no movie lower than anything chosen before."""
    there = movies != NO_MOVIE
    finite = np.where(there & np.isfinite(predictions), predictions, np.nan)
    low = np.where(np.isnan(finite), np.inf, finite).min(axis=1, keepdims=True, initial=np.inf)
    high = np.where(np.isnan(finite), -np.inf, finite).max(axis=1, keepdims=True, initial=-np.inf)
    with np.errstate(all="ignore"):
        scaled = (finite - low) / (high - low)
    scaled = np.where(high > low, np.nan_to_num(scaled, nan=0.0), 1.0 * (high == low))
    return np.where(there, scaled, -1e9)


def list_diversity(vectors: Floats) -> float:
    """Mean of 1 - cosine over all pairs of rows, from 0 (all alike) to 2; NaN for fewer than two."""
    n = len(vectors)
    if n < 2:
        return float("nan")
    units = directions(vectors)
    cosines = units @ units.T
    return float(1.0 - cosines[np.triu_indices(n, 1)].mean())
