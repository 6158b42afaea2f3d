"""SheetTabs: the tabs of the sheets, below them as in a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar

PAGES = (("dotprod", "dot"), ("bias", "bias"), ("movielens_emb", "dot"))
"""The tabs: sheet name, and the model whose weights it shows."""

TIPS = (
    "Prediction = user factors times movie factors, added up",
    "The same plus a bias for each user and each movie",
    "dotprod's model as lookups: one line per rating",
)


class SheetTabs(QTabBar):
    """One tab a sheet, no wider than its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setShape(QTabBar.Shape.RoundedSouth)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Sheets")
        for (name, _model), tip in zip(PAGES, TIPS, strict=True):
            self.setTabToolTip(self.addTab(name), tip)
