"""Fields for training options, made from the option table; the bar and the form both hold some."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.option import Option, Value
from cfgui.core.option_groups import idle_reason
from cfgui.core.options import OPTION_BY_NAME
from cfgui.gui.number_field import NumberField, OpenField
from cfgui.gui.small_parts import let_wheel_pass
from cfgui.gui.theme import Theme, field_palette

FILLED = ("learning_rate", "batch_size")
"""Options that may be left open whose fields show what is in force then."""

OPEN_WORDS = {
    "low": "lowest rating",
    "high": "highest rating",
    "n_movie_factors": "as per user",
    "movie_decay": "as decay",
    "bias_decay": "as decay",
    "layer_decay": "as decay",
    "hidden": "none",
    "order": "As usual",
}
"""What stands in a field where nothing is chosen."""


class OptionFields(QObject):
    """Makes fields and keeps them; ``chosen`` (name, value) follows each change by the person."""

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.by_name: dict[str, QWidget] = {}
        self._tips: dict[str, str] = {}
        self._filling = False

    def make(self, name: str, tip: str = "") -> QWidget:
        """The field of one option; ``tip`` stands in for its help."""
        option = OPTION_BY_NAME[name]
        field = let_wheel_pass(self._field(option))
        field.setAccessibleName(option.label)
        self._tips[name] = tip or option.help
        field.setToolTip(self._tips[name])
        self.by_name[name] = field
        return field

    def set_tip(self, name: str, tip: str) -> None:
        """Say something else of an option; why its field is switched off stays before it."""
        field, before = self.by_name[name], self._tips[name]
        self._tips[name] = tip
        field.setToolTip(field.toolTip().removesuffix(before) + tip)

    def _field(self, option: Option) -> QWidget:
        if option.choices:
            return self._combo(option)
        if option.type is str or (option.default is None and option.name not in FILLED):
            line = OpenField(option)
            line.setPlaceholderText(OPEN_WORDS.get(option.name, ""))
            line.entered.connect(self._teller(option.name))
            return line
        if option.type is int:
            return self._whole_number(option)
        number = NumberField(option)
        number.valueChanged.connect(self._teller(option.name))
        return number

    def _combo(self, option: Option) -> QComboBox:
        combo = QComboBox()
        if option.default is None:
            combo.addItem(OPEN_WORDS[option.name], None)
        for choice, label in zip(option.choices, option.choice_labels, strict=True):
            if choice != "lbfgs":  # Solve is its button
                combo.addItem(label, choice)
                if option.name == "optimizer":
                    combo.setItemData(combo.count() - 1, OPTIMIZER_DEFAULTS[choice].help, Qt.ItemDataRole.ToolTipRole)
        combo.view().setMinimumWidth(combo.sizeHint().width())  # however narrow the box
        tell = self._teller(option.name)
        combo.activated.connect(lambda _row: tell(combo.currentData()))
        return combo

    def _whole_number(self, option: Option) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(int(option.low), int(min(option.high, 2**31 - 1)))
        spin.setKeyboardTracking(False)
        if option.name == "batch_size":
            spin.setSpecialValueText("all")
        spin.valueChanged.connect(self._teller(option.name))
        return spin

    def _teller(self, name: str) -> Callable[[object], None]:
        def tell(value: object) -> None:
            if not self._filling:
                self.chosen.emit(name, value)

        return tell

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out from what they stand on, in the dark too."""
        for field in self.by_name.values():
            field.setPalette(field_palette(theme))
            for line in field.findChildren(QLineEdit):  # that of a spin box does not take over its palette
                line.setPalette(field_palette(theme))

    def show_choices(self, choices: Hyperparameters) -> None:
        """Put the choices in force into the fields; switch off those without effect, and say why on hover."""
        self._filling = True
        for name, field in self.by_name.items():
            _show_value(field, _value_in_force(name, choices))
            reason = idle_reason(name, choices)
            field.setEnabled(not reason)
            field.setToolTip(f"{reason}\n{self._tips[name]}" if reason else self._tips[name])
        self._filling = False


def _value_in_force(name: str, choices: Hyperparameters) -> Value:
    if name == "learning_rate":
        return choices.rate
    value: Value = getattr(choices, name)
    if name == "batch_size" and value is None:
        return OPTIMIZER_DEFAULTS[choices.optimizer].batch_size
    return value


def _show_value(field: QWidget, value: Value) -> None:
    if isinstance(field, QComboBox):
        field.setCurrentIndex(field.findData(value))
    elif isinstance(field, OpenField):
        field.show_value(value)
    elif isinstance(field, QSpinBox):
        assert isinstance(value, int)
        field.setValue(value)
    elif isinstance(field, QDoubleSpinBox):
        assert isinstance(value, (int, float))
        field.setValue(float(value))
