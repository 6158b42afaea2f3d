"""The right side: the loss plot over the explanation. The plot's library loads after the window is on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.app.explanation import Explanation
from cfgui.core.curve import Curve
from cfgui.gui.explanation_panel import ExplanationPanel
from cfgui.gui.theme import Theme

if TYPE_CHECKING:
    from cfgui.gui.loss_plot import LossPlot


class SidePanel(QWidget):
    """Shows curves and explanations as soon as there is a plot to show them in."""

    factor_selected = Signal(int)
    clear_requested = Signal()
    log_changed = Signal(bool)
    lines_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.plot: LossPlot | None = None
        self.explanation = ExplanationPanel()
        self.explanation.factor_selected.connect(self.factor_selected)
        self._place = QWidget()
        self._place_layout = QVBoxLayout(self._place)
        self._place_layout.setContentsMargins(0, 0, 0, 0)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(3)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._place)
        self.splitter.addWidget(self.explanation)
        self.splitter.setSizes([360, 260])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self._shown: tuple[str, Curve, Sequence[Curve]] = ("", Curve(""), ())
        self._held_out: Curve | None = None
        self._levels: Sequence[BaselineLevel] = ()
        self._log = self._lines = False

    def load_plot(self) -> None:
        """Make the plot: once, after the first paint."""
        if self.plot is not None:
            return
        from cfgui.gui.loss_plot import LossPlot

        self.plot = LossPlot()
        self.plot.clear_requested.connect(self.clear_requested)
        self.plot.log_changed.connect(self.log_changed)
        self.plot.lines_changed.connect(self.lines_changed)
        self.plot.set_log(self._log)
        self.plot.set_lines(self._lines)
        self.plot.set_levels(self._levels)
        self._place_layout.addWidget(self.plot)
        self.show_curves(*self._shown, self._held_out)

    def show_curves(self, title: str, current: Curve, earlier: Sequence[Curve], held_out: Curve | None = None) -> None:
        """The current run with its title, over held-out ratings too where there are any; the earlier ones faint."""
        self._shown, self._held_out = (title, current, earlier), held_out
        if self.plot is not None:
            self.plot.set_title(title)
            self.plot.set_curves(current, earlier, held_out)

    def show_levels(self, levels: Sequence[BaselineLevel]) -> None:
        """The baselines, seen while their lines are on."""
        self._levels = levels
        if self.plot is not None:
            self.plot.set_levels(levels)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """The selected cell, explained."""
        self.explanation.show_explanation(explanation)

    def set_log(self, on: bool) -> None:
        """A logarithmic loss axis, or a linear one."""
        self._log = on
        if self.plot is not None:
            self.plot.set_log(on)

    @property
    def shows_lines(self) -> bool:
        """Whether the baselines are drawn."""
        return self._lines

    def set_lines(self, on: bool) -> None:
        """Draw the baselines, or not."""
        self._lines = on
        if self.plot is not None:
            self.plot.set_lines(on)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.explanation.apply_theme(theme)
        if self.plot is not None:
            self.plot.apply_theme(theme)

    def state(self) -> QByteArray:
        """The sizes, for ``restore``."""
        return self.splitter.saveState()

    def restore(self, state: object) -> None:
        """Take sizes from an earlier ``state``; anything else is ignored."""
        if isinstance(state, QByteArray):
            self.splitter.restoreState(state)
