"""Simulating a feedback loop: a run that grows round by round, and its figures by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cfgui.app.reading import Reading
from cfgui.core.chunks import Stop, never
from cfgui.core.feedback import RoundReport, simulate
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.feedback_world import World, planted_world, trained_world
from cfgui.core.ratings import Floats


@dataclass(frozen=True)
class RoundFigure:
    """One number of a round: the ``name`` in files, the ``title`` of a column and what it means."""

    name: str
    title: str
    help: str
    of: Callable[[RoundReport], float]
    digits: int | None = 3


ROUND_FIGURES: tuple[RoundFigure, ...] = (
    RoundFigure("round", "Round", "Rounds count from 1.", lambda it: it.number, None),
    RoundFigure(
        "n_ratings", "Ratings", "Ratings the model of this round is trained on.", lambda it: it.n_ratings, None
    ),
    RoundFigure("n_new", "New", "Ratings given in answer to what this round recommends.", lambda it: it.n_new, None),
    RoundFigure(
        "favourite_share",
        "Their genre",
        "The share of the enthusiasts' genre in what everybody else is recommended.",
        lambda it: it.favourite_share,
    ),
    RoundFigure(
        "gini",
        "Gini",
        "How unevenly recommendations are spread over movies: 0 all alike, near 1 a few get all.",
        lambda it: it.gini,
    ),
    RoundFigure("coverage", "Coverage", "The share of movies that anybody is recommended.", lambda it: it.coverage),
    RoundFigure(
        "popularity_share",
        "Popular",
        "The share of recommendations among the tenth of the movies with the most ratings.",
        lambda it: it.popularity_share,
    ),
    RoundFigure(
        "truth_rmse",
        "RMSE, truth",
        "Error of the predictions against what people really think, over a fixed sample of users and movies.",
        lambda it: it.truth_rmse,
    ),
    RoundFigure(
        "observed_rmse",
        "RMSE, ratings",
        "Error against the ratings the model was trained on: it looks better than it is.",
        lambda it: it.observed_rmse,
    ),
    RoundFigure(
        "liking",
        "Liking",
        "What people really think of what they are shown, in stars, on average.",
        lambda it: it.liking,
    ),
)
"""Every figure of a round, in the order of tables and files."""


@dataclass(eq=False)
class SimulationRun:
    """One simulation: its choices and world, and the ``reports`` so far, which the thread that plays it adds to."""

    choices: FeedbackChoices
    world: World
    source: str
    reports: list[RoundReport] = field(default_factory=list)

    @property
    def favourite(self) -> str:
        """The enthusiasts' genre."""
        return self.world.genres[self.world.favourite]

    @property
    def complete(self) -> bool:
        """Whether all rounds are there."""
        return len(self.reports) == self.choices.rounds

    def figure(self, name: str) -> Floats:
        """One of ``ROUND_FIGURES`` for each round so far."""
        chosen = next(it for it in ROUND_FIGURES if it.name == name)
        return np.array([chosen.of(report) for report in tuple(self.reports)], dtype=np.float64)

    def genre_shares(self) -> Floats:
        """(rounds so far, n_genres) shares of the genres in what everybody else is recommended."""
        rows = [report.genre_shares for report in tuple(self.reports)]
        return np.array(rows).reshape(len(rows), len(self.world.genres))

    def top_movies(self, n: int = 5) -> list[tuple[str, int]]:
        """The movies recommended most often in the newest round, with how often."""
        if not self.reports:
            return []
        counts = self.reports[-1].counts
        order = np.argsort(-counts, kind="stable")[:n]
        return [(self.world.movie_names[movie], int(counts[movie])) for movie in order.tolist() if counts[movie]]


PLANTED = "a planted world"
"""The source of a made-up truth."""


def new_run(choices: FeedbackChoices, reading: Reading | None = None) -> SimulationRun:
    """A run without rounds yet, in a planted world, or one whose truth is what ``reading`` predicts.

    Raises ValueError, one plain sentence, where there can be no such world.
    """
    if reading is None:
        return SimulationRun(choices, planted_world(choices), PLANTED)
    world = trained_world(reading.ratings, reading.factors, choices)
    return SimulationRun(choices, world, f"the truth of {reading.sheet}")


class SimulationJob:
    """A simulation for a thread: ``run`` is None until its world is there, and then grows round by round."""

    def __init__(self, choices: FeedbackChoices, reading: Reading | None) -> None:
        self.choices, self._reading = choices, reading
        self.run: SimulationRun | None = None

    def work(self, cancelled: Stop) -> SimulationRun:
        """Make the world and play. Raises ValueError, and Interrupted, where ``run`` keeps the rounds so far."""
        self.run = run = new_run(self.choices, self._reading)
        play(run, cancelled)
        return run


def play(run: SimulationRun, stop: Stop = never, *, on_round: Callable[[RoundReport], None] | None = None) -> None:
    """Play all rounds into ``run.reports``; for a thread of its own. Raises Interrupted; the rounds so far stay."""
    for report in simulate(run.world, run.choices, stop=stop):
        run.reports.append(report)
        if on_round is not None:
            on_round(report)


def same_world(run: SimulationRun, other: SimulationRun) -> bool:
    """Whether two runs are of the same truth, genre and seed, so that their figures can be compared."""
    return (
        run.source == other.source
        and run.world.truth.shape == other.world.truth.shape
        and run.world.truth_sum == other.world.truth_sum
        and run.world.genres == other.world.genres
        and run.world.favourite == other.world.favourite
        and run.choices.world_seed == other.choices.world_seed
    )
