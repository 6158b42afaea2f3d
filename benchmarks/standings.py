"""Rank correlation of bias and mean, the nearest movie with and without a minimum of ratings, and the time they take.

    python -m benchmarks.standings [RATINGS.csv ...] [--movie ID] [--preset NAME]

Each file is trained by the preset (by default "best-sgd", what ``cfgui biases`` takes for so many ratings); ``--movie``
is whose neighbours are asked for, by default 593, Silence of the Lambs in ml-latest-small. Then standings and
neighbours are timed on made-up weights of the size of MovieLens 25M: 59,047 movies of 50 factors.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from cfgui.app.documents import open_document
from cfgui.app.evaluating import Length
from cfgui.app.neighbours_report import make_neighbours_report
from cfgui.app.standings_report import correlation_words
from cfgui.app.trained_model import newly_trained
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.neighbours import MEASURES, neighbours
from cfgui.core.one_side import SideName
from cfgui.core.presets import PRESETS
from cfgui.core.standings import standings
from cfgui.io.synthetic import synthetic_ratings

N_MOVIES, N_FACTORS, TURNS = 59_047, 50, 9
SIDES: tuple[SideName, ...] = ("movie", "user")


def figures(path: Path, preset_name: str, movie: str) -> None:
    """Print what a trained model says of one file."""
    preset = PRESETS[preset_name]
    choices = Hyperparameters(**preset.complete)  # type: ignore[arg-type]  # as the table of presets has them
    found = newly_trained(open_document(path), choices, Length(epochs=preset.epochs))
    print(f"{path.name}: {found.note}")
    for side in SIDES:
        print(f"  {side}s: {correlation_words(standings(found.ratings, found.factors, side))}")
    if movie not in found.ratings.movie_ids:
        return
    index = found.ratings.movie_ids.index(movie)
    for least in (0, 20):
        report = make_neighbours_report(found.ratings, found.factors, "movie", index, 1, min_ratings=least)
        nearest = report.rows[0]
        print(f"  {report.words}")
        print(f"    {nearest.name}, cosine {nearest.value:.3f}, {nearest.n_ratings:,} ratings")


def timed(work: Callable[[], object]) -> float:
    """The median of some turns, in milliseconds."""
    seconds = []
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds) * 1e3


def times() -> None:
    """Print how long a large table takes."""
    ratings = synthetic_ratings(5_000, N_MOVIES, 1_000_000, seed=1)
    rng = np.random.default_rng(1)
    shapes = ((5_000, N_FACTORS), (N_MOVIES, N_FACTORS), 5_000, N_MOVIES)
    factors = Factors(*(rng.normal(size=shape) for shape in shapes))
    print(f"{N_MOVIES:,} movies of {N_FACTORS} factors")
    print(f"  standings {timed(lambda: standings(ratings, factors, 'movie')):.1f} ms")
    for name in MEASURES:
        for least in (0, 20):
            took = timed(lambda: neighbours(factors, ratings.movie_counts, "movie", 7, 10, name, least))  # noqa: B023
            print(f"  neighbours by {name}, at least {least} ratings: {took:.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="RATINGS.csv")
    parser.add_argument("--movie", default="593")
    parser.add_argument("--preset", default="best-sgd", choices=list(PRESETS))
    given = parser.parse_args()
    for path in given.files:
        figures(path, given.preset, given.movie)
    times()


if __name__ == "__main__":
    main()
