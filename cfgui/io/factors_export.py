"""Writing factors, recommendations and ratings as values: one verb each, the format by the end of the path.

Every file is put in place whole or not at all; where an export has several files, none is before all are written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from cfgui.core.factors import Factors
from cfgui.core.ratings import Indices, Mask, Ratings
from cfgui.core.recommend_lists import ListTally
from cfgui.io.atomic import atomic_write
from cfgui.io.model_values import has_model_table, model_table
from cfgui.io.npz_export import fill_npz, npz_arrays
from cfgui.io.projector_export import fill_projector
from cfgui.io.table_options import Cancelled, Report, TableError, never, no_report
from cfgui.io.value_files import fill_csv, fill_parquet
from cfgui.io.value_progress import ExportProgress
from cfgui.io.value_tables import Advance, ValueTable, movie_table, rating_table, recommendation_table, user_table
from cfgui.io.value_workbook import check_excel_limits, fill_value_workbook, workbook_steps

FACTOR_FORMATS = (".csv", ".parquet", ".npz", ".xlsx", ".tsv")
RECOMMENDATION_FORMATS = (".csv", ".parquet", ".xlsx")
RATING_FORMATS = (".csv", ".parquet")
"""The endings each verb understands."""

_FILL: dict[str, Callable[[ValueTable, Path, Advance], None]] = {".csv": fill_csv, ".parquet": fill_parquet}


def factor_paths(path: Path, factors: Factors | None = None) -> tuple[Path, ...]:
    """The files that ``write_factors`` makes of ``path``.

    NAME.csv and NAME.parquet become NAME-users and NAME-movies, for the two have different columns, and NAME-model
    where ``factors`` have layers, a range or a mean; NAME.tsv becomes NAME-users.tsv and NAME-movies.tsv, each with a
    NAME-…-metadata.tsv; NAME.npz and NAME.xlsx stay one file.
    """
    stem, suffix = path.stem, path.suffix
    if suffix.lower() in (".npz", ".xlsx"):
        return (path,)
    projector = suffix.lower() == ".tsv"
    marks = ["users", "users-metadata", "movies", "movies-metadata"] if projector else ["users", "movies"]
    marks += ["model"] if factors is not None and has_model_table(factors) and not projector else []
    return tuple(path.with_name(f"{stem}-{mark}{suffix}") for mark in marks)


def write_factors(
    ratings: Ratings,
    factors: Factors,
    path: Path,
    *,
    users: Indices | None = None,
    movies: Indices | None = None,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> tuple[Path, ...]:
    """Write all weights of a model, or those of ``users`` and ``movies`` in their order; returns the files written.

    ``path`` ends in one of ``FACTOR_FORMATS`` and names the files by ``factor_paths``. Raises TableError where the
    format cannot hold them, SaveError where the disk refuses, Cancelled; what stood there before then stays.
    """
    kind, paths = _kind(path, FACTOR_FORMATS), factor_paths(path, factors)
    if kind == ".npz":
        arrays = npz_arrays(ratings, factors, users=users, movies=movies)
        progress = ExportProgress(sum(array.nbytes for array in arrays.values()), report, cancelled)
        with atomic_write(path) as temporary:
            fill_npz(arrays, temporary, progress.advance)
        return paths
    tables = [user_table(ratings, factors, users), movie_table(ratings, factors, movies)]
    if kind == ".tsv":
        progress = ExportProgress(sum(table.n_steps for table in tables), report, cancelled)
        with ExitStack() as files:
            places = [files.enter_context(atomic_write(each)) for each in paths]
            for table, vectors, labels in zip(tables, places[::2], places[1::2], strict=True):
                fill_projector(table, vectors, labels, progress.advance)
        return paths
    tables += [model_table(factors)] if has_model_table(factors) else []
    return _write(tables, kind, paths, report, cancelled)


def write_recommendations(
    ratings: Ratings,
    factors: Factors,
    path: Path,
    n: int,
    *,
    users: Indices | None = None,
    candidates: Mask | None = None,
    diversity: float = 0.0,
    tally: ListTally | None = None,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> tuple[Path, ...]:
    """Write the ``n`` unseen movies with the highest predictions of every user, or of ``users`` in their order.

    ``candidates``, ``diversity`` and ``tally`` as in ``recommendation_table``. ``path`` ends in one of
    ``RECOMMENDATION_FORMATS``. Raises as ``write_factors``.
    """
    kind = _kind(path, RECOMMENDATION_FORMATS)
    table = recommendation_table(ratings, factors, n, users, candidates=candidates, diversity=diversity, tally=tally)
    return _write((table,), kind, (path,), report, cancelled)


def write_ratings(
    ratings: Ratings,
    path: Path,
    *,
    users: Indices | None = None,
    movies: Indices | None = None,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> tuple[Path, ...]:
    """Write the ratings, one a line; with ``users`` and ``movies`` only theirs, in the order of the file.

    ``path`` ends in one of ``RATING_FORMATS``. Raises as ``write_factors``.
    """
    return _write((rating_table(ratings, users, movies),), _kind(path, RATING_FORMATS), (path,), report, cancelled)


def _write(
    tables: Sequence[ValueTable], kind: str, paths: tuple[Path, ...], report: Report, cancelled: Cancelled
) -> tuple[Path, ...]:
    with ExitStack() as files:
        if kind == ".xlsx":
            check_excel_limits(tables)
            progress = ExportProgress(workbook_steps(tables), report, cancelled)
            fill_value_workbook(tables, files.enter_context(atomic_write(paths[0])), progress, name=paths[0].name)
        else:
            progress = ExportProgress(sum(table.n_steps for table in tables), report, cancelled)
            places = [files.enter_context(atomic_write(each)) for each in paths]
            for table, place in zip(tables, places, strict=True):
                _FILL[kind](table, place, progress.advance)
    return paths


def _kind(path: Path, allowed: tuple[str, ...]) -> str:
    kind = path.suffix.lower()
    if kind not in allowed:
        raise TableError(f"{path.name} cannot be written: its name must end in {', '.join(allowed)}.")
    return kind
