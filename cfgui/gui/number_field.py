"""Fields for numbers: a spin box for small and large ones, and a line that may be left empty."""

from __future__ import annotations

from math import floor, log10

from PySide6.QtCore import Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QLineEdit

from cfgui.core.option import Option, Value

_MORE = QValidator.State.Intermediate


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


class OpenField(QLineEdit):
    """A line for a number or a list that may be left empty, which its placeholder explains; ``entered`` (Value).

    What cannot be read is handed on as it is, for the option table to refuse with its reason.
    """

    entered = Signal(object)

    def __init__(self, option: Option) -> None:
        super().__init__()
        self._option, self._shown = option, ""
        self.editingFinished.connect(self._finish)

    def show_value(self, value: Value) -> None:
        """Put a value in, or leave the line empty for None."""
        self._shown = "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
        self.setText(self._shown)

    def _finish(self) -> None:
        text = self.text().strip()
        if text != self._shown:
            self._shown = text
            self.entered.emit(self._value(text))

    def _value(self, text: str) -> Value:
        if self._option.type is str:
            return text
        if not text:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text
        return int(number) if self._option.type is int and number.is_integer() else number
