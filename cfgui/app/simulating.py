"""Simulating a feedback loop: a run that grows round by round, its figures by name, and the sentence they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cfgui.app.reading import Reading
from cfgui.app.words import counted
from cfgui.core.chunks import Stop, never
from cfgui.core.feedback import RoundReport, simulate
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.feedback_world import World, planted_world, trained_world
from cfgui.core.ratings import Floats

MOVES = 0.02
"""A share that changes by less than this over a run is said to have stayed."""

WHOLE_FROM = 0.2
"""From this share on percents are told without a decimal."""


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
    def label(self) -> str:
        """The choices that tell it from others, in few words."""
        return label_of(self.choices)

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


def label_of(choices: FeedbackChoices) -> str:
    """What is special about these choices: "1 % enthusiasts · exploration 20 %"."""
    said, exploring, debiasing = _parts(choices)
    return " · ".join([said, exploring, *([debiasing] if choices.debiasing != "none" else [])])


def difference(run: SimulationRun, other: SimulationRun) -> str:
    """What is special about a run beside another, in few words: "no exploration"."""
    parts = zip(_parts(run.choices), _parts(other.choices), strict=True)
    return ", ".join(mine for mine, theirs in parts if mine != theirs) or "before"


def _parts(choices: FeedbackChoices) -> tuple[str, str, str]:
    """Enthusiasts, exploration and debiasing in words."""
    kind = "Thompson sampling" if choices.exploration_kind == "thompson" else "exploration"
    debiasing = {"none": "no debiasing", "weights": "inverse propensity", "popularity": "popularity penalty"}
    return (
        f"{percent(choices.enthusiasts)} enthusiasts" if choices.enthusiasts else "no enthusiasts",
        f"{kind} {percent(choices.exploration)}" if choices.exploration else "no exploration",
        debiasing[choices.debiasing],
    )


def percent(share: float) -> str:
    """A share as "12 %" or "0.5 %"."""
    return f"{100 * share:.{0 if share >= WHOLE_FROM else 1}f}".removesuffix(".0") + " %"


def world_words(run: SimulationRun) -> str:
    """How large the world is and who the enthusiasts are, as one sentence."""
    world = run.world
    size = f"{counted(world.n_users, 'user')} and {counted(world.n_movies, 'movie')} of {run.source}"
    if not len(world.enthusiasts):
        return f"{size}; there are no enthusiasts."
    rate = "rates" if len(world.enthusiasts) == 1 else "rate"
    n_loved = int(np.count_nonzero(world.favourite_movies))
    return f"{size}; {counted(len(world.enthusiasts), 'enthusiast')} {rate} all {n_loved:,} movies of {run.favourite}."


def lesson(run: SimulationRun, before: SimulationRun | None = None) -> str:
    """What the rounds so far teach, from their own numbers; ``before`` is an earlier run to compare with."""
    if not run.reports:
        return ""
    first, last = run.reports[0], run.reports[-1]
    fair = percent(run.world.favourite_share)
    who = "everybody" if not len(run.world.enthusiasts) else "everybody else"
    change = last.favourite_share - first.favourite_share
    how = "rose" if change >= MOVES else "fell" if change <= -MOVES else "moved"
    said = (
        f"{run.favourite} {how} from {percent(first.favourite_share)} to {percent(last.favourite_share)} of what"
        f" {who} is shown in {counted(last.number, 'round')}; {fair} of the movies are {run.favourite}."
    )
    return f"{said} {_compared(run, before)}".rstrip()


def _compared(run: SimulationRun, before: SimulationRun | None) -> str:
    """How it was at the same round of another run of the same world."""
    if before is None or not same_world(run, before):
        return ""
    number = min(len(run.reports), len(before.reports))
    if not number:
        return ""
    there = before.reports[number - 1].favourite_share
    difference = run.reports[number - 1].favourite_share - there
    verdict = "more" if difference >= MOVES else "less" if difference <= -MOVES else "about as much"
    return f"{_other_way(run, before)} it was {percent(there)} at round {number}: here it is {verdict}."


def _other_way(run: SimulationRun, before: SimulationRun) -> str:
    """How an earlier run differs, in words."""
    mine, theirs = run.choices, before.choices
    left_out = [
        word
        for word, more in (
            ("enthusiasts", mine.enthusiasts > 0.0 == theirs.enthusiasts),
            ("exploration", mine.exploration > 0.0 == theirs.exploration),
            ("debiasing", mine.debiasing != "none" == theirs.debiasing),
        )
        if more
    ]
    alone = replace(mine, **{it: getattr(theirs, it) for it in ("enthusiasts", "exploration", "debiasing")})
    if left_out and alone == replace(theirs, exploration_kind=mine.exploration_kind):
        return f"Without {' and '.join(left_out)}"
    return f"In the run before ({before.label})"


def same_world(run: SimulationRun, other: SimulationRun) -> bool:
    """Whether two runs are of the same source, size, genre and seed, so that their figures can be compared."""
    mine, theirs = run.choices, other.choices
    return (
        run.source == other.source
        and run.world.truth.shape == other.world.truth.shape
        and run.world.genres == other.world.genres
        and run.world.favourite == other.world.favourite
        and mine.world_seed == theirs.world_seed
    )


def round_columns(runs: Sequence[SimulationRun]) -> dict[str, Floats | list[str]]:
    """Every round of every run as columns: the run's label, ``ROUND_FIGURES`` and the share of each genre.

    A genre that a run does not know is NaN there.
    """
    tables: dict[str, Floats | list[str]] = {"run": [run.label for run in runs for _ in run.reports]}
    for figure in ROUND_FIGURES:
        tables[figure.name] = np.concatenate([run.figure(figure.name) for run in runs] or [np.zeros(0)])
    names = dict.fromkeys(genre for run in runs for genre in run.world.genres)
    for genre in names:
        tables[_column_name(genre, tables)] = np.concatenate([_share_of(run, genre) for run in runs])
    return tables


def _share_of(run: SimulationRun, genre: str) -> Floats:
    shares = run.genre_shares()
    known = genre in run.world.genres
    return shares[:, run.world.genres.index(genre)] if known else np.full(len(shares), np.nan)


def _column_name(genre: str, taken: dict[str, Floats | list[str]]) -> str:
    """A plain name for a stranger's word, which may hold anything: "share_sci_fi"."""
    plain = "share_" + (re.sub(r"[^0-9a-z]+", "_", genre.casefold()).strip("_") or "other")
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name


def write_runs(runs: Sequence[SimulationRun], path: Path) -> None:
    """Write every round of these runs as .csv, .xlsx or .parquet; for a thread of its own.

    Raises TableError for another ending, SaveError where the disk refuses.
    """
    from cfgui.io.feedback_files import write_rounds

    write_rounds(round_columns(runs), path)
