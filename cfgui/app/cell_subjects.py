"""Subjects: which user and which movie a cell of a sheet is about."""

from __future__ import annotations

from collections.abc import Sequence

from cfgui.app.block import Block
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.app.selection_statistics import Rectangle
from cfgui.core.one_side import SideName

Subject = tuple[SideName, str]
"""Whom a page is asked about: "user" or "movie", and the raw id."""

_BY_USERS = ("ratings", "predictions", "user_factors", "users")
"""Blocks of which each row is a user."""

_BY_MOVIES = ("ratings", "predictions", "movie_factors")
"""Blocks of which each column is a movie."""


def subjects_of(block: Block, row: int, column: int) -> tuple[Subject, ...]:
    """The user and the movie of a cell, as far as it has them; () for the RMSE and the layers of a net."""
    return (*of_row(block, row), *of_column(block, column))


def of_row(block: Block, row: int) -> tuple[Subject, ...]:
    """Whose row this is; of a lookup both the user and the movie."""
    ratings = block.session.ratings
    if not 0 <= row < block.shape[0]:
        return ()
    if isinstance(block, LookupsBlock):
        user, movie = block.cell_of(row)
        return ("user", ratings.user_ids[user]), ("movie", ratings.movie_ids[movie])
    if block.name in _BY_USERS:
        return (("user", ratings.user_ids[block.user(row)]),)
    return (("movie", ratings.movie_ids[block.movie(row)]),) if block.name == "movies" else ()


def of_column(block: Block, column: int) -> tuple[Subject, ...]:
    """Whose column this is; () where columns are no movies."""
    if block.name not in _BY_MOVIES or not 0 <= column < block.shape[1]:
        return ()
    return (("movie", block.session.ratings.movie_ids[block.movie(column)]),)


def selected_subjects(
    block: Block, rectangles: Sequence[Rectangle], most: int
) -> tuple[SideName, tuple[str, ...]] | None:
    """Whom a selection is about: the movies of whole columns or of movie factors, else the users of its rows.

    None for cells that belong to nobody, or to a user and a movie alike; at most ``most`` ids are gone through.
    Raises ValueError, with a sentence, for more.
    """
    n_rows, n_columns = block.shape
    in_columns = block.name == "movie_factors" or (
        block.name in _BY_MOVIES
        and n_rows > 1
        and all(rows.stop - rows.start == n_rows for rows, _ in rectangles)
        and any(columns.stop - columns.start < n_columns for _, columns in rectangles)
    )
    lines = sorted({place for pair in rectangles for place in _places(pair[in_columns], most)})
    if len(lines) > most:
        raise ValueError(f"{len(lines):,} of them are selected: select at most {most:,} for this.")
    found = [of_column(block, line) if in_columns else of_row(block, line) for line in lines]
    if not found or any(len(subjects) != 1 for subjects in found):
        return None
    return found[0][0][0], tuple(raw_id for ((_, raw_id),) in found)


def _places(line: slice, most: int) -> range:
    """The places of a slice; one more than ``most`` where there are more."""
    return range(line.start, min(line.stop, line.start + most + 1))
