"""Subjects: which user and which movie a cell of a sheet is about."""

from __future__ import annotations

from cfgui.app.block import Block
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.app.finding import Side

Subject = tuple[Side, str]
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
