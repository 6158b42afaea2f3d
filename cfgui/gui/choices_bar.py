"""The choices of training as a bar of fields, made from the option table."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QToolBar, QWidget

from cfgui.core.hyperparameters import OPTIMIZER_DEFAULTS, OPTION_BY_NAME, Hyperparameters, Option
from cfgui.gui.theme import Theme, field_palette

FIELDS = ("gradient", "epsilon", "optimizer", "learning_rate", "weight_decay", "batch_size", "n_factors", "seed")
"""The options with a field here: the model is the sheet, and the start is chosen by Reset and Random."""

MNEMONICS = dict(zip(FIELDS, "GpORDBaS", strict=True))
"""The letter of each label that, with Alt, goes to its field; those of the menus are taken."""

WIDTHS = {"seed": 74, "batch_size": 84}
"""Of fields that hold long numbers: a batch may be a large table."""


class NumberField(QDoubleSpinBox):
    """A spin box for numbers from 1e-12 to 1e6: shows no needless zeros, and steps in proportion to the value."""

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.setDecimals(12)
        self.setRange(max(option.low, 0.0), min(option.high, 1e6))
        self.setKeyboardTracking(False)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:
        """0.5, 0.0001, 1e-06."""
        return f"{value:.10g}"

    def valueFromText(self, text: str) -> float:
        """Either decimal mark, and powers of ten."""
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Anything that is or may become a number."""
        try:
            number = float(text.replace(",", "."))
            state = QValidator.State.Acceptable if self.minimum() <= number <= self.maximum() else _MORE
        except ValueError:
            ok = all(letter in "0123456789.,eE+-" for letter in text)
            state = _MORE if ok else QValidator.State.Invalid
        return state, text, position

    def stepBy(self, steps: int) -> None:
        """A tenth of the leading digit's place up or down; from 0 to a small number."""
        value = self.value()
        if value <= 0.0:
            self.setValue(0.001 if steps > 0 else 0.0)
            return
        place = floor(log10(value) + 1e-9)
        if steps < 0 and value <= 10.0**place * (1 + 1e-9):
            place -= 1
        self.setValue(round(value + steps * 10.0**place, 12))


_MORE = QValidator.State.Intermediate


class ChoicesBar(QToolBar):
    """One labelled field per option; ``chosen`` (name, value) follows each change by the person."""

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__("Choices")
        self.setObjectName("choices")
        self.setMovable(False)
        self.setFixedHeight(28)
        self.fields: dict[str, QWidget] = {}
        self._filling = False
        for name in FIELDS:
            option = OPTION_BY_NAME[name]
            letter = MNEMONICS[name]
            tip = f"{option.help}  (Alt+{letter.upper()})"
            label = QLabel(option.label.replace(letter, f"&{letter}", 1))
            label.setToolTip(tip)
            label.setContentsMargins(7, 0, 3, 0)
            field = self._field(option)
            field.setToolTip(tip)
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)
            field.setAccessibleName(option.label)
            label.setBuddy(field)
            self.addWidget(label)
            self.addWidget(field)
            self.fields[name] = field

    def _field(self, option: Option) -> QWidget:
        if option.choices:
            return self._combo(option)
        if option.type is int:
            return self._whole_number(option)
        number = NumberField(option)
        number.setFixedWidth(74)
        number.valueChanged.connect(self._teller(option.name))
        return number

    def _combo(self, option: Option) -> QComboBox:
        combo = QComboBox()
        for choice, label in zip(option.choices, option.choice_labels, strict=True):
            if choice != "lbfgs":  # Solve is its button
                combo.addItem(label, choice)
                if option.name == "optimizer":
                    combo.setItemData(combo.count() - 1, OPTIMIZER_DEFAULTS[choice].help, Qt.ItemDataRole.ToolTipRole)
        tell = self._teller(option.name)
        combo.activated.connect(lambda _row: tell(combo.currentData()))
        return combo

    def _whole_number(self, option: Option) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(int(option.low), int(min(option.high, 2**31 - 1)))
        spin.setKeyboardTracking(False)
        spin.setFixedWidth(WIDTHS.get(option.name, 58))
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
        """Let the fields stand out from the bar, in the dark too."""
        for field in self.fields.values():
            field.setPalette(field_palette(theme))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel turns a field only after a click into it: passing over it must not change anything."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def show_choices(self, choices: Hyperparameters) -> None:
        """Put the choices in force into the fields, and switch off what they make meaningless."""
        self._filling = True
        for name, field in self.fields.items():
            value = getattr(choices, name)
            if name == "learning_rate":
                value = choices.rate
            elif name == "batch_size" and value is None:
                value = OPTIMIZER_DEFAULTS[choices.optimizer].batch_size
            if isinstance(field, QComboBox):
                field.setCurrentIndex(field.findData(value))
            elif isinstance(field, QSpinBox):
                field.setValue(int(value))
            elif isinstance(field, QDoubleSpinBox):
                field.setValue(float(value))
        self.fields["epsilon"].setEnabled(choices.gradient != "autograd")
        self.fields["batch_size"].setEnabled(choices.optimizer != "gd")
        self._filling = False
