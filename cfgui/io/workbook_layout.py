"""Where everything stands on the sheets: the only place that knows a cell address.

Source: the sheets ``dotprod``, ``bias`` and ``movielens_emb`` of the fast.ai workbook ``collab_filter.xlsx``, made
general for n users, m movies, k latent factors. Rows and columns are 0-based inside the program; addresses are A1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cfgui.core.models import MODELS
from cfgui.io.cell_address import a1, parse_a1

__all__ = [
    "BIAS_SHEET",
    "DOT_SHEET",
    "EMBEDDING_SHEET",
    "Block",
    "EmbeddingLayout",
    "Layout",
    "SheetLayout",
    "a1",
    "parse_a1",
]

DOT_SHEET, EMBEDDING_SHEET, BIAS_SHEET = MODELS["dot"].sheet, "movielens_emb", MODELS["bias"].sheet
"""Sheet names, in the order of the original workbook."""


class Block(NamedTuple):
    """A rectangle of cells: its first row and column (0-based) and its size."""

    row: int
    column: int
    n_rows: int
    n_columns: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell at 0-based (row, column) lies in this rectangle."""
        return self.row <= row < self.row + self.n_rows and self.column <= column < self.column + self.n_columns


class Layout(ABC):
    """What both kinds of sheet share: named blocks and the addresses inside them."""

    @property
    @abstractmethod
    def sheet(self) -> str:
        """The name of the sheet."""

    @cached_property
    @abstractmethod
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""

    @abstractmethod
    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The Excel formula at a place inside a block, "" where a value is typed."""

    @abstractmethod
    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of all weights, biases included, as Solver's variable cells."""

    def cell(self, block: str, row: int = 0, column: int = 0) -> tuple[int, int]:
        """0-based (row, column) on the sheet of a place inside a block. Raises KeyError for an unknown block."""
        place = self.blocks[block]
        return place.row + row, place.column + column

    def address(self, block: str, row: int = 0, column: int = 0) -> str:
        """The A1 address of a place inside a block."""
        return a1(*self.cell(block, row, column))

    def range_of(self, block: str, absolute: bool = False) -> str:
        """The A1 range of a whole block, ``H2:V16`` or ``$H$2:$V$16``; a one-cell block gives one address."""
        place = self.blocks[block]
        first = a1(place.row, place.column, absolute=absolute)
        last = a1(place.row + place.n_rows - 1, place.column + place.n_columns - 1, absolute=absolute)
        return first if first == last else f"{first}:{last}"

    def block_at(self, address: str) -> tuple[str, int, int] | None:
        """(block, row, column) of an address, rows and columns counted inside the block; None outside every block."""
        cell = parse_a1(address)
        if cell is None:
            return None
        for name, place in self.blocks.items():
            if place.holds(*cell):
                return name, cell[0] - place.row, cell[1] - place.column
        return None

    @property
    def n_rows(self) -> int:
        """Rows in use."""
        return max(place.row + place.n_rows for place in self.blocks.values())

    @property
    def n_columns(self) -> int:
        """Columns in use."""
        return max(place.column + place.n_columns for place in self.blocks.values())


