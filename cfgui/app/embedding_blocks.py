"""The blocks of ``movielens_emb``: dotprod's model seen as lookups, one line per rating."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from cfgui.app.block import Block, rating_text, weight_text
from cfgui.app.blocks import RmseBlock
from cfgui.app.edits import Edit, SetRatings, SetWeights
from cfgui.app.formulas import formula_words
from cfgui.app.layouts import lookups_layout
from cfgui.app.predicted import predictions_of
from cfgui.app.session import Session
from cfgui.app.weight_blocks import NEEDS_NUMBER
from cfgui.core.rating_lines import RatingLines
from cfgui.core.ratings import Cell, Floats, Indices, Mask, Ratings
from cfgui.core.view import View
from cfgui.io.workbook_layout import EmbeddingLayout

MODEL = "dot"
"""The model whose weights the sheet looks up."""


def embedding_layout(session: Session) -> EmbeddingLayout:
    """The addresses of the sheet at its present size."""
    view, factors = session.view, session.sheet(MODEL).factors
    return lookups_layout(len(view.users), len(view.movies), n_lines(session), factors)


MAX_LINES = 1_000_000
"""Lines shown at most; Excel ends a little above."""


def n_lines(session: Session) -> int:
    """How many lines the sheet has: one for each rating shown, up to ``MAX_LINES``."""
    return min(session.visible.n_ratings, MAX_LINES)


class _EmbeddingBlock(Block):
    def __init__(self, session: Session) -> None:
        super().__init__(session, MODEL)

    @property
    def layout(self) -> EmbeddingLayout:
        """The addresses of the sheet at its present size."""
        return embedding_layout(self.session)


class _TableBlock(_EmbeddingBlock):
    """Users or movies: idx, id and embedding, one row each."""

    editable = True
    side: str

    @property
    @abstractmethod
    def owners(self) -> Indices:
        """The users or movies of the rows."""

    @property
    @abstractmethod
    def ids(self) -> tuple[str, ...]:
        """Raw ids of all users or movies."""

    @property
    @abstractmethod
    def table(self) -> Floats:
        """(all users or movies, n_factors) embeddings."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, idx + id + factors)."""
        return len(self.owners), self.factors.n_factors + 2

    def id(self, row: int) -> str:
        """The raw id of a row."""
        return self.ids[int(self.owners[row])]

    def part(self, rows: slice, columns: slice) -> Floats:
        """idx, blank for the id, factors."""
        owners = self.owners[rows]
        index = np.arange(len(self.owners), dtype=np.float64)[rows] + 1.0
        return np.column_stack([index, np.full(len(owners), np.nan), self.table[owners]])[:, columns]

    def value(self, row: int, column: int) -> float | None:
        """idx or factor; None for the id, which is a text."""
        if column < 2:
            return float(row + 1) if column == 0 else None
        return float(self.table[self.owners[row], column - 2])

    def text(self, row: int, column: int) -> str:
        """idx, id or a factor to two decimals."""
        if column < 2:
            return str(row + 1) if column == 0 else self.id(row)
        return weight_text(float(self.table[self.owners[row], column - 2]))

    def full_text(self, row: int, column: int) -> str:
        """Every digit of a factor."""
        return self.text(row, column) if column < 2 else repr(float(self.table[self.owners[row], column - 2]))

    def can_edit(self, row: int, column: int) -> bool:
        """Factors only."""
        return column >= 2

    def row_header(self, row: int) -> str:
        """No label: the id is a column here."""
        return ""

    def row_tip(self, row: int) -> str:
        """Whose row this is."""
        return f"{self.side} {self.id(row)}"

    def column_header(self, column: int) -> str:
        """idx, id, 1, 2, …"""
        return ("idx", "id")[column] if column < 2 else str(column - 1)

    def column_tip(self, column: int) -> str:
        """What the column holds."""
        return ("row number in this table", f"{self.side} id")[column] if column < 2 else f"factor {column - 1}"

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """A factor always has a number; idx and id cannot be edited: both raise ValueError."""
        weights = {}
        for (row, column), value in cells.items():
            if column < 2:
                raise ValueError("The idx and id columns are fixed: edit a factor instead.")
            if value is None:
                raise ValueError(NEEDS_NUMBER)
            weights[f"{self.side}_factors", int(self.owners[row]), column - 2] = value
        return SetWeights(self.model, weights)

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """idx and id are the first columns."""
        shifts = {f"{self.side}_index": 0, f"{self.side}_ids": 1, f"{self.side}s": 2}
        return (row, column + shifts[name]) if name in shifts else None

    def address(self, row: int, column: int) -> str:
        """The A1 address of a cell."""
        side = self.side
        if column < 2:
            return self.layout.address(f"{side}_index" if column == 0 else f"{side}_ids", row, 0)
        return self.layout.address(f"{side}s", row, column - 2)


class UserTableBlock(_TableBlock):
    """The users' embeddings."""

    name, title, side = "users", "Users", "user"

    @property
    def owners(self) -> Indices:
        """The users shown."""
        return self.view.users

    @property
    def ids(self) -> tuple[str, ...]:
        """User ids."""
        return self.session.ratings.user_ids

    @property
    def table(self) -> Floats:
        """(n_users, n_factors)."""
        return self.factors.user_factors


class MovieTableBlock(_TableBlock):
    """The movies' embeddings."""

    name, title, side = "movies", "Movies", "movie"

    @property
    def owners(self) -> Indices:
        """The movies shown."""
        return self.view.movies

    @property
    def ids(self) -> tuple[str, ...]:
        """Movie ids."""
        return self.session.ratings.movie_ids

    @property
    def table(self) -> Floats:
        """(n_movies, n_factors)."""
        return self.factors.movie_factors

    def row_tip(self, row: int) -> str:
        """Whose row this is."""
        return self.session.ratings.movie_label(self.movie(row))


