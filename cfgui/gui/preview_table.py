"""The first rows of a table, with what each column holds said in words and colour above it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QGraphicsOpacityEffect, QHeaderView, QMenu, QTableView, QWidget

from cfgui.app.opening import ROLE_WORDS, ROLES, Role, cell_rating, role_of
from cfgui.gui.theme import Theme, current_theme, mixed, value_color
from cfgui.io.table_options import TableGuess

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_NO_PARENT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

MEASURED_COLUMNS, MEASURED_ROWS = 60, 30
"""How much is looked at for the widths: a crosstab may have thousands of columns."""

MIN_WIDTH, MAX_WIDTH = 64, 220
TIPS: dict[Role | None, str] = {
    "user": "Who rated. Each different text here is one user: 007 and 7 are two.",
    "movie": "What was rated. Each different text here is one movie; titles may be the same, ids may not.",
    "rating": "How it was rated: a number. Empty cells are left out and counted.",
    None: "This column is not read.",
}


def role_colors(theme: Theme, role: Role | None) -> tuple[QColor, QColor]:
    """Background and text of the band above a column."""
    if role == "rating":
        return theme.accent, theme.on_accent
    if role is None:
        return theme.header, theme.muted
    return (theme.selection if role == "user" else mixed(theme.base, theme.changed, 0.18)), theme.text


class PreviewModel(QAbstractTableModel):
    """The rows of a guess, as texts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.guess: TableGuess | None = None

    def show(self, guess: TableGuess) -> None:
        """Put another guess in place."""
        self.beginResetModel()
        self.guess = guess
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """The first rows of the file."""
        return 0 if self.guess is None or parent.isValid() else len(self.guess.rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """The columns of the file."""
        return 0 if self.guess is None or parent.isValid() else len(self.guess.columns)

    def role_of(self, column: int) -> Role | None:
        """What a column holds."""
        return None if self.guess is None else role_of(self.guess, column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """The names of the columns, and what they hold on hover."""
        if self.guess is None or orientation != Qt.Orientation.Horizontal or section >= len(self.guess.columns):
            return None
        if role == _Role.DisplayRole:
            return self.guess.columns[section]
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return f"{self.guess.columns[section]}: {TIPS[self.role_of(section)]}"
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """Text; ratings coloured as on the sheet, what is not read in grey."""
        if self.guess is None:
            return None
        row = self.guess.rows[index.row()]
        text = row[index.column()] if index.column() < len(row) else ""
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return text
        theme, held = current_theme(), self.role_of(index.column())
        if role == _Role.ForegroundRole:
            return theme.muted if held is None else theme.text
        if role == _Role.BackgroundRole:
            return self._background(theme, index.column(), text)
        if role == _Role.TextAlignmentRole:
            return _RIGHT if cell_rating(self.guess, index.column(), text) is not None else _LEFT
        return None

    def _background(self, theme: Theme, column: int, text: str) -> QColor | None:
        if self.guess is None or self.guess.scale is None:
            return None
        rating = cell_rating(self.guess, column, text)
        low, high, _step = self.guess.scale
        return None if rating is None else value_color(theme, rating, low, high)


class RoleHeader(QHeaderView):
    """Two lines above each column: what it holds, and its name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(MIN_WIDTH)

    def sizeHint(self) -> QSize:
        """Two lines high."""
        return QSize(super().sizeHint().width(), 2 * self._line())

    def _line(self) -> int:
        return self.fontMetrics().height() + 6

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """The band with the word, the name below it."""
        model = self.model()
        if not rect.isValid() or not isinstance(model, PreviewModel):
            return
        theme, role = current_theme(), model.role_of(section)
        background, colour = role_colors(theme, role)
        band = QRect(rect.left(), rect.top(), rect.width(), self._line())
        name = QRect(rect.left(), band.bottom() + 1, rect.width(), rect.height() - band.height())
        painter.save()
        painter.fillRect(rect, theme.header)
        painter.fillRect(band.adjusted(0, 0, -1, 0), background)
        painter.setPen(theme.grid)
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        font = painter.font()
        font.setBold(role is not None)
        painter.setFont(font)
        painter.setPen(colour)
        self._write(painter, band, ROLE_WORDS[role] if role else "not read")
        painter.setPen(theme.muted if role is None else theme.text)
        self._write(painter, name, str(model.headerData(section, Qt.Orientation.Horizontal) or ""))
        painter.restore()

    def _write(self, painter: QPainter, box: QRect, text: str) -> None:
        room = box.adjusted(5, 0, -5, 0)
        painter.drawText(
            room, _LEFT, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        )


class PreviewTable(QTableView):
    """Shows a guess; ``role_given`` (role, column) follows a choice from the menu that a click on a header opens."""

    role_given = Signal(str, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = PreviewModel(self)
        self.setModel(self._model)
        header = RoleHeader(self)
        self.setHorizontalHeader(header)
        header.sectionClicked.connect(self._ask_role)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName("The first rows")
        self.menu: QMenu | None = None
        self._fade = QGraphicsOpacityEffect(self)
        self._fade.setOpacity(0.4)
        self._fade.setEnabled(False)
        self.viewport().setGraphicsEffect(self._fade)

    def show_guess(self, guess: TableGuess) -> None:
        """Show these rows; the place scrolled to stays where the columns do."""
        old = self._model.guess
        self._model.show(guess)
        if old is None or old.columns != guess.columns:
            self._fit_columns(guess)

    def set_stale(self, stale: bool) -> None:
        """Fade the rows while they are not what the choices lead to."""
        self._fade.setEnabled(stale)

    def _fit_columns(self, guess: TableGuess) -> None:
        metrics = self.fontMetrics()
        for column, name in enumerate(guess.columns[:MEASURED_COLUMNS]):
            texts = [name, "not read", *(row[column] for row in guess.rows[:MEASURED_ROWS] if column < len(row))]
            width = max(metrics.horizontalAdvance(text[:80]) for text in texts) + 18
            self.setColumnWidth(column, min(max(width, MIN_WIDTH), MAX_WIDTH))

    def _ask_role(self, column: int) -> None:
        guess = self._model.guess
        if guess is None or guess.options.layout == "wide":
            return
        self.menu = self.role_menu(column)
        header = self.horizontalHeader()
        self.menu.popup(header.mapToGlobal(QPoint(header.sectionViewportPosition(column), header.height())))

    def role_menu(self, column: int) -> QMenu:
        """The roles that a column may be given."""
        menu = QMenu(self)
        for role in ROLES:
            action = menu.addAction(f"This column holds the &{role}s")
            action.setCheckable(True)
            action.setChecked(self._model.role_of(column) == role)
            action.setToolTip(TIPS[role])
            action.triggered.connect(lambda _checked=False, role=role: self.role_given.emit(role, column))
        return menu
