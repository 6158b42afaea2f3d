"""Bayesian matrix factorisation by Gibbs sampling: not the best weights, but draws from all that fit the ratings.

A rating is its prediction plus normal noise, as precise as its user rates; users, and movies, come from a normal
distribution whose mean and precision are unknown too. Each update draws all of that anew, one part given the others.
The mean prediction of many draws is better than that of any one, and their spread says how sure it is.
Source: Salakhutdinov & Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte Carlo", ICML 2008;
here with biases, which are drawn together with the factors of their row, and with one noise per user as in
Lakshminarayanan, Bouchard & Archambeau, "Robust Bayesian matrix factorisation", AISTATS 2011.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.als import features_of, linear, only_free, with_rows
from cfgui.core.als_sides import Side, Sides, sides
from cfgui.core.als_systems import N_THREADS, Features, System, solve_rows, square_sums
from cfgui.core.chunks import Watch
from cfgui.core.factors import Factors
from cfgui.core.gibbs_priors import drawn_precisions, drawn_spread, first_spread
from cfgui.core.objective import Problem
from cfgui.core.optimizer_state import OptimizerState, Pace, Update
from cfgui.core.ratings import Floats
from cfgui.core.side_rows import rows_of_side

SAMPLES = 300
"""Draws, those of the burn-in included, after which the posterior mean of MovieLens has settled."""

RANK = 10
"""Factors with which that is so."""


@dataclass(frozen=True)
class GibbsSampler:
    """Gibbs sampling as an optimizer: one update is one draw of everything, and the weights are the latest draw.

    The dot or the bias model. Draw number n depends on the weights before it, the ratings, ``seed`` and n alone, so
    that a chain taken up again gives the same bits, with any number of threads. A user or movie without ratings is
    drawn from the spread of the others.
    """

    seed: int = 42
    n_threads: int = N_THREADS
    name: str = "gibbs"

    def start(self, n_parameters: int) -> OptimizerState:
        """Nothing to remember but how many draws were made."""
        return OptimizerState(self.name, ())

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One draw. Raises Interrupted, and ValueError where scores are no sums of products."""
        objective = linear(problem)
        factors = objective.shape.view_of(vector)
        both = sides(factors, objective.users, objective.movies, objective.values)
        new = self.draw(both, factors, state.count, objective.watch)
        return Update(only_free(objective, vector, new), replace(state, count=state.count + 1))

    def draw(self, both: Sides, factors: Factors, number: int, watch: Watch) -> Factors:
        """Draw ``number``, from 0, after the weights ``factors``: noise, then all users, then all movies."""
        precisions = self._noise(both.by_user, factors, number, watch)
        for users in (True, False):
            known = features_of(factors, users=not users)
            old = rows_of_side(factors, "user" if users else "movie")
            if users:
                rows = self._rows(both.by_user, known, old, precisions, (number, 1), watch)
            else:
                rows = self._rows(both.by_movie, known._replace(precisions=precisions), old, None, (number, 2), watch)
            factors = with_rows(factors, rows, users=users)
        return factors

    def _noise(self, by_user: Side, factors: Factors, number: int, watch: Watch) -> Floats:
        """(n_users,) precisions."""
        known, own = features_of(factors, users=False), rows_of_side(factors, "user")
        squares = square_sums(by_user, known, own, watch, n_threads=self.n_threads)
        return drawn_precisions(squares, by_user.counts.astype(np.float64), self._generator(number, 0))

    def _rows(
        self, side: Side, known: Features, old: Floats, scales: Floats | None, turn: tuple[int, int], watch: Watch
    ) -> Floats:
        """One side's weights: first the spread of the old ones, then new ones from it and from the ratings."""
        rng = self._generator(*turn)
        # Before the first draw the weights say nothing: starting weights near 0 would hold everything there for long.
        mean, precision = drawn_spread(old, rng) if turn[0] else first_spread(old.shape[1])
        system = System(precision, precision @ mean, 0.0, scales)
        return solve_rows(side, known, system, rng.standard_normal(old.shape), watch, n_threads=self.n_threads)

    def _generator(self, number: int, part: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed, number, part])))
