"""The form with every choice of model and training, beside the sheet: presets, groups of fields, the range's curve."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.option_groups import GROUPS, idle_reason
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.presets import PRESETS, matching_preset
from cfgui.core.rating_range import RatingRange
from cfgui.gui.option_fields import OptionFields
from cfgui.gui.range_curve import RangeCurve
from cfgui.gui.theme import Theme, field_palette
from cfgui.gui.window_layout import FRAME

COLUMNS = (("Model",), ("Optimizer", "Schedule"), ("Loss and decay", "Start", "Engine"))
"""The groups, column by column."""

FIELD_WIDTH, FIELD_HEIGHT = 147, 24

LABELS = {"schedule_epochs": "Over epochs"}
"""Labels that differ from those of the bar."""

AS_BUTTON = "factor_rule"
"""What is done once and then given: a button, not a state."""

NO_PRESET = "Your own choices. A preset sets all of them at once and starts from new weights."


class TrainingForm(QDialog):
    """A window of its own that leaves the sheet usable, its shortcuts included.

    ``chosen`` (option, value) and ``preset_chosen`` (name) follow what the person does; ``weights_wanted`` asks for new
    random weights.
    """

    chosen = Signal(str, object)
    preset_chosen = Signal(str)
    weights_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        # A tool window: Qt lets the shortcuts of its parent work while it is in front.
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Model and training")
        self._fields, self.curve = OptionFields(), RangeCurve()
        self._fields.chosen.connect(self.chosen)
        self._labels: dict[str, QLabel] = {}
        self._make_presets()
        self.rule, self.anew = QPushButton("Use fastai's rule"), QPushButton("New random weights")
        self.rule.clicked.connect(lambda: self.chosen.emit(AS_BUTTON, "fastai"))
        self.anew.setToolTip("Draw new starting weights as chosen here.  (Shift+F4)")
        self.anew.clicked.connect(self.weights_wanted)
        for button in (self.rule, self.anew):
            button.setAutoDefault(False)
            button.setFixedSize(FIELD_WIDTH, FIELD_HEIGHT)
        self._lay_out()

    @property
    def fields(self) -> dict[str, QWidget]:
        """The fields by the names of their options."""
        return self._fields.by_name

    # Building

    def _make_presets(self) -> None:
        self.presets = QComboBox()
        self.presets.setAccessibleName("Preset")
        self.presets.setToolTip("A whole set of choices with a source; all of them are set at once, as one undo.")
        self.presets.setPlaceholderText("Choose a preset")
        for preset in PRESETS.values():
            self.presets.addItem(preset.label, preset.name)
            self.presets.setItemData(self.presets.count() - 1, preset.source, Qt.ItemDataRole.ToolTipRole)
        self.presets.activated.connect(lambda _row: self.preset_chosen.emit(self.presets.currentData()))
        self.source = QLabel()
        self.source.setWordWrap(True)
        self.source.setTextFormat(Qt.TextFormat.PlainText)
        self.source.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.source.setMinimumHeight(3 * self.fontMetrics().lineSpacing() + 2)  # the longest: nothing below it moves
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        label = QLabel("&Preset")
        label.setBuddy(self.presets)
        top.addWidget(label)
        top.addWidget(self.presets)
        top.addSpacing(8)
        top.addWidget(self.source, 1)
        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(8)
        for names in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(8)
            options = [option for name in names for option in GROUPS[name] if option != AS_BUTTON]
            width = max(self.fontMetrics().horizontalAdvance(_label(option)) for option in options)
            for name in names:
                column.addWidget(self._group(name, width + 2))
            column.addStretch(1)
            columns.addLayout(column, 1)
        self._scroller = QScrollArea()
        self._scroller.setWidget(body)
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addLayout(top)
        whole.addWidget(self._scroller, 1)
        hint = body.sizeHint()
        wanted = QSize(hint.width() + 18, hint.height() + self.source.minimumHeight() + 44)
        self.resize(wanted.boundedTo(self.screen().availableSize() - FRAME))

    def _group(self, title: str, label_width: int) -> QGroupBox:
        box = QGroupBox(title)
        form = QFormLayout(box)
        form.setContentsMargins(7, 6, 7, 7)
        form.setVerticalSpacing(4)
        form.setHorizontalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name in GROUPS[title]:
            if name == AS_BUTTON:
                form.addRow("", self.rule)
            else:
                self._add_row(form, name, label_width)
        if title == "Model":
            form.addRow(self.curve)
        if title == "Start":
            form.addRow("", self.anew)
        return box

    def _add_row(self, form: QFormLayout, name: str, label_width: int) -> None:
        field, label = self._fields.make(name), QLabel(_label(name))
        field.setFixedSize(FIELD_WIDTH, FIELD_HEIGHT)
        label.setMinimumWidth(label_width)  # fields stand in one line also from group to group
        label.setBuddy(field)
        form.addRow(label, field)
        self._labels[name] = label

    # Showing

    def show_choices(self, choices: Hyperparameters, rating_range: RatingRange, scale: tuple[float, float]) -> None:
        """The choices in force, the range of the sheet in front, and from where to where its ratings go."""
        self._fields.show_choices(choices)
        for name, label in self._labels.items():
            label.setEnabled(self.fields[name].isEnabled())
            label.setToolTip(self.fields[name].toolTip())
        reason = idle_reason(AS_BUTTON, choices)
        self.rule.setEnabled(not reason)
        self.rule.setToolTip(f"{reason}\n{OPTION_BY_NAME[AS_BUTTON].help}".strip())
        self.curve.setEnabled(not idle_reason("range", choices))
        self.curve.show_range(rating_range, scale)
        preset = matching_preset(choices, scale)
        self.presets.setCurrentIndex(-1 if preset is None else self.presets.findData(preset.name))
        self.source.setText(NO_PRESET if preset is None else preset.source)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self._fields.apply_theme(theme)
        self.presets.setPalette(field_palette(theme))
        self.curve.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter ends typing in a field; it presses no button and closes nothing."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)


def _label(name: str) -> str:
    return LABELS.get(name, OPTION_BY_NAME[name].label)
