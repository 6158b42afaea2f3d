"""NeighboursBar: whose neighbours are listed, the way back, and the choices of what counts as near."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from cfgui.core.neighbours import MEASURES, MeasureName
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.small_parts import action_button, caption
from cfgui.gui.theme import Theme, field_palette

LEAST_TIP = (
    "Only neighbours with at least so many ratings. Whoever has few has hardly left the place where the factors"
    " started, and may lie anywhere: with 0, the nearest is often one that almost nobody rated.  (Alt+G)"
)
MANY_TIP = "How many neighbours are listed.  (Alt+I)"
MEASURE_TIP = "How near is measured.  (Alt+Y)"


class NeighboursBar(QWidget):
    """``asked`` follows each choice of the person; the actions are for whoever makes the bar to connect."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel("Nearest", self)
        self.measure, self.least, self.many = QComboBox(), QSpinBox(), QSpinBox()
        self._person_chose_least = False
        self._make_actions()
        self._prepare_fields()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._upper_row())
        column.addLayout(self._lower_row())

    def _make_actions(self) -> None:
        self.back, self.sheet, self.map = (QAction(words, self) for words in ("‹ Back", "Sheet", "Map"))
        self.back.setToolTip("Back to the one listed before.  (Alt+Left)")
        self.back.setShortcuts(QKeySequence.StandardKey.Back)
        self.back.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.sheet.setToolTip("Show this one on the sheet.")
        self.map.setToolTip("Show this one on the map.")

    def _prepare_fields(self) -> None:
        for name, measure in MEASURES.items():
            self.measure.addItem(measure.label, name)
            self.measure.setItemData(self.measure.count() - 1, measure.tip, Qt.ItemDataRole.ToolTipRole)
        self.measure.setAccessibleName("Measure of being near")
        self.measure.activated.connect(self.asked)
        self.measure.currentIndexChanged.connect(self._tell_measure)
        self._tell_measure()
        self.least.setRange(0, 2**31 - 1)
        self.least.setValue(20)
        self.least.setGroupSeparatorShown(True)
        self.least.setAccessibleName("Least number of ratings of a neighbour")
        self.least.setToolTip(LEAST_TIP)
        self.least.valueChanged.connect(self._least_chosen)
        self.many.setRange(1, 1000)
        self.many.setValue(10)
        self.many.setAccessibleName("How many neighbours")
        self.many.setToolTip(MANY_TIP)
        self.many.valueChanged.connect(self.asked)
        for field, widest in ((self.least, "8,888"), (self.many, "888")):
            field.setKeyboardTracking(False)
            field.setFixedWidth(field.fontMetrics().horizontalAdvance(widest) + 34)

    def _upper_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        buttons = {action: action_button(action, self) for action in (self.back, self.sheet, self.map)}
        self.addAction(self.back)
        row.addWidget(buttons[self.back])
        row.addSpacing(3)
        row.addWidget(self.title, 1)
        row.addWidget(buttons[self.sheet])
        row.addWidget(buttons[self.map])
        return row

    def _lower_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(caption("b&y", self.measure))
        row.addWidget(self.measure)
        row.addWidget(caption("at least", self.least))
        row.addWidget(self.least)
        row.addWidget(caption("ratin&gs", self.least))
        row.addStretch(1)
        row.addWidget(caption("l&ist", self.many))
        row.addWidget(self.many)
        return row

    def _tell_measure(self) -> None:
        self.measure.setToolTip(f"{MEASURES[self.measure_name].tip}\n{MEASURE_TIP}")

    def _least_chosen(self) -> None:
        self._person_chose_least = True
        self.asked.emit()

    @property
    def measure_name(self) -> MeasureName:
        """The measure chosen."""
        name: MeasureName = self.measure.currentData()
        return name

    def propose_least(self, least: int) -> None:
        """Ask for so many ratings, unless the person has chosen."""
        if not self._person_chose_least:
            self.least.blockSignals(True)
            self.least.setValue(least)
            self.least.blockSignals(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.title.apply_theme(theme)
        for field in (self.measure, self.least, self.many):
            field.setPalette(field_palette(theme))
