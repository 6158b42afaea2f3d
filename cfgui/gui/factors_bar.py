"""FactorsBar: the choices on top of the page of factors."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from cfgui.core.rotation import OF_A_NET
from cfgui.gui.small_parts import caption
from cfgui.gui.theme import Theme, field_palette

TIPS = {
    "cells": "Of which predictions the shares are: those of the cells that are rated, or of every pair of a user and a"
    " movie, most of which nobody has rated.  (Alt+S)",
    "least": "Only movies and users with at least so many ratings: what the model found for the others rests on little"
    " and is mostly the weight they started with.  (Alt+A)",
    "rotate": "Only the products count, so the factors may be turned together without changing any prediction. Along"
    " principal axes they are orthogonal, the largest first. Undo turns them back.  (Alt+R)",
}


class FactorsBar(QWidget):
    """``asked`` follows each choice of the person, ``rotation_wanted`` the button."""

    asked = Signal()
    rotation_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heading, self.cells, self.least = QLabel(), QComboBox(), QSpinBox()
        self.rotate = QPushButton("&Rotate to principal axes")
        self._person_chose_least = False
        self._prepare_fields()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.heading)
        row.addStretch(1)
        for words, field, tip in (("&Shares over", self.cells, "cells"), ("&At least", self.least, "least")):
            field.setToolTip(TIPS[tip])
            row.addSpacing(10)
            row.addWidget(caption(words, field))
            row.addWidget(field)
        row.addWidget(QLabel("ratings"))
        row.addSpacing(10)
        row.addWidget(self.rotate)

    def _prepare_fields(self) -> None:
        self.cells.addItem("the rated cells", False)
        self.cells.addItem("all pairs", True)
        self.cells.setAccessibleName("Cells whose predictions the shares are of")
        self.cells.activated.connect(self.asked)
        self.least.setRange(1, 2**31 - 1)
        self.least.setGroupSeparatorShown(True)
        self.least.setKeyboardTracking(False)
        self.least.setFixedWidth(self.least.fontMetrics().horizontalAdvance("88,888") + 34)
        self.least.setAccessibleName("Least number of ratings")
        self.least.valueChanged.connect(self._least_chosen)
        self.rotate.clicked.connect(self.rotation_wanted)

    def _least_chosen(self) -> None:
        self._person_chose_least = True
        self.asked.emit()

    def propose_least(self, least: int) -> None:
        """Ask for so many ratings, unless the person has chosen."""
        if not self._person_chose_least:
            self.least.blockSignals(True)
            self.least.setValue(least)
            self.least.blockSignals(False)

    @property
    def all_pairs(self) -> bool:
        """Whether the shares are over all pairs."""
        return bool(self.cells.currentData())

    def allow(self, *, net: bool, working: bool) -> None:
        """Switch off what cannot be asked for of a net, or while a rotation is on its way."""
        self.rotate.setEnabled(not (net or working))
        self.rotate.setToolTip(OF_A_NET if net else TIPS["rotate"])
        self.cells.setEnabled(not net)

    def apply_theme(self, theme: Theme) -> None:
        """Fields in the theme's colours."""
        for field in (self.cells, self.least):
            field.setPalette(field_palette(theme))
