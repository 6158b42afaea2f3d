"""The 2016 workbook of the course, read independently of cfgui.io: addresses as SPREADSHEET.md gives them."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings

SHARED = Path(__file__).resolve().parents[3] / "shared"
"""What lies beside the checkout: the original workbooks and real ratings."""

REFERENCE = SHARED / "reference" / "collab_filter_2016.xlsx"
"""Where the workbook lies: beside the checkout, not in it."""


def reference_document() -> Document:
    """Ratings, and the starting factors of both models, as the workbook holds them; skips where it is absent."""
    if not REFERENCE.exists():
        pytest.skip("the 2016 workbook is not there (../shared/reference)")
    return _read()


@lru_cache(maxsize=1)
def _read() -> Document:
    workbook = openpyxl.load_workbook(REFERENCE, read_only=True, data_only=True)
    try:
        dot, bias = workbook["dotprod"], workbook["bias"]
        cells = np.array(_block(dot, "H2:V16"), dtype=np.float64)
        ratings = Ratings.from_crosstab(
            [str(row[0]) for row in _block(dot, "G2:G16")],
            [str(movie_id) for movie_id in _block(dot, "H1:V1")[0]],
            cells,
            ~np.isnan(cells),
        )
        factors = {
            "dot": Factors(_numbers(dot, "B25:F39"), _numbers(dot, "H19:V23").T).copy(),
            "bias": Factors(
                _numbers(bias, "B26:F40"),
                _numbers(bias, "H20:V24").T,
                _numbers(bias, "A26:A40")[:, 0],
                _numbers(bias, "H19:V19")[0],
            ).copy(),
        }
        return Document(ratings, factors)
    finally:
        workbook.close()


def _block(sheet, cells):
    first, last = cells.split(":")
    min_column, min_row = openpyxl.utils.cell.coordinate_from_string(first)
    max_column, max_row = openpyxl.utils.cell.coordinate_from_string(last)
    letters = openpyxl.utils.column_index_from_string
    rows = sheet.iter_rows(
        min_row=min_row,
        max_row=max_row,
        min_col=letters(min_column),
        max_col=letters(max_column),
        values_only=True,
    )
    return [list(row) for row in rows]


def _numbers(sheet, cells):
    return np.array(_block(sheet, cells), dtype=np.float64)


def real_ratings() -> Ratings:
    """The 100,004 ratings of ml-latest-small of 2016; skips where they are absent."""
    path = SHARED / "data" / "ml-latest-small-2016" / "ratings.csv"
    if not path.exists():
        pytest.skip("ml-latest-small of 2016 is not there (../shared/data)")
    return _real(path)


@lru_cache(maxsize=1)
def _real(path: Path) -> Ratings:
    users, movies, values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1, 2), unpack=True)
    user_ids, rows = np.unique(users.astype(np.int64), return_inverse=True)
    movie_ids, columns = np.unique(movies.astype(np.int64), return_inverse=True)
    order = np.lexsort((columns, rows))
    ids = (tuple(map(str, numbers.tolist())) for numbers in (user_ids, movie_ids))
    return Ratings(*ids, rows[order].astype(np.int32), columns[order].astype(np.int32), values[order])