@dataclass(frozen=True)
class SheetLayout(Layout):
    """The sheet ``dotprod`` or ``bias``.

    Blocks, with what their (row, column) counts: ``ratings`` and ``predictions`` (user, movie), ``movie_factors``
    (factor, movie), ``user_factors`` (user, factor), ``movie_bias`` (0, movie) and ``user_bias`` (user, 0) on the bias
    sheet only, ``rmse`` and ``rmse_check`` (0, 0), ids ``movie_ids_top``, ``user_ids_top`` (beside the ratings),
    ``movie_ids``, ``user_ids`` (beside the predictions) and their labels ``movie_label_top``, ``user_label_top``,
    ``movie_label``, ``user_label``; ``rmse_label`` and ``rmse_check_label``.
    """

    n_users: int
    n_movies: int
    n_factors: int
    bias: bool

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return BIAS_SHEET if self.bias else DOT_SHEET

    @classmethod
    def for_model(cls, model: str, n_users: int, n_movies: int, n_factors: int) -> SheetLayout:
        """The sheet of the model "dot" or "bias". Raises ValueError for another name or a size below 1."""
        if model not in MODELS:
            raise ValueError(f"no sheet for the model {model}")
        if min(n_users, n_movies, n_factors) < 1:
            raise ValueError("a sheet needs at least one user, one movie and one factor")
        return cls(n_users, n_movies, n_factors, MODELS[model].bias)

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        ids, left = k + 1, k + 2
        weights = n + 3
        factors = weights + self.bias
        header = factors + k
        users = header + 1
        rmse = users + n + 1
        last = left + m - 1
        blocks = {
            "ratings": Block(1, left, n, m),
            "movie_factors": Block(factors, left, k, m),
            "user_factors": Block(users, 1, n, k),
            "predictions": Block(users, left, n, m),
            "rmse": Block(rmse, last, 1, 1),
            "rmse_check": Block(rmse + 1, last, 1, 1),
            "movie_label_top": Block(0, ids, 1, 1),
            "movie_ids_top": Block(0, left, 1, m),
            "user_label_top": Block(1, k, 1, 1),
            "user_ids_top": Block(1, ids, n, 1),
            "movie_label": Block(header - 1, ids, 1, 1),
            "movie_ids": Block(header, left, 1, m),
            "user_label": Block(header, k, 1, 1),
            "user_ids": Block(users, ids, n, 1),
            "rmse_label": Block(rmse, last - 1, 1, 1),
            "rmse_check_label": Block(rmse + 1, last - 1, 1, 1),
        }
        if self.bias:
            blocks |= {"movie_bias": Block(weights, left, 1, m), "user_bias": Block(users, 0, n, 1)}
        return blocks

    def prediction_formula(self, user: int, movie: int) -> str:
        """The Excel formula of one prediction: 0 where unrated, so that blanks add nothing to the RMSE."""
        rating = self.address("ratings", user, movie)
        row, column = self.cell("predictions", user, movie)
        first, last = self.blocks["user_factors"].column, self.blocks["user_factors"].column + self.n_factors - 1
        top = self.blocks["movie_factors"].row
        left = f"{a1(row, first, fix_column=True)}:{a1(row, last, fix_column=True)}"
        right = f"{a1(top, column, fix_row=True)}:{a1(top + self.n_factors - 1, column, fix_row=True)}"
        product = f"MMULT({left},{right})"
        if self.bias:
            movie_bias = a1(self.blocks["movie_bias"].row, column, fix_row=True)
            product += f"+{movie_bias}+{a1(row, self.blocks['user_bias'].column, fix_column=True)}"
        return f'=IF({rating}="",0,{product})'

    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell."""
        ratings = self.range_of("ratings")
        return f"=SQRT(SUMXMY2({ratings},{self.range_of('predictions')})/COUNT({ratings}))"

    def rmse_check_formula(self) -> str:
        """The same number by a formula that skips blanks itself, whatever the prediction beside a blank says."""
        ratings = self.range_of("ratings")
        squares = f'({ratings}<>"")*({ratings}-{self.range_of("predictions")})^2'
        return f"=SQRT(SUMPRODUCT({squares})/COUNT({ratings}))"

    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The Excel formula at a place inside a block, "" where a value is typed."""
        if block == "predictions":
            return self.prediction_formula(row, column)
        return {"rmse": self.rmse_formula, "rmse_check": self.rmse_check_formula}.get(block, str)()

    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of all movie weights and all user weights, biases included, as Solver's variable cells."""
        if not self.bias:
            return self.range_of("movie_factors", absolute=True), self.range_of("user_factors", absolute=True)
        movies, users = self.blocks["movie_factors"], self.blocks["user_factors"]
        bottom, right = movies.row + movies.n_rows - 1, users.column + users.n_columns - 1
        movie_end = a1(bottom, movies.column + self.n_movies - 1, absolute=True)
        user_end = a1(users.row + self.n_users - 1, right, absolute=True)
        return (
            f"{a1(*self.cell('movie_bias'), absolute=True)}:{movie_end}",
            f"{a1(*self.cell('user_bias'), absolute=True)}:{user_end}",
        )


