"""The fields of the import dialog: each shows what was guessed, and can be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSpacerItem, QWidget

from cfgui.app.opening import ROLES, Role
from cfgui.gui.preview_table import role_colors
from cfgui.gui.theme import current_theme, field_palette
from cfgui.io.table_options import ENCODINGS, SEPARATORS, TableGuess

Choice = tuple[str, object]
"""The words in the list, and the value they stand for."""

LAYOUTS: Sequence[Choice] = (("one rating a line", "long"), ("crosstab of users × movies", "wide"))
DECIMALS: Sequence[Choice] = (("point: 3.5", "."), ("comma: 3,5", ","))
HEADERS: Sequence[Choice] = (("names the columns", True), ("is a rating already", False))
TWICE: Sequence[Choice] = (
    ("the last one counts", "last"),
    ("their mean counts", "mean"),
    ("the file is refused", "refuse"),
)

LABELS: Mapping[str, str] = {
    "sheet": "Work&sheet",
    "layout": "&Layout",
    "separator": "Se&parator",
    "encoding": "&Encoding",
    "decimal": "&Decimal mark",
    "header": "&First line",
    "user": "&User",
    "movie": "&Movie",
    "rating": "&Rating",
    "duplicates": "Given &twice",
}
"""Every field in the order of the dialog, with its label."""

TIPS: Mapping[str, str] = {
    "sheet": "The worksheet of the workbook that holds the ratings.",
    "layout": "Long tables have a line for each rating: who, what, how many stars. Crosstabs have a line for each user"
    " and a column for each movie, empty where unrated.",
    "separator": "What stands between two columns.",
    "encoding": "How letters are written as bytes. A wrong one shows in accents: Ã© instead of é.",
    "decimal": "What stands before the tenths in ratings such as 3.5.",
    "header": "Whether the first line holds the names of the columns or the first of the ratings.",
    "user": "The column that says who rated. Ids are kept as text: 007 stays 007.",
    "movie": "The column that says what was rated, best an id: two movies may share a title, never an id.",
    "rating": "The column of numbers: the more, the better liked.",
    "duplicates": "What to do where a user rated the same movie more than once; the import report counts them.",
}

FIELDS_OF_KIND: Mapping[str, frozenset[str]] = {
    "text": frozenset({"layout", "separator", "encoding", "decimal", "header"}),
    "xlsx": frozenset({"sheet", "layout", "header"}),
    "parquet": frozenset(),
}
"""Fields that make sense for one kind of file only."""


class ImportFields(QWidget):
    """A column of labelled lists; ``chosen`` (name, value) follows a person's choice, ``role_given`` a column's."""

    chosen = Signal(str, object)
    role_given = Signal(str, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fields: dict[str, QComboBox] = {}
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(5)
        self.form.setHorizontalSpacing(10)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, label in LABELS.items():
            if name in ("user", "duplicates"):
                self.form.addItem(_gap())
            self._add(name, label)
        beside = [self.form.labelForField(field) for field in self.fields.values()]
        width = max(words.sizeHint().width() for words in beside)
        for words in beside:
            words.setFixedWidth(width)  # the fields stay where they are when others come and go

    def _add(self, name: str, label: str) -> None:
        field, words = QComboBox(), QLabel(label)
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(20)
        field.setIconSize(QSize(10, 10))
        field.setPalette(field_palette(current_theme()))
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.setAccessibleName(label.replace("&", ""))
        for widget in (field, words):
            widget.setToolTip(TIPS[name])
        words.setBuddy(field)
        field.activated.connect(lambda _row, name=name: self._activated(name))
        self.form.addRow(words, field)
        self.fields[name] = field

    def _activated(self, name: str) -> None:
        value = self.fields[name].currentData()
        if name in ROLES:
            self.role_given.emit(name, int(value))
        else:
            self.chosen.emit(name, value)

    def show_guess(self, guess: TableGuess) -> None:
        """Put what was guessed into the fields, and show those that this kind of file has."""
        options = guess.options
        long = options.layout == "long"
        special = frozenset().union(*FIELDS_OF_KIND.values())
        for name in self.fields:
            shown = name not in special or name in FIELDS_OF_KIND[options.kind]
            if name in ("header", "duplicates", *ROLES):
                shown = shown and long
            self.form.setRowVisible(self.fields[name], shown)
        self._fill("sheet", [(sheet, sheet) for sheet in guess.sheets], options.sheet)
        self._fill("layout", LAYOUTS, options.layout)
        self._fill("separator", [(name, sign) for sign, name in SEPARATORS.items()], options.separator)
        self._fill("encoding", [(name, codec) for codec, name in ENCODINGS.items()], options.encoding)
        self._fill("decimal", DECIMALS, options.decimal)
        self._fill("header", HEADERS, options.header)
        self._fill("duplicates", TWICE, options.duplicates)
        if long:
            self._fill_roles(guess)

    def _fill_roles(self, guess: TableGuess) -> None:
        columns: list[Choice] = [(name or f"column {place}", place - 1) for place, name in enumerate(guess.columns, 1)]
        for role in ROLES:
            self._fill(role, columns, getattr(guess.options, role))
            field = self.fields[role]
            for row in range(field.count()):
                field.setItemIcon(row, QIcon())
            if field.currentIndex() >= 0:
                field.setItemIcon(field.currentIndex(), _swatch(role))

    def _fill(self, name: str, choices: Sequence[Choice], value: object) -> None:
        field = self.fields[name]
        if [(field.itemText(row), field.itemData(row)) for row in range(field.count())] != list(choices):
            field.clear()
            for words, each in choices:
                field.addItem(words, each)
        row = next((row for row, (_, each) in enumerate(choices) if each == value), -1)
        if row < 0 and value not in (None, ""):  # one that no list names, from the guess
            field.addItem(str(value), value)
            row = field.count() - 1
        field.setCurrentIndex(row)


def _gap() -> QSpacerItem:
    return QSpacerItem(0, 8)


def _swatch(role: Role) -> QIcon:
    """A square of the role's colour, the one of the band above the column."""
    picture = QPixmap(20, 20)
    picture.setDevicePixelRatio(2.0)
    background: QColor = role_colors(current_theme(), role)[0]
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setPen(current_theme().muted)
    painter.setBrush(background)
    painter.drawRect(1, 1, 7, 7)
    painter.end()
    return QIcon(picture)
