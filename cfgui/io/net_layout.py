"""Where everything stands on the sheets ``neural`` and ``ordinal``.

Ratings, embeddings and predictions stand as on ``dotprod``, the layers right of them one below the other, and under it
all one line for each rating, in which the net is calculated from left to right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS, a1
from cfgui.io.crosstab_layout import CrosstabLayout, crosstab_blocks, setting_blocks
from cfgui.io.layout_base import Block
from cfgui.io.net_columns import Column, line_columns

MAX_LINE_FORMULAS = 200_000
"""Formulas of lines above which they are left out: as many keep Excel from being of use."""


@dataclass(frozen=True)
class NetLayout(CrosstabLayout):
    """The sheet of a net.

    Blocks are those of ``SheetLayout`` without biases, and, with what their (row, column) counts: "layer1.weights"
    (input, unit) and "layer1.bias" (0, unit), "layer2.weights" and so on, each with its ``title``, its ``units`` (0,
    unit), its ``inputs`` (input, 0) and the ``bias_label`` beside the bias; of an ordinal net ``classes`` (0, class)
    and ``classes_label``; ``lines`` (line, column as in ``line_columns``), ``line_groups`` and ``line_header`` over
    them. A net too large for lines has none of these three. ``sizes`` are the units of each layer, the output last.
    """

    model: str
    n_users: int
    n_movies: int
    n_factors: int
    n_movie_factors: int
    sizes: tuple[int, ...]
    n_ratings: int
    range_kind: str = "none"

    @classmethod
    def of(cls, n_users: int, n_movies: int, n_ratings: int, factors: Factors) -> NetLayout:
        """The sheet that shows so many users, movies and ratings of these weights of a net."""
        sizes = tuple(int(layer.bias.size) for layer in factors.layers)
        widths = factors.n_factors, factors.n_movie_factors
        return cls(factors.model, n_users, n_movies, *widths, sizes, n_ratings, factors.range.kind)

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        return MODELS[self.model].sheet

    @property
    def n_inputs(self) -> int:
        """Numbers that the first layer takes in."""
        return self.n_factors + self.n_movie_factors

    @cached_property
    def line_columns(self) -> tuple[Column, ...]:
        """The columns of ``lines``, left to right."""
        return line_columns(self.n_factors, self.n_movie_factors, self.sizes, ordinal=self.model == "ordinal")

    @property
    def n_line_formulas(self) -> int:
        """Formula cells that the lines have, or would have."""
        return self.n_ratings * (len(self.line_columns) - 2)

    @property
    def has_lines(self) -> bool:
        """Whether the net is written out as a line of formulas for each rating."""
        n_columns, n_rows = self.n_factors + 1 + len(self.line_columns), self._lines_row + self.n_ratings
        fits = n_columns <= MAX_COLUMNS and n_rows <= MAX_ROWS
        return fits and self.n_line_formulas <= MAX_LINE_FORMULAS

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""
        blocks = self._upper
        if not self.has_lines:
            return blocks
        row, left, width = self._lines_row, self.n_factors + 1, len(self.line_columns)
        return blocks | {
            "line_groups": Block(row - 2, left, 1, width),
            "line_header": Block(row - 1, left, 1, width),
            "lines": Block(row, left, max(self.n_ratings, 1), width),
        }

    @cached_property
    def _upper(self) -> dict[str, Block]:
        """All but the lines."""
        n, m = self.n_users, self.n_movies
        blocks = crosstab_blocks(n, m, self.n_factors, self.n_movie_factors)
        return blocks | setting_blocks(blocks["rmse"], range_kind=self.range_kind, mean=False) | self._layer_blocks()

    def _layer_blocks(self) -> dict[str, Block]:
        """The layers, the first one's title in the row of the movie ids, and the classes below the last."""
        # A blank column on the right of the crosstab keeps its reader from taking weights for ratings.
        top, labels, n_in = 0, self.n_factors + 2 + self.n_movies + 1, self.n_inputs
        blocks: dict[str, Block] = {}
        for number, n_out in enumerate(self.sizes, start=1):
            bias = top + 2 + n_in
            parts = {
                "title": Block(top, labels, 1, 1),
                "units": Block(top + 1, labels + 1, 1, n_out),
                "inputs": Block(top + 2, labels, n_in, 1),
                "weights": Block(top + 2, labels + 1, n_in, n_out),
                "bias_label": Block(bias, labels, 1, 1),
                "bias": Block(bias, labels + 1, 1, n_out),
            }
            blocks |= {f"layer{number}.{name}": block for name, block in parts.items()}
            top, n_in = bias + 2, n_out
        if self.model == "ordinal":
            blocks |= {"classes_label": Block(top, labels, 1, 1), "classes": Block(top, labels + 1, 1, self.sizes[-1])}
        return blocks

    @property
    def _lines_row(self) -> int:
        """The first of the lines, below everything else and two rows of headings."""
        return max(block.row + block.n_rows for block in self._upper.values()) + 3

    # Formulas

    def crosstab_formula(self, user: int, movie: int, line: int | None) -> str:
        """The formula of one prediction of the crosstab: that of the rating's line, 0 where unrated (``line`` None)."""
        value = "0" if line is None else self._line_cell(line, "predict")
        return f'=IF({self.address("ratings", user, movie)}="",0,{value})'

    def line_formula(self, line: int, place: int, user: int, movie: int, *, exact: tuple[bool, bool]) -> str:
        """The Excel formula at (line, place) of ``lines`` for the rating of (user, movie); "" where an id is typed.

        ``exact`` says of the user's and of the movie's id whether MATCH would confuse it (``needs_exact``).
        """
        column = self.line_columns[place]
        makers = {
            "rating": lambda: self._rating_formula(user, movie),
            "index": lambda: self._index_formula(line, column, exact=exact[column.number]),
            "user": lambda: self._factor_formula(line, place, "user"),
            "movie": lambda: self._factor_formula(line, place, "movie"),
            "unit": lambda: self._unit_formula(line, column),
            "max": lambda: f"=MAX({self._outputs(line)})",
            "sum": lambda: f"=SUMPRODUCT(EXP({self._outputs(line)}-{self._line_cell(line, 'max')}))",
            "p": lambda: self._probability_formula(line, column),
            "predict": lambda: self._predict_formula(line),
            "error^2": lambda: self._error_formula(line),
        }
        return makers[column.kind]() if column.kind in makers else ""

    def _rating_formula(self, user: int, movie: int) -> str:
        rating = self.address("ratings", user, movie)
        return f'=IF({rating}="","",{rating})'

    def _index_formula(self, line: int, column: Column, *, exact: bool) -> str:
        """As ``EmbeddingLayout.index_formula``; users stand below each other, movies beside each other."""
        side, counter = ("user", "ROW") if column.number == 0 else ("movie", "COLUMN")
        wanted, ids = self._line_cell(line, f"{side}Id"), self.range_of(f"{side}_ids", absolute=True)
        first = self.range_of(f"{side}_ids", absolute=True).partition(":")[0]
        ids = ids if ":" in ids else f"{ids}:{ids}"
        if exact:
            return f"=SUMPRODUCT(EXACT({wanted},{ids})*({counter}({ids})-{counter}({first})+1))"
        return f"=MATCH({wanted},{ids},0)"

    def _factor_formula(self, line: int, place: int, side: str) -> str:
        row, column = self.cell("lines", line, place)
        index = a1(row, self._line_place(f"{side} idx"), fix_column=True)
        factor = a1(self.blocks["line_header"].row, column, fix_row=True)
        where = f"{index},{factor}" if side == "user" else f"{factor},{index}"
        return f"=INDEX({self.range_of(f'{side}_factors', absolute=True)},{where})"

    def _unit_formula(self, line: int, column: Column) -> str:
        """One unit of a layer: what comes in times its column of weights, plus its bias; a hidden one is at least 0."""
        name, unit = f"layer{column.layer}", column.number
        last = self.blocks[f"{name}.weights"].n_rows - 1
        top, bottom = (a1(*self.cell(f"{name}.weights", row, unit), absolute=True) for row in (0, last))
        bias = a1(*self.cell(f"{name}.bias", 0, unit), absolute=True)
        total = f"MMULT({self._taken_in(line, column.layer)},{top}:{bottom})+{bias}"
        return f"={total}" if column.layer == len(self.sizes) else f"=MAX(0,{total})"

    def _taken_in(self, line: int, layer: int) -> str:
        """The cells of a line that a layer takes in: both embeddings, or the units of the layer before."""
        if layer > 1:
            return self._span(line, f"layer {layer - 1} unit 1", self.sizes[layer - 2])
        return self._span(line, "user 1", self.n_inputs)

    def _outputs(self, line: int) -> str:
        return self._span(line, f"layer {len(self.sizes)} unit 1", self.sizes[-1])

    def _probability_formula(self, line: int, column: Column) -> str:
        logit = self._line_cell(line, f"layer {len(self.sizes)} unit {column.number + 1}")
        return f"=EXP({logit}-{self._line_cell(line, 'max')})/{self._line_cell(line, 'sum')}"

    def _predict_formula(self, line: int) -> str:
        if self.model == "ordinal":
            classes = self.range_of("classes", absolute=True)
            return f"=SUMPRODUCT({self._span(line, 'p 1', self.sizes[-1])},{classes})"
        return f"={self.ranged(self._line_cell(line, f'layer {len(self.sizes)} unit 1'))}"

    def _error_formula(self, line: int) -> str:
        rating = self._line_cell(line, "rating")
        return f'=IF({rating}="","",({rating}-{self._line_cell(line, "predict")})^2)'

    def _line_place(self, name: str) -> int:
        """The 0-based column of the sheet of a column of ``lines``."""
        return self.n_factors + 1 + self._places[name]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {column.name: place for place, column in enumerate(self.line_columns)}

    def _line_cell(self, line: int, name: str) -> str:
        return a1(self.blocks["lines"].row + line, self._line_place(name), fix_column=True)

    def _span(self, line: int, first: str, count: int) -> str:
        row, column = self.blocks["lines"].row + line, self._line_place(first)
        return f"{a1(row, column, fix_column=True)}:{a1(row, column + count - 1, fix_column=True)}"

    def rmse_formula(self) -> str:
        """The Excel formula of the RMSE cell: the root of the mean of the lines' squares."""
        column, lines = self._line_place("error^2"), self.blocks["lines"]
        return f"=SQRT(AVERAGE({a1(lines.row, column)}:{a1(lines.row + lines.n_rows - 1, column)}))"

    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The formula of ``rmse`` and ``rmse_check``; others need to know which rating stands in which line."""
        if not self.has_lines:
            return ""
        return {"rmse": self.rmse_formula, "rmse_check": self.rmse_check_formula}.get(block, str)()

    def weight_ranges(self) -> tuple[str, ...]:
        """Absolute ranges of the movie factors, the user factors and each layer, its bias included."""
        ranges = [self.range_of("movie_factors", absolute=True), self.range_of("user_factors", absolute=True)]
        for number, n_out in enumerate(self.sizes, start=1):
            first, bias = self.cell(f"layer{number}.weights"), self.cell(f"layer{number}.bias", 0, n_out - 1)
            ranges.append(f"{a1(*first, absolute=True)}:{a1(*bias, absolute=True)}")
        return tuple(ranges)
