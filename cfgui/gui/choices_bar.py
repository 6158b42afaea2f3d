"""The everyday choices of training as a bar of fields; all of them are on the form that its last button opens."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QToolBar, QToolButton, QWidget

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.options import OPTION_BY_NAME
from cfgui.gui.letters import tip_without_letter, without_letter
from cfgui.gui.option_fields import OptionFields
from cfgui.gui.theme import Theme

FIELDS = ("gradient", "epsilon", "optimizer", "learning_rate", "weight_decay", "batch_size", "n_factors", "seed")
"""The options with a field here: the model is the sheet, and the start is chosen by Reset and Random."""

MNEMONICS = dict(zip(FIELDS, "GpORDBaS", strict=True))
"""The letter of each label that, with Alt, goes to its field; those of the menus are taken."""

WIDTHS = {"seed": 74, "batch_size": 84, "n_factors": 58, "learning_rate": 66, "weight_decay": 66, "epsilon": 66}
"""Of fields for numbers: a batch may be a large table."""

OPTIMIZER_WIDTH = 130
"""Of the box with the optimizers, whose list is as wide as it needs."""


class ChoicesBar(QToolBar):
    """One labelled field per everyday option; ``chosen`` (name, value) follows each change by the person."""

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__("Choices")
        self.setObjectName("choices")
        self.setMovable(False)
        self.setFixedHeight(28)
        self._fields = OptionFields()
        self._fields.chosen.connect(self.chosen)
        self._labels: dict[str, tuple[QLabel, str, str]] = {}
        for name in FIELDS:
            option, letter = OPTION_BY_NAME[name], MNEMONICS[name]
            tip = f"{option.help}  (Alt+{letter.upper()})"
            label = QLabel(option.label.replace(letter, f"&{letter}", 1))
            label.setToolTip(tip)
            label.setContentsMargins(7, 0, 3, 0)
            field = self._fields.make(name, tip)
            if name in WIDTHS:
                field.setFixedWidth(WIDTHS[name])
            if name == "optimizer":
                field.setMaximumWidth(OPTIMIZER_WIDTH)
            label.setBuddy(field)
            self._labels[name] = label, label.text(), tip
            self.addWidget(label)
            self.addWidget(field)

    @property
    def fields(self) -> dict[str, QWidget]:
        """The fields by the names of their options."""
        return self._fields.by_name

    def add_all_choices(self, action: QAction) -> None:
        """Put the button that opens the form at the end."""
        self.addSeparator()
        self.addAction(action)
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setAccessibleName("All choices")

    def show_letters(self, taken: frozenset[str]) -> None:
        """Leave these letters to the page on screen."""
        for name, (label, words, tip) in self._labels.items():
            label.setText(without_letter(words, taken))
            label.setToolTip(tip_without_letter(tip, taken))
            self._fields.set_tip(name, tip_without_letter(tip, taken))

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out from the bar, in the dark too."""
        self._fields.apply_theme(theme)

    def show_choices(self, choices: Hyperparameters) -> None:
        """Put the choices in force into the fields, and switch off what they make meaningless."""
        self._fields.show_choices(choices)
