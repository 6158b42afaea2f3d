"""Where everything stands on the sheet ``movielens_emb``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cfgui.io.cell_address import a1
from cfgui.io.crosstab_layout import ranged
from cfgui.io.layout_base import Block, Layout

EMBEDDING_SHEET = "movielens_emb"
"""The sheet's name in the original workbook."""


@dataclass(frozen=True)
class EmbeddingLayout(Layout):
    """The sheet ``movielens_emb``: dotprod's model as lookups, one line per rating.

    Blocks, with what their (row, column) counts: ``users`` (user, factor), ``movies`` (movie, factor), ``lookups``
    (line, column as in ``line_columns``), ``user_ids``, ``movie_ids``, ``user_index``, ``movie_index`` (row, 0),
    ``rmse`` and ``rmse_check`` (0, 0); ``user_header`` and ``movie_header`` are the rows of labels over the tables,
    ``lookup_groups`` and ``lookup_header`` the two over the lines. With a range there are ``low`` and ``high`` with
    their labels, which repeat the cells named in ``ends``.
    """

    n_users: int
    n_movies: int
    n_factors: int
    n_ratings: int
    range_kind: str = "none"
    ends: tuple[str, ...] = ()

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
        blocks = {
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
        if self.range_kind != "none":
            blocks |= {"low_label": Block(7, rmse, 1, 1), "low": Block(8, rmse, 1, 1)}
            blocks |= {"high_label": Block(10, rmse, 1, 1), "high": Block(11, rmse, 1, 1)}
        return blocks

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
            score = f"SUMPRODUCT({self._line_range(row, 'user')},{self._line_range(row, 'movie')})"
            return f"={self._ranged(score)}"
        if name == "error^2":
            rating = self.address("lookups", line, self.line_column("rating"))
            return f"=({rating}-{a1(row, place - 1)})^2"
        if name in ("userId", "movieId", "rating"):
            return ""
        side = name.split()[0]
        table = self.range_of(f"{side}s", absolute=True)
        index = a1(row, self.blocks["lookups"].column + self.line_column(f"{side} idx"), fix_column=True)
        return f"=INDEX({table},{index},{a1(self.blocks['lookup_header'].row, place, fix_row=True)})"

    def _ranged(self, score: str) -> str:
        """The prediction that the range makes of a score."""
        if self.range_kind == "none":
            return score
        return ranged(self.range_kind, score, *(self.range_of(end, absolute=True) for end in ("low", "high")))

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
        if block in ("low", "high"):
            return self.end_formula(block)
        return {"rmse": self.rmse_formula, "rmse_check": self.rmse_check_formula}.get(block, str)()

    def end_formula(self, end: str) -> str:
        """The formula of the cell ``low`` or ``high``."""
        return f"={self.ends[end == 'high']}"

    def weight_ranges(self) -> tuple[str, str]:
        """Absolute ranges of the user table and the movie table, as Solver's variable cells."""
        return self.range_of("users", absolute=True), self.range_of("movies", absolute=True)
