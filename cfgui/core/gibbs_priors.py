"""What Gibbs sampling draws beside the weights: how precisely each user rates, and how users and movies spread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cfgui.core.ratings import Floats

Generator = np.random.Generator

NOISE_SHAPE = 10.0
"""How alike users are in how precisely they rate: each has a precision from Gamma(shape / 2, rate shape / (2 mean))."""

NOISE_TURNS = 10
"""Turns between the users' precisions and their mean, enough to forget where they began."""

BETA = 2.0
"""Weight of the prior mean 0 of a spread, in rows (Salakhutdinov & Mnih's beta_0)."""


class Spread(NamedTuple):
    """A normal distribution that the rows of a table come from: ``mean`` (d,) and ``precision`` (d, d)."""

    mean: Floats
    precision: Floats


def first_spread(d: int) -> Spread:
    """What rows of ``d`` weights are taken to come from before anything was drawn: N(0, I)."""
    return Spread(np.zeros(d), np.eye(d))


def drawn_spread(rows: Floats, rng: Generator) -> Spread:
    """A draw of the spread that ``rows`` (n, d) come from, given them.

    The prior is Gaussian-Wishart with mean 0 of weight ``BETA``, d degrees of freedom and scale I. Source:
    Salakhutdinov & Mnih, "Bayesian probabilistic matrix factorization using MCMC", ICML 2008, equation 14.
    """
    n, d = rows.shape
    centre = rows.mean(axis=0)
    apart = rows - centre
    inverse_scale = np.eye(d) + apart.T @ apart + BETA * n / (BETA + n) * np.outer(centre, centre)
    precision = drawn_wishart(d + n, np.linalg.inv(inverse_scale), rng)
    lower = np.linalg.cholesky((BETA + n) * precision)
    mean = n * centre / (BETA + n) + np.linalg.solve(lower.T, rng.standard_normal(d))
    return Spread(mean, precision)


def drawn_wishart(degrees: float, scale: Floats, rng: Generator) -> Floats:
    """A draw from Wishart(``scale`` (d, d), ``degrees`` >= d), of mean degrees * scale. Source: Bartlett 1933."""
    d = len(scale)
    triangle = np.tril(rng.standard_normal((d, d)), -1)
    triangle[np.diag_indices(d)] = np.sqrt(rng.chisquare(degrees - np.arange(d)))
    root = np.linalg.cholesky(0.5 * (scale + scale.T)) @ triangle
    return np.asarray(root @ root.T)


def drawn_precisions(square_sums: Floats, counts: Floats, rng: Generator) -> Floats:
    """(n_users,) draws of one over the variance of each user's residuals, from their squares and how many they are.

    Some people rate more predictably than others, and their ratings then count more. Each precision comes from a Gamma
    of ``NOISE_SHAPE`` around a common mean, which has a flat prior in its logarithm and is drawn in turn with them.
    """
    n = max(float(counts.sum()), 1.0)
    mean = n / max(float(square_sums.sum()), 1e-9 * n)
    half = 0.5 * NOISE_SHAPE
    precisions = np.full(len(counts), mean)
    for _ in range(NOISE_TURNS):
        precisions = rng.standard_gamma(half + 0.5 * counts) / (half / mean + 0.5 * square_sums)
        mean = half * float(precisions.sum()) / float(rng.standard_gamma(half * len(counts)))
    return precisions
