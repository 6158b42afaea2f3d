"""FeedbackForm: the choices of a simulation, made from their option table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cfgui.core.feedback_options import FEEDBACK_OPTION_BY_NAME, FeedbackChoices
from cfgui.core.feedback_world import PLANTED_GENRES
from cfgui.core.option import Option, Value
from cfgui.gui.number_field import NumberField
from cfgui.gui.small_parts import caption
from cfgui.gui.theme import Theme, field_palette

SHARES = ("enthusiasts", "exploration", "response")
"""Shares from 0 to 1 that a person sees in percent."""

LINES = (
    (("Enthus&iasts", "enthusiasts"), ("of &genre", "genre"), ("Ex&plore", "exploration"), ("", "exploration_kind")),
    (("&Debias", "debiasing"), ("Ha&bit", "habit"), ("Round&s", "rounds"), ("Seed", "world_seed")),
    (("Shown", "shown"), ("Rated", "response"), ("Pickiness", "pickiness"), ("Noise", "noise")),
    (
        ("Users", "n_users"),
        ("Movies", "n_movies"),
        ("Factors", "model_factors"),
        ("Lambda", "model_lambda"),
        ("Strength of debiasing", "debiasing_strength"),
    ),
)
"""Fields line by line, with their captions; the last two lines are folded away at first."""

N_OPEN_LINES = 2
ANY_GENRE = "few rate"
"""What stands where no genre is chosen."""

WORLD_TIP = (
    "Where the truth comes from, which the simulated people rate by: made up, with eight genres; or what the open sheet"
    " predicts, for its users and movies with the most ratings."
)
MORE_TIP = "Show the choices that are seldom changed: how many are shown, how people answer, the sizes, the model."


class FeedbackForm(QWidget):
    """Fields that come to ``FeedbackChoices``."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, QWidget] = {}
        self.world = QComboBox()
        self.world.addItem("Planted world", False)
        self.world.addItem("This sheet's truth", True)
        self.world.setAccessibleName("World")
        self.world.setToolTip(WORLD_TIP)
        self.more = QToolButton()
        self.more.setText("Mo&re")
        self.more.setCheckable(True)
        self.more.setToolTip(MORE_TIP)
        self.more.setAccessibleName("More choices")
        self.more.toggled.connect(self._fold)
        self._folded = QWidget()
        self.first = QHBoxLayout()
        self._lay_out()
        self.show_genres(PLANTED_GENRES)
        self.show_choices(FeedbackChoices())
        self._fold(False)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        folded = QVBoxLayout(self._folded)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(4)
        for place, line in enumerate(LINES):
            row = QHBoxLayout()
            row.setSpacing(6)
            if place == 0:
                row.addWidget(self.world)
            for words, name in line:
                self._add(row, words, name)
            if place == N_OPEN_LINES - 1:
                row.addSpacing(4)
                row.addWidget(self.more)
            row.addStretch(1)
            (column if place < N_OPEN_LINES else folded).addLayout(row)
        column.addWidget(self._folded)

    def _add(self, row: QHBoxLayout, words: str, name: str) -> None:
        option = FEEDBACK_OPTION_BY_NAME[name]
        field = self._field(option)
        field.setToolTip(option.help)
        field.setAccessibleName(option.label)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fields[name] = field
        if words:
            row.addSpacing(8 if row.count() else 0)
            row.addWidget(caption(words, field))
        row.addWidget(field)

    def _field(self, option: Option) -> QWidget:
        if option.choices or option.name == "genre":
            combo = QComboBox()
            for choice, label in zip(option.choices, option.choice_labels, strict=True):
                combo.addItem(label, choice)
            return combo
        field: QSpinBox | QDoubleSpinBox
        if option.name in SHARES:
            field = QDoubleSpinBox()
            field.setDecimals(1)
            field.setRange(100 * option.low, 100 * option.high)
            field.setSuffix(" %")
            field.setSingleStep(0.5 if option.name == "enthusiasts" else 5.0)
        elif option.type is int:
            field = QSpinBox()
            field.setRange(int(option.low), int(min(option.high, 2**31 - 1)))
        else:
            field = NumberField(option)
        field.setKeyboardTracking(False)
        field.setFixedWidth(field.fontMetrics().horizontalAdvance("00000 %") + 30)
        return field

    def _fold(self, on: bool) -> None:
        self._folded.setVisible(on)
        self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    # Values

    @property
    def of_sheet(self) -> bool:
        """Whether the truth is to be that of the open sheet."""
        return bool(self.world.currentData())

    def choices(self) -> FeedbackChoices:
        """What the fields say. Raises ValueError where that is not allowed."""
        return FeedbackChoices(**{name: _value(name, field) for name, field in self.fields.items()})  # type: ignore[arg-type]  # of the table

    def show_choices(self, choices: FeedbackChoices) -> None:
        """Put these into the fields, without a word."""
        for name, field in self.fields.items():
            field.blockSignals(True)
            _show(name, field, getattr(choices, name))
            field.blockSignals(False)

    def show_genres(self, genres: Sequence[str]) -> None:
        """Offer these genres; the one that is chosen stays, or becomes the one few rate where it is not among them."""
        combo = self.fields["genre"]
        assert isinstance(combo, QComboBox)
        chosen = combo.currentData()
        combo.clear()
        combo.addItem(ANY_GENRE, "")
        for genre in genres:
            combo.addItem(genre, genre)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))

    def apply_theme(self, theme: Theme) -> None:
        """Fields in the theme's colours."""
        for field in (self.world, *self.fields.values()):
            field.setPalette(field_palette(theme))
            for line in field.findChildren(QLineEdit):  # that of a spin box does not take over its palette
                line.setPalette(field_palette(theme))


def _value(name: str, field: QWidget) -> Value:
    if isinstance(field, QComboBox):
        return str(field.currentData())
    if isinstance(field, QSpinBox):
        return field.value()
    assert isinstance(field, QDoubleSpinBox)
    return round(field.value() / 100, 6) if name in SHARES else field.value()


def _show(name: str, field: QWidget, value: Value) -> None:
    if isinstance(field, QComboBox):
        field.setCurrentIndex(max(field.findData(value), 0))
    elif isinstance(field, (QSpinBox, QDoubleSpinBox)):
        assert isinstance(value, (int, float))
        if isinstance(field, QSpinBox):
            field.setValue(int(value))
        else:
            field.setValue(100 * value if name in SHARES else float(value))
