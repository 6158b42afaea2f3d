"""SheetTabs: the tabs of the sheets, below them as in a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar

PAGES = (
    ("dotprod", "dot"),
    ("bias", "bias"),
    ("movielens_emb", "dot"),
    ("neural", "neural"),
    ("ordinal", "ordinal"),
)
"""The tabs: sheet name, and the model whose weights it shows."""

TIPS = (
    "Prediction = user factors times movie factors, added up",
    "The same plus a bias for each user and each movie",
    "dotprod's model as lookups: one line per rating",
    "A neural net takes the factors of user and movie side by side and makes a score of them",
    "The same net with one output per rating value: the prediction is the mean under their probabilities",
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
        for number, ((name, _model), tip) in enumerate(zip(PAGES, TIPS, strict=True), start=1):
            self.setTabToolTip(self.addTab(name), f"{tip} (Ctrl+{number})")
