"""Copy, cut, paste, fill and clear on the selected range of a block view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from cfgui.app.clipboard import parse_clipboard, tiled, to_html, to_tsv
from cfgui.core.ratings import Cell
from cfgui.gui.block_model import BlockModel
from cfgui.gui.block_view import BlockView

Say = Callable[[str], None]


def _model(view: BlockView) -> BlockModel:
    model = view.model()
    assert isinstance(model, BlockModel)
    return model


def copy(view: BlockView) -> bool:
    """Put the selected rectangle on the clipboard with every digit, as TSV and HTML; False when nothing is selected.

    Raises ValueError, with a sentence, for more cells than are copied at once.
    """
    rectangle = view.selected_rectangle()
    if rectangle is None:
        return False
    top, left, n_rows, n_columns = rectangle
    selected = set(view.selected_cells())
    rows = [
        [view.block.full_text(r, c) if (r, c) in selected else "" for c in range(left, left + n_columns)]
        for r in range(top, top + n_rows)
    ]
    data = QMimeData()
    data.setText(to_tsv(rows))
    data.setHtml(to_html(rows))
    QGuiApplication.clipboard().setMimeData(data)
    return True


def clear(view: BlockView) -> None:
    """Make the selected ratings unrated, as one edit; weights refuse with a sentence.

    Raises ValueError, with a sentence, for more cells than are cleared at once.
    """
    cells = view.selected_cells()
    clearable = [cell for cell in cells if view.block.accepts_blank and view.block.can_edit(*cell)]
    _model(view).set_cells(dict.fromkeys(clearable or cells, ""))


def paste(view: BlockView, say: Say) -> None:
    """Put the clipboard's cells at the selection's first cell, as one edit; a range repeats over a larger selection."""
    rectangle, data = view.selected_rectangle(), QGuiApplication.clipboard().mimeData()
    if rectangle is None or data is None:
        return
    top, left, n_rows, n_columns = rectangle
    rows = parse_clipboard(data.text() if data.hasText() else None, data.html() if data.hasHtml() else None)
    rows = tiled(rows, n_rows, n_columns)
    if not rows:
        say("The clipboard holds no cells: copy a range of numbers first.")
        return
    cells, outside = _targets(view, rows, top, left)
    if outside:
        say(
            f"The copied range does not fit here: {outside} of its cells would fall outside {view.block.title.lower()}."
            " Select a cell further up or to the left."
        )
        return
    if _model(view).set_cells(cells):
        n_rows, n_columns = view.block.shape
        width = max(len(row) for row in rows)
        view.select_cell(top, left, min(len(rows), n_rows - top), min(width, n_columns - left))


def _targets(view: BlockView, rows: list[list[str]], top: int, left: int) -> tuple[dict[Cell, str], int]:
    """The text for each cell of the block, and how many filled cells fall outside it."""
    n_rows, n_columns = view.block.shape
    cells: dict[Cell, str] = {}
    outside = 0
    for r, row in enumerate(rows, top):
        for c, text in enumerate(row, left):
            if r < n_rows and c < n_columns:
                cells[r, c] = text
            elif text.strip():
                outside += 1
    return cells, outside


def fill(view: BlockView, *, down: bool) -> None:
    """Copy the first row of the selection down, or its first column to the right; one cell takes the one before it.

    Raises ValueError, with a sentence, for more cells than are filled at once.
    """
    rectangle = view.selected_rectangle()
    view.selected_cells()
    if rectangle is None:
        return
    top, left, n_rows, n_columns = rectangle
    if down and n_rows == 1 and top > 0:
        top, n_rows = top - 1, 2
    elif not down and n_columns == 1 and left > 0:
        left, n_columns = left - 1, 2
    texts = {
        (r, c): view.block.full_text(top if down else r, c if down else left)
        for r in range(top, top + n_rows)
        for c in range(left, left + n_columns)
    }
    _model(view).set_cells(texts)
