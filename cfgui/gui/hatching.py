"""Hatching: light slanted lines over ratings that are held out, so that nobody takes them for what is trained on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from cfgui.app.block import Block
from cfgui.app.blocks import PredictionsBlock, RatingsBlock
from cfgui.app.embedding_blocks import LookupsBlock
from cfgui.core.ratings import Mask
from cfgui.gui.theme import Theme

STRENGTH = {"light": 0.3, "dark": 0.36}
"""How dark the lines are, from 0 to 1: seen at once, but the number over them stays the easiest to read."""


def hatched_cells(block: Block, rows: slice, columns: slice) -> Mask | None:
    """Which cells of a rectangle belong to held-out ratings, (rows, columns); None where none can."""
    session = block.session
    if session.holding is None:
        return None
    if isinstance(block, (RatingsBlock, PredictionsBlock)):
        return session.held_cells(block.view.users[rows], block.view.movies[columns])
    if isinstance(block, LookupsBlock):
        n_rows, n_columns = block.shape
        lines = range(*rows.indices(n_rows))
        held = [session.is_held_out(*block.cell_of(line)) for line in lines]
        return np.repeat(np.array(held, dtype=np.bool_)[:, None], len(range(*columns.indices(n_columns))), axis=1)
    return None


def hatch_brush(theme: Theme) -> QBrush:
    """What draws the lines."""
    color = QColor(theme.text)
    color.setAlphaF(STRENGTH[theme.name])
    return QBrush(color, Qt.BrushStyle.BDiagPattern)
