"""Exporting values: what there is to choose, what a choice comes to, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cfgui.app.words import counted
from cfgui.app.work_pace import size_words
from cfgui.core.factors import Factors
from cfgui.core.movie_facts import facts_of
from cfgui.core.movie_filter import EVERY_MOVIE, MovieFilter
from cfgui.core.posterior_model import mean_model
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.view import View
from cfgui.io.table_options import Cancelled, Report, never, no_report

if TYPE_CHECKING:
    from cfgui.app.session import Session
    from cfgui.core.recommend_lists import ListTally

What = Literal["factors", "recommendations", "ratings"]

WHATS: Mapping[What, str] = {
    "factors": "all factors and biases",
    "recommendations": "recommendations",
    "ratings": "the ratings",
}
"""What can be exported as values, in words."""

FORMATS: Mapping[str, str] = {
    ".csv": "CSV",
    ".xlsx": "Excel workbook, values only",
    ".parquet": "Parquet",
    ".npz": "NumPy arrays (.npz)",
    ".tsv": "Embedding Projector (.tsv)",
}
"""Every format by the end of its files' names."""

FORMATS_OF: Mapping[What, tuple[str, ...]] = {
    "factors": (".csv", ".xlsx", ".parquet", ".npz", ".tsv"),
    "recommendations": (".csv", ".xlsx", ".parquet"),
    "ratings": (".csv", ".parquet"),
}
"""The formats that can hold each."""

_BYTES_A_NUMBER = {".csv": 19.5, ".tsv": 19.5, ".xlsx": 12.5, ".parquet": 8.0, ".npz": 8.0}
_BYTES_A_LABEL = {".csv": 50, ".tsv": 45, ".xlsx": 35, ".parquet": 20, ".npz": 40}
_BYTES_A_PLACE = {".csv": 23, ".tsv": 0, ".xlsx": 15, ".parquet": 1, ".npz": 0}
_BYTES_A_RECOMMENDATION = {".csv": 55, ".xlsx": 38, ".parquet": 13}
_BYTES_A_RATING = {".csv": 14, ".parquet": 2.7}


MODEL_FACTS = 103
"""Lines of the table of a model besides its layers at most: ends of the range, the mean, a hundred classes."""


@dataclass(frozen=True, eq=False)
class ExportSource:
    """What there is to export: ratings, the weights of one model, and the part of them that the sheet shows.

    ``view`` is None where everything is shown; ``n_shown_ratings`` counts the ratings in it. ``samples`` are the draws
    of Gibbs sampling that ``factors`` are the newest of, where there are such: recommendations go by their mean.
    """

    ratings: Ratings
    factors: Factors
    view: View | None = None
    n_shown_ratings: int = 0
    samples: Samples | None = None


@dataclass(frozen=True)
class ValueExport:
    """A choice: what, of the part shown only or of all, how many recommendations a user gets, and the format.

    ``only`` and ``diversity`` say which movies are recommended, and how different from one another.
    """

    what: What = "factors"
    shown_only: bool = False
    n: int = 10
    ending: str = ".csv"
    only: MovieFilter = EVERY_MOVIE
    diversity: float = 0.0


def source_of(session: Session) -> ExportSource:
    """What a session has to export now; the weights are those of the open sheet."""
    from cfgui.app.reading import reading_of  # late: files are written without a session too

    reading = reading_of(session)
    if session.view.is_whole:
        return ExportSource(session.ratings, reading.factors, samples=reading.samples)
    return ExportSource(
        session.ratings, reading.factors, session.view, session.visible.n_ratings, samples=reading.samples
    )


def weights_for_all(factors: Factors, samples: Samples | None) -> Factors:
    """The weights that recommend to everyone: of Gibbs sampling one model that predicts the mean of the draws."""
    mean = None if samples is None else mean_model(samples.draws, samples.scale)
    return factors if mean is None else mean


def target_paths(export: ValueExport, path: Path, factors: Factors | None = None) -> tuple[Path, ...]:
    """The files that an export to ``path`` writes, for these weights; None stands for such without layers or range."""
    from cfgui.io.factors_export import factor_paths

    return factor_paths(path, factors) if export.what == "factors" else (path,)


def contents(source: ExportSource, export: ValueExport) -> str:
    """What an export writes and about how large it gets, as one sentence."""
    n_users, n_movies, n_ratings = _counts(source, export)
    users, movies = counted(n_users, "user"), counted(n_movies, "movie")
    if export.what == "ratings":
        words = f"{counted(n_ratings, 'rating')}, one a line"
    elif export.what == "recommendations":
        n = min(export.n, source.ratings.n_movies)
        best = "the best unseen movie" if n == 1 else f"the {n:,} best unseen movies"
        words = f"{best} of {users}: up to {counted(n_users * n, 'line')}"
    else:
        words = _factor_words(source.factors, users, movies)
    n_files = len(target_paths(export, Path(f"x{export.ending}"), source.factors))
    files = f" in {n_files} files" if n_files > 1 else ""
    size = size_words(_rounded(_n_bytes(source, export))).replace(" ", "\N{NO-BREAK SPACE}")
    return f"Writes {words}{files}, about {size}."


