"""StandingsBar: the line above the table of movies or users: how many there are, search, least ratings, both ends."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSpinBox, QToolButton, QWidget

from cfgui.core.one_side import SideName
from cfgui.gui.small_parts import caption

TIPS = {
    "search": "Only rows that have all these words: id, title or genre.  (Ctrl+F)",
    "least": "Only {side}s with at least so many ratings: bias and mean of the others rest on little, and they are not"
    " named in the plot either.  (Alt+L)",
    "ends": "The five lowest and the five highest biases, with the line of code that finds them.  (Alt+B)",
}


class StandingsBar(QWidget):
    """``searched`` (text), ``least_chosen`` (number) and ``ends_wanted`` (yes or no) follow what the person does."""

    searched = Signal(str)
    least_chosen = Signal(int)
    ends_wanted = Signal(bool)

    def __init__(self, side: SideName) -> None:
        super().__init__()
        self._side = side
        self.count, self.search, self.least, self.ends = QLabel(), QLineEdit(), QSpinBox(), QToolButton()
        self._prepare()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addSpacing(8)
        for widget in (caption("At &least", self.least), self.least, QLabel("ratings")):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self.ends)

    def _prepare(self) -> None:
        self.search.setPlaceholderText("id" if self._side == "user" else "title, genre or id")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(190)
        self.search.setToolTip(TIPS["search"])
        self.search.setAccessibleName(f"Search {self._side}s")
        self.search.textChanged.connect(self.searched)
        self.least.setRange(0, 2**31 - 1)
        self.least.setGroupSeparatorShown(True)
        self.least.setFixedWidth(self.least.fontMetrics().horizontalAdvance("88,888") + 34)
        self.least.setToolTip(TIPS["least"].format(side=self._side))
        self.least.setAccessibleName("Least number of ratings")
        self.least.valueChanged.connect(self.least_chosen)
        self.ends.setText("&Biases at both ends")
        self.ends.setCheckable(True)
        self.ends.setShortcut("Alt+B")
        self.ends.setToolTip(TIPS["ends"])
        self.ends.toggled.connect(self.ends_wanted)

    def show_count(self, n_shown: int, n_all: int, model: str) -> None:
        """How many rows are shown, of which model."""
        number = f"{n_all:,}" if n_shown == n_all else f"{n_shown:,} of {n_all:,}"
        self.count.setText(f"<b>{self._side.capitalize()}s</b>&nbsp; {number} · {model}")
