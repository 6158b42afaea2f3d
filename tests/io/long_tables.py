"""Helpers for the tests of the readers of long tables."""

from pathlib import Path

from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.io.long_table import read_long
from cfgui.io.table_options import TableOptions


def read(folder: Path, data: bytes | str, **options) -> tuple[Ratings, ImportReport]:
    """What ``read_long`` makes of a file with this content."""
    path = folder / "table.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_long(path, TableOptions(**options))


def triples(ratings: Ratings) -> dict[tuple[str, str], float]:
    """Ratings by raw user and movie id."""
    users = [ratings.user_ids[index] for index in ratings.users]
    movies = [ratings.movie_ids[index] for index in ratings.movies]
    assert len(set(zip(users, movies, strict=True))) == ratings.n_ratings
    return dict(zip(zip(users, movies, strict=True), ratings.values.tolist(), strict=True))


def rejected(report: ImportReport) -> dict[str, list[int]]:
    """Line numbers by reason; the counts agree with them."""
    assert all(rows.count == len(rows.lines) for rows in report.rejected)
    return {rows.reason: rows.lines.tolist() for rows in report.rejected}