def _factor_words(factors: Factors, users: str, movies: str) -> str:
    """As "15 users and 15 movies with 5 factors and a bias each"."""
    if factors.n_factors != factors.n_movie_factors:
        words = f"{users} with {counted(factors.n_factors, 'factor')} and {movies} with {factors.n_movie_factors:,}"
    else:
        words = f"{users} and {movies} with {counted(factors.n_factors, 'factor')}"
    if factors.has_bias:
        words += " and a bias each"
    if factors.layers:
        n_weights = sum(layer.n_parameters for layer in factors.layers)
        words += f", and {counted(n_weights, 'weight')} of {counted(len(factors.layers), 'layer')}"
    return words


def problem(source: ExportSource, export: ValueExport) -> str:
    """Why the choice cannot be written, as one sentence; "" where it can."""
    if export.ending != ".xlsx":
        return ""
    from cfgui.io.cell_address import MAX_ROWS
    from cfgui.io.value_workbook import excel_problem

    n_users, n_movies, _ = _counts(source, export)
    if export.what == "recommendations":
        return excel_problem("recommendations", n_users * min(export.n, source.ratings.n_movies), 5)
    factors, n_layers = source.factors, sum(layer.n_parameters for layer in source.factors.layers)
    if n_layers + MODEL_FACTS >= MAX_ROWS:
        return f"The layers have {n_layers:,} weights and a sheet of Excel {MAX_ROWS:,} rows: choose CSV or Parquet."
    return excel_problem("users", n_users, factors.n_factors + 6) or excel_problem(
        "movies", n_movies, factors.n_movie_factors + 6
    )


def export_values(
    source: ExportSource,
    export: ValueExport,
    path: Path,
    *,
    tally: ListTally | None = None,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> tuple[Path, ...]:
    """Write what was chosen to ``path`` and return the files written; all of them or none.

    ``tally`` counts the movies that are recommended. Raises TableError where the format cannot hold it, OSError where
    the disk refuses, ``Cancelled``.
    """
    from cfgui.io import factors_export

    view = source.view if export.shown_only else None
    users, movies = (None, None) if view is None else (view.users, view.movies)
    ratings, factors = source.ratings, source.factors
    if export.what == "ratings":
        return factors_export.write_ratings(
            ratings, path, users=users, movies=movies, report=report, cancelled=cancelled
        )
    if export.what == "recommendations":
        return factors_export.write_recommendations(
            ratings,
            weights_for_all(factors, source.samples),
            path,
            export.n,
            users=users,
            candidates=None if export.only.lets_all else export.only.candidates(facts_of(ratings)),
            diversity=export.diversity,
            tally=tally,
            report=report,
            cancelled=cancelled,
        )
    return factors_export.write_factors(
        ratings, factors, path, users=users, movies=movies, report=report, cancelled=cancelled
    )


def _counts(source: ExportSource, export: ValueExport) -> tuple[int, int, int]:
    """Users, movies and ratings that an export is about."""
    if source.view is not None and export.shown_only:
        return len(source.view.users), len(source.view.movies), source.n_shown_ratings
    return source.ratings.n_users, source.ratings.n_movies, source.ratings.n_ratings


def _n_bytes(source: ExportSource, export: ValueExport) -> float:
    n_users, n_movies, n_ratings = _counts(source, export)
    if export.what == "ratings":
        return n_ratings * _BYTES_A_RATING[export.ending]
    if export.what == "recommendations":
        return n_users * min(export.n, source.ratings.n_movies) * _BYTES_A_RECOMMENDATION[export.ending]
    factors, a_number = source.factors, _BYTES_A_NUMBER[export.ending]
    facts = (2 if export.ending != ".npz" else 0) + int(factors.has_bias)
    n_numbers = n_users * (factors.n_factors + facts) + n_movies * (factors.n_movie_factors + facts)
    labels = (n_users + n_movies) * _BYTES_A_LABEL[export.ending]
    n_layers = sum(layer.n_parameters for layer in factors.layers) if export.ending != ".tsv" else 0
    a_line = a_number + _BYTES_A_PLACE[export.ending]
    return n_numbers * a_number + labels + n_layers * a_line


def _rounded(n_bytes: float) -> float:
    """To two digits: it is an estimate."""
    return float(f"{n_bytes:.1e}")
