"""How wide a column of numbers or texts has to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QFontMetrics

from cfgui.app.number_columns import Column
from cfgui.gui.number_model import ARROW_ROOM

MEASURED = 200
"""Rows whose texts decide how wide a column of texts is."""

WIDEST = 260
"""Pixels of any text column at most."""


def width_of(column: Column, metrics: QFontMetrics) -> int:
    """Pixels for the title of ``column``, and for its first texts or its smallest and largest number."""
    texts = [column.shown(row) for row in _telling(column)]
    width = max(map(metrics.horizontalAdvance, [column.title + ARROW_ROOM, *texts])) + 14
    return min(width, WIDEST) if column.is_text else width


def _telling(column: Column) -> Sequence[int]:
    """Rows that show how wide a column is: hundreds of columns are not written out to be measured."""
    if column.is_text:
        return range(min(len(column), MEASURED))
    numbers = np.where(np.isnan(column.numbers), 0.0, column.numbers)
    return (int(numbers.argmin()), int(numbers.argmax())) if len(numbers) else ()
