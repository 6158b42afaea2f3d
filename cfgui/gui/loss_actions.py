"""What can be done with the loss plot: its four actions, and the row of buttons above it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cfgui.gui.icons import icon
from cfgui.gui.small_parts import action_button


class LossActions:
    """Log and Lines, which are on or off, and Fit and Clear. Who makes them connects them."""

    def __init__(self, parent: QObject) -> None:
        self.log = QAction("Log", parent, checkable=True)
        self.log.setToolTip("Logarithmic RMSE axis: equal heights are equal factors, so late progress shows.")
        self.lines = QAction("Lines", parent, checkable=True)
        self.lines.setToolTip(
            "The RMSE of predictions that know no taste, as lines to stay below: the mean of all ratings, of the"
            " user's, of the movie's, and biases alone."
        )
        self.fit = QAction("Fit", parent)
        self.fit.setToolTip("Fit the axes to the curves again, and keep them fitted (double click).")
        self.clear = QAction("Clear", parent)
        self.clear.setToolTip("Clear the earlier runs from the plot. The current run stays.")

    def row(self, title: QWidget, parent: QWidget) -> QHBoxLayout:
        """The title, and a button for each."""
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 2, 0)
        row.setSpacing(1)
        row.addWidget(title, 1)
        for action in (self.lines, self.log, self.fit, self.clear):
            row.addWidget(action_button(action, parent))
        return row

    def recolor(self) -> None:
        """Draw the icons in the colours in force."""
        self.fit.setIcon(icon("fit"))
        self.clear.setIcon(icon("clear"))