class LookupsBlock(_EmbeddingBlock):
    """One line per rating: ids, rating, idx and embedding of both sides, predict and error^2."""

    name, title, editable, accepts_blank = "lookups", "One line per rating", True, True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._lines: tuple[Ratings, View, RatingLines] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(n_ratings, 2 n_factors + 7)."""
        if self._lines is not None and self._lines[0] is not self.session.visible:
            self._lines = None  # lets go of what may be a large table
        return n_lines(self.session), 2 * self.factors.n_factors + 7

    @property
    def lines(self) -> RatingLines:
        """The ratings shown, line by line."""
        shown, view = self.session.visible, self.view
        if self._lines is None or self._lines[0] is not shown or self._lines[1] is not view:
            self._lines = shown, view, RatingLines(shown, view if view.is_whole else None)
        return self._lines[2]

    def cell_of(self, line: int) -> Cell:
        """(user, movie) of a line."""
        row, column = self.lines.cell(line)
        return self.user(row), self.movie(column)

    def part(self, rows: slice, columns: slice) -> Floats:
        """The numbers of some lines; the ids are NaN, being texts."""
        factors, (start, stop, _) = self.factors, rows.indices(self.shape[0])
        row, column, values = self.lines.part(start, stop)
        users, movies = self.view.users[row], self.view.movies[column]
        predictions = predictions_of(self.session, self.model, users, movies)
        with np.errstate(over="ignore", invalid="ignore"):
            squares = (values - predictions) ** 2
        blank = np.full(len(values), np.nan)
        embeddings = factors.user_factors[users], factors.movie_factors[movies]
        table = [blank, blank, values, row + 1.0, embeddings[0], column + 1.0, embeddings[1], predictions, squares]
        return np.column_stack(table)[:, columns]

    def filled(self, rows: slice, columns: slice) -> Mask:
        """All but the ids: nothing has to be computed to know that."""
        n_rows, n_columns = (len(range(*part.indices(n))) for part, n in zip((rows, columns), self.shape, strict=True))
        return np.repeat((np.arange(self.shape[1]) >= 2)[None, columns], n_rows, axis=0).reshape(n_rows, n_columns)

    def text(self, row: int, column: int) -> str:
        """Ids and idx as they are, the rating as typed, other numbers to two decimals."""
        return self._text(row, self._column_name(column), self._number(row, column))

    def _text(self, line: int, name: str, value: float) -> str:
        if name == "userId":
            return self.session.ratings.user_ids[self.cell_of(line)[0]]
        if name == "movieId":
            return self.session.ratings.movie_ids[self.cell_of(line)[1]]
        return rating_text(value) if name == "rating" or name.endswith("idx") else weight_text(value)

    def texts(self, rows: slice, columns: slice) -> list[list[str]]:
        """What some lines show: their numbers are computed together."""
        numbers = self.part(rows, columns).tolist()
        lines = range(*rows.indices(self.shape[0]))
        names = [self._column_name(column) for column in range(*columns.indices(self.shape[1]))]
        texts = []
        for line, values in zip(lines, numbers, strict=True):
            texts.append([self._text(line, name, value) for name, value in zip(names, values, strict=True)])
        return texts

    def full_text(self, row: int, column: int) -> str:
        """Every digit."""
        if column < 2:
            return self.text(row, column)
        value = self._number(row, column)
        return rating_text(value) if value.is_integer() and abs(value) < 1e15 else repr(value)

    def can_edit(self, row: int, column: int) -> bool:
        """Ratings only: all else is looked up or computed."""
        return self._column_name(column) == "rating"

    def _number(self, row: int, column: int) -> float:
        return float(self.part(slice(row, row + 1), slice(column, column + 1))[0, 0])

    def _column_name(self, column: int) -> str:
        return self.layout.line_columns[column]

    def row_header(self, row: int) -> str:
        """User id · movie id, so that both stay in view."""
        user, movie = self.cell_of(row)
        return f"{self.session.ratings.user_ids[user]} · {self.session.ratings.movie_ids[movie]}"

    def row_tip(self, row: int) -> str:
        """Whose rating of what this line is."""
        user, movie = self.cell_of(row)
        ratings = self.session.ratings
        return f"user {ratings.user_ids[user]} · {ratings.movie_name(movie)}"

    def column_header(self, column: int) -> str:
        """As on the sheet; factors by number with their side's initial."""
        name = self._column_name(column)
        side, _, what = name.partition(" ")
        return f"{side[0]}{what}" if what.isdigit() else name.replace("user idx", "u idx").replace("movie idx", "m idx")

    def column_tip(self, column: int) -> str:
        """What the column holds."""
        name = self._column_name(column)
        side, _, what = name.partition(" ")
        if what.isdigit():
            return f"{side} embedding, factor {what}: looked up by idx"
        return {
            "user idx": "row of the user table, found by MATCH",
            "movie idx": "row of the movie table, found by MATCH",
            "predict": formula_words(self.factors),
            "error^2": "square of rating minus predict",
        }.get(name, name)

    def edit(self, cells: Mapping[Cell, float | None]) -> Edit:
        """Ratings may be set, or made unrated by None; other columns raise ValueError."""
        ratings: dict[Cell, float | None] = {}
        for (line, column), value in cells.items():
            if not self.can_edit(line, column):
                raise ValueError("Only the rating column can be edited here: embeddings are edited in their tables.")
            ratings[self.cell_of(line)] = value
        return SetRatings(ratings)


class EmbeddingRmseBlock(_EmbeddingBlock, RmseBlock):
    """The RMSE of ``movielens_emb``: dotprod's, at this sheet's own address."""
