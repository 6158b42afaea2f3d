"""Checking an exported workbook: layout, formulas, stored values, and what LibreOffice makes of it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.io.cell_address import a1
from cfgui.io.cell_text import CellValue, as_number, id_text
from cfgui.io.crosstab_layout import CrosstabLayout
from cfgui.io.errors import WorkbookError
from cfgui.io.expected_cells import ExpectedCell, expected_cells
from cfgui.io.grid import Grid, read_grid
from cfgui.io.libreoffice import LibreOfficeError, find_libreoffice, recalculated
from cfgui.io.workbook_import import read_workbook_guarded
from cfgui.io.workbook_size import sheet_layouts

TOLERANCE = 1e-9
"""How far a number in the file may lie from the program's own: absolute, and relative for numbers above 1."""


@dataclass(frozen=True)
class Check:
    """The outcome of one check; ``detail`` is one plain sentence."""

    name: str
    ok: bool
    detail: str


def verify_workbook(path: Path, *, libreoffice: bool = True) -> list[Check]:
    """Check a workbook that ``write_workbook`` wrote; the weights in the file are what all numbers are computed from.

    Never raises for a bad file: then the only check is that it can be read, and it failed.
    """
    try:
        document = read_workbook_guarded(path)
        formulas, values = _grids(path, data_only=False), _grids(path, data_only=True)
    except WorkbookError as error:
        return [Check("readable", False, str(error))]
    ratings = document.ratings
    size = f"{ratings.n_ratings} ratings of {ratings.n_movies} movies by {ratings.n_users} users"
    checks = [Check("readable", True, f"{path.name} holds {size}."), _check_layout(document, values)]
    expected = list(expected_cells(document))
    if not _has_formulas(expected, formulas):
        checks.append(Check("formulas", True, "Left out: the file was written as values only."))
        return [*checks, _check_values("stored values", expected, values, "stored")]
    checks.append(_check_formulas(expected, formulas))
    checks.append(_check_values("stored values", expected, values, "stored"))
    if libreoffice:
        checks.append(_check_libreoffice(path, expected))
    return checks


def _grids(path: Path, *, data_only: bool) -> dict[str, Grid]:
    """Every model sheet's cells by its name: formulas, or with ``data_only`` the values stored with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    try:
        return {sheet.title: read_grid(workbook, sheet.title, path.name) for sheet in workbook.worksheets}
    finally:
        workbook.close()


def _at(grids: Mapping[str, Grid], cell: ExpectedCell) -> CellValue:
    return grids[cell.sheet].at(cell.row, cell.column) if cell.sheet in grids else None


def _summary(name: str, wrong: Sequence[str], passed: str) -> Check:
    if not wrong:
        return Check(name, True, passed)
    more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
    return Check(name, False, f"{wrong[0]}{more}.")


def _check_layout(document: Document, values: Mapping[str, Grid]) -> Check:
    """Whether labels and ids stand where the layout has them, on every sheet."""
    wrong: list[str] = []
    ratings = document.ratings
    for layout in sheet_layouts(document).values():
        if layout.sheet not in values:
            wrong.append(f"the sheet {layout.sheet} is missing")
            continue
        top = ("movie_ids_top", "user_ids_top") if isinstance(layout, CrosstabLayout) else ()
        for block in ("movie_ids", "user_ids", *top):
            raw_ids = ratings.movie_ids if block.startswith("movie") else ratings.user_ids
            for i, raw_id in enumerate(raw_ids):
                along_row = layout.blocks[block].n_rows == 1 and block.startswith("movie") and bool(top)
                place = layout.cell(block, 0, i) if along_row else layout.cell(block, i, 0)
                if id_text(values[layout.sheet].at(*place)) != raw_id:
                    wrong.append(f"{layout.sheet}!{a1(*place)} should hold the id {raw_id}")
    sizes = ", ".join(f"{MODELS[model].sheet} {_n_factors(factors)}" for model, factors in document.factors.items())
    return _summary("layout", wrong, f"Every id stands where it belongs; latent factors: {sizes}.")


def _n_factors(factors: Factors) -> str:
    """As "5", or "20 and 15" where users and movies have different numbers."""
    n_users, n_movies = factors.n_factors, factors.n_movie_factors
    return str(n_users) if n_users == n_movies else f"{n_users} and {n_movies}"


def _has_formulas(expected: Iterable[ExpectedCell], formulas: Mapping[str, Grid]) -> bool:
    return any(_formula_text(_at(formulas, cell)).startswith("=") for cell in expected)


def _formula_text(value: CellValue) -> str:
    return str(value.text) if isinstance(value, ArrayFormula) else str(value)


def _check_formulas(expected: Sequence[ExpectedCell], formulas: Mapping[str, Grid]) -> Check:
    wrong = [
        f"{cell.sheet}!{a1(cell.row, cell.column)} should hold {cell.formula}"
        for cell in expected
        if _formula_text(_at(formulas, cell)) != cell.formula
    ]
    return _summary("formulas", wrong, f"All {len(expected):,} formulas are as the program writes them.")


def _agrees(found: CellValue, cell: ExpectedCell) -> bool:
    number = as_number(found)
    if not math.isfinite(cell.value):
        return number is None
    return number is not None and math.isclose(number, cell.value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _check_values(name: str, expected: Sequence[ExpectedCell], values: Mapping[str, Grid], how: str) -> Check:
    wrong = [
        f"{cell.sheet}!{a1(cell.row, cell.column)} holds {_at(values, cell)}, the program computes {cell.value!r}"
        for cell in expected
        if not _agrees(_at(values, cell), cell)
    ]
    worst = max((_distance(_at(values, cell), cell) for cell in expected), default=0.0)
    return _summary(name, wrong, f"All {len(expected):,} {how} values agree, the farthest within {worst:.1e}.")


def _distance(found: CellValue, cell: ExpectedCell) -> float:
    number = as_number(found)
    return abs(number - cell.value) if number is not None and math.isfinite(cell.value) else 0.0


def _check_libreoffice(path: Path, expected: Sequence[ExpectedCell]) -> Check:
    name = "LibreOffice"
    if find_libreoffice() is None:
        return Check(name, True, "Left out: LibreOffice is not installed.")
    try:
        with recalculated(path) as result:
            return _check_values(name, expected, _grids(result, data_only=True), "recalculated")
    except (LibreOfficeError, WorkbookError) as error:
        return Check(name, False, f"{error}.")