@dataclass(frozen=True)
class EmbeddingLayout(Layout):
    """The sheet ``movielens_emb``: dotprod's model as lookups, one line per rating.

    Blocks, with what their (row, column) counts: ``users`` (user, factor), ``movies`` (movie, factor), ``lookups``
    (line, column as in ``line_columns``), ``user_ids``, ``movie_ids``, ``user_index``, ``movie_index`` (row, 0),
    ``rmse`` and ``rmse_check`` (0, 0); ``user_header`` and ``movie_header`` are the rows of labels over the tables,
    ``lookup_groups`` and ``lookup_header`` the two over the lines.
    """

    n_users: int
    n_movies: int
    n_factors: int
    n_ratings: int

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return EMBEDDING_SHEET

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        n, m, k, lines = self.n_users, self.n_movies, self.n_factors, max(self.n_ratings, 1)
        movies, left, width = n + 6, k + 3, 2 * k + 7
        rmse = left + width + 1
        return {
            "users": Block(3, 2, n, k),
            "movies": Block(movies, 2, m, k),
            "lookups": Block(2, left, lines, width),
            "user_index": Block(3, 0, n, 1),
            "user_ids": Block(3, 1, n, 1),
            "movie_index": Block(movies, 0, m, 1),
            "movie_ids": Block(movies, 1, m, 1),
            "user_header": Block(1, 0, 2, k + 2),
            "movie_header": Block(movies - 2, 0, 2, k + 2),
            "lookup_groups": Block(0, left, 1, width),
            "lookup_header": Block(1, left, 1, width),
            "rmse_label": Block(1, rmse, 1, 1),
            "rmse": Block(2, rmse, 1, 1),
            "rmse_check_label": Block(4, rmse, 1, 1),
            "rmse_check": Block(5, rmse, 1, 1),
        }

    @cached_property
    def line_columns(self) -> tuple[str, ...]:
        """Names of the columns of ``lookups``, left to right; factor columns are named ``user 1``, ``movie 1`` ..."""
        factors = range(1, self.n_factors + 1)
        return (
            "userId",
            "movieId",
            "rating",
            "user idx",
            *(f"user {factor}" for factor in factors),
            "movie idx",
            *(f"movie {factor}" for factor in factors),
            "predict",
            "error^2",
        )

    def line_column(self, name: str) -> int:
        """The position of a column of ``lookups`` by its name. Raises ValueError for an unknown one."""
        return self.line_columns.index(name)

    def index_formula(self, line: int, side: str, *, exact: bool = False) -> str:
        """The formula that finds a line's row in the ``side`` ("user" or "movie") table.

        ``exact`` is for ids that MATCH would confuse: it ignores case and reads ``*``, ``?`` and ``~`` as wildcards.
        """
        wanted = self.address("lookups", line, self.line_column(f"{side}Id"))
        ids = self.range_of(f"{side}_ids", absolute=True)
        if exact:
            return f"=SUMPRODUCT(EXACT({wanted},{ids})*{self.range_of(f'{side}_index', absolute=True)})"
        if self.blocks[f"{side}_ids"].n_rows == 1:
            ids = f"{ids}:{ids}"
        return f"=MATCH({wanted},{ids},0)"

    def line_formula(self, line: int, column: int, *, exact: bool = False) -> str:
        """The Excel formula at (line, column) of ``lookups``, "" where a value is typed."""
        name = self.line_columns[column]
        row, place = self.cell("lookups", line, column)
        if name in ("user idx", "movie idx"):
            return self.index_formula(line, name.split()[0], exact=exact)
        if name == "predict":
            return f"=SUMPRODUCT({self._line_range(row, 'user')},{self._line_range(row, 'movie')})"
        if name == "error^2":
            rating = self.address("lookups", line, self.line_column("rating"))
            return f"=({rating}-{a1(row, place - 1)})^2"
        if name in ("userId", "movieId", "rating"):
            return ""
        side = name.split()[0]
        table = self.range_of(f"{side}s", absolute=True)
        index = a1(row, self.blocks["lookups"].column + self.line_column(f"{side} idx"), fix_column=True)
        return f"=INDEX({table},{index},{a1(self.blocks['lookup_header'].row, place, fix_row=True)})"

    def _line_range(self, row: int, side: str) -> str:
        first = self.blocks["lookups"].column + self.line_column(f"{side} 1")
        return f"{a1(row, first)}:{a1(row, first + self.n_factors - 1)}"

    def _line_cells(self, name: str) -> str:
        column = self.line_column(name)
        return f"{self.address('lookups', 0, column)}:{self.address('lookups', max(self.n_ratings, 1) - 1, column)}"

    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell."""
        return f"=SQRT(AVERAGE({self._line_cells('error^2')}))"

    def rmse_check_formula(self) -> str:
        """The same number straight from ratings and predictions."""
        ratings = self._line_cells("rating")
        return f"=SQRT(SUMXMY2({ratings},{self._line_cells('predict')})/COUNT({ratings}))"

    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The Excel formula at a place inside a block, "" where a value is typed."""
        if block == "lookups":
            return self.line_formula(row, column)
        return {"rmse": self.rmse_formula, "rmse_check": self.rmse_check_formula}.get(block, str)()

    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of the user table and the movie table, as Solver's variable cells."""
        return self.range_of("users", absolute=True), self.range_of("movies", absolute=True)
