"""EmbeddingPage: the sheet ``movielens_emb``, the same model as lookups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton

from cfgui.app import explain
from cfgui.app.changes import Changes
from cfgui.app.embedding_blocks import EmbeddingRmseBlock, LookupsBlock, MovieTableBlock, UserTableBlock
from cfgui.app.explanation import Explanation
from cfgui.app.session import Session
from cfgui.core.one_side import SideName
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_view import BlockView
from cfgui.gui.one_hot_view import OneHotView
from cfgui.gui.sheet_page import SheetPage, Submit

Cells = frozenset[tuple[int, int]]
MARGIN, GAP = 6, 5
LEAST_LINES = 6
"""Rows that the lines keep, however much room the one-hot rows below them want."""

AS_NEEDED = Qt.ScrollBarPolicy.ScrollBarAsNeeded


class EmbeddingPage(SheetPage):
    """Two embedding tables, and one line per rating that looks its two rows up, multiplies and adds.

    ``one_hot_wanted`` (on) follows the buttons that show, or close, the lookup as the product that it stands for.
    """

    one_hot_wanted = Signal(bool)

    neighbours: ClassVar[Mapping[tuple[str, int, int], str]] = {
        ("users", 1, 0): "movies",
        ("movies", -1, 0): "users",
        ("users", 0, 1): "lookups",
        ("movies", 0, 1): "lookups",
        ("lookups", 0, -1): "users",
    }

    first_block, first_column = "lookups", 4

    def __init__(self, session: Session, model: str, appearance: Appearance, submit: Submit) -> None:
        super().__init__(session, model, appearance, submit)
        self.users = self.add_view(UserTableBlock(session))
        self.movies = self.add_view(MovieTableBlock(session))
        self.lookups = self.add_view(LookupsBlock(session), sample="88.88")
        self.rmse = self.add_view(EmbeddingRmseBlock(session))
        for view in (self.users, self.movies):
            view.verticalHeader().hide()
        for view in (self.users, self.movies, self.lookups):
            view.setVerticalScrollBarPolicy(AS_NEEDED)
            view.setHorizontalScrollBarPolicy(AS_NEEDED)
        self.rmse.horizontalHeader().hide()
        self._make_captions()
        self._make_one_hot()
        appearance.resized.connect(self.resize_blocks)
        self.resize_blocks()

    def _make_captions(self) -> None:
        self._captions = [
            QLabel("<b>Users</b> · embeddings", self),
            QLabel("<b>Movies</b> · embeddings", self),
            QLabel(self),
        ]
        self._captions[2].setToolTip(
            "idx finds the row; the row's numbers are the embedding; predict adds up their products."
        )
        self.setMinimumSize(260, 200)

    def _make_one_hot(self) -> None:
        self._line, self._column = 0, -1
        self.open_one_hot = QToolButton(self)
        self.open_one_hot.setText("One-hot")
        self.open_one_hot.setCheckable(True)
        self.open_one_hot.setToolTip("The selected line's lookup as a one-hot row times a matrix (Ctrl+7)")
        self.open_one_hot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open_one_hot.clicked.connect(self.one_hot_wanted)
        self.one_hot = OneHotView(self.session, self.appearance, self)
        self.one_hot.closed.connect(lambda: self.one_hot_wanted.emit(False))

    def show_one_hot(self, on: bool) -> None:
        """Show the selected line's lookup as a product under the lines, or give the lines all the room."""
        self.open_one_hot.setChecked(on)
        self.one_hot.setVisible(on)
        self._fit()
        self._show_line()
        self._fit()  # only now is it known how many lines the sentences take
        index = self.lookups.currentIndex()
        if on and index.isValid():
            self.lookups.scrollTo(index)

    def _show_line(self) -> None:
        """The line selected last, and the side that its selected column is of."""
        block, pair = self.lookups.block, self._pair()
        if self.one_hot.isHidden() or not isinstance(block, LookupsBlock):
            return
        if pair is not None:
            self._line, k = pair[0], self.users.block.factors.n_factors
            column = self.lookups.currentIndex().column()
            if column != self._column:  # else the person may have chosen the other side
                self.one_hot.choose_side("movie" if 4 + k <= column <= 4 + 2 * k else "user")
            self._column = column
        n_lines = block.shape[0]
        self.one_hot.show_line(block.cell_of(min(self._line, n_lines - 1)) if n_lines else None)

    def resize_blocks(self) -> None:
        """Fit the views to their content or the room there is."""
        for view in self.views.values():
            view.apply_sizes()
        for caption in (*self._captions, self.open_one_hot):
            caption.setFont(self.appearance.font())
        width = self.appearance.column_width
        for table in (self.users, self.movies):
            table.setColumnWidth(0, width(max(str(table.block.shape[0]), "888", key=len)))
        self.users.setColumnWidth(1, width(max(self.longest_user_id(), "88888", key=len)))
        self.movies.setColumnWidth(1, width(max(self.longest_movie_id(), "88888", key=len)))
        k = self.users.block.factors.n_factors
        for column in (0, 1, 2, 3, 4 + k, 5 + 2 * k, 6 + 2 * k):
            self.lookups.setColumnWidth(column, self._header_width(self.lookups.block.column_header(column)))
        self.lookups.verticalHeader().setFixedWidth(width(self._longest_line()))
        self._captions[2].setText(self._caption())
        self.rmse.verticalHeader().setFixedWidth(width("RMSE "))
        self._fit()

    def _longest_line(self) -> str:
        """A label of a line as long as any; those of the workbook have three digits a side."""
        return max("888 · 888", f"{self.longest_user_id()} · {self.longest_movie_id()}", key=len)

    def _caption(self) -> str:
        n_all, n_shown = self.session.visible.n_ratings, self.lookups.block.shape[0]
        if n_shown < n_all:
            return f"<b>One line per rating</b> · the first {n_shown:,} of {n_all:,}"
        return "<b>One line per rating</b> · a lookup is a one-hot row times a matrix"

    def _header_width(self, text: str) -> int:
        """Width of a column whose bold label is not to be cut."""
        font = self.appearance.font()
        font.setBold(True)
        return max(QFontMetrics(font).horizontalAdvance(text) + 9, self.appearance.column_width("888"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Tables left, one above the other; lines right; the RMSE above their end."""
        line, bar = self.appearance.row_height + 3, self.lookups.verticalScrollBar().sizeHint().width()
        users, movies, lookups = (view.content_size() for view in (self.users, self.movies, self.lookups))
        room = max(120, self.height() - 2 * MARGIN - 2 * line - GAP)
        users_height = min(users.height(), max(room // 2, room - movies.height()))
        movies_height = min(movies.height(), room - users_height)
        cut = users_height < users.height() or movies_height < movies.height()
        left = min(max(users.width(), movies.width()) + (bar if cut else 0), int(self.width() * 0.45))
        top = MARGIN
        for caption, view, height in (
            (self._captions[0], self.users, users_height),
            (self._captions[1], self.movies, movies_height),
        ):
            caption.setGeometry(MARGIN, top, left, line)
            view.setGeometry(MARGIN, top + line, left, height)
            top += line + height + GAP
        x = MARGIN + left + 3 * GAP
        right = min(lookups.width() + bar, self.width() - x - MARGIN)
        bottom = bar if right < lookups.width() + bar else 0
        room = self.height() - 2 * MARGIN - line
        shown = min(self.one_hot.sizeHint().height(), max(0, room - LEAST_LINES * line))
        shown = 0 if self.one_hot.isHidden() else shown
        height = min(lookups.height() + bottom, room - shown - (GAP if shown else 0))
        rmse, button = self.rmse.content_size(), self.open_one_hot.sizeHint().width()
        end = x + right - rmse.width()
        self._captions[2].setGeometry(x, MARGIN, right - rmse.width() - button - 2 * GAP, line)
        self.open_one_hot.setGeometry(end - button - GAP, MARGIN - 2, button, line)
        self.rmse.setGeometry(end, MARGIN, rmse.width(), rmse.height())
        self.lookups.setGeometry(x, MARGIN + line, right, height)
        self.one_hot.setGeometry(x, MARGIN + line + height + GAP, self.width() - x - MARGIN, shown)

    def refresh(self, changes: Changes) -> None:
        """Show what changed; more or fewer ratings are more or fewer lines."""
        super().refresh(changes)
        if changes.ratings or changes.view:
            self._captions[2].setText(self._caption())
            self._fit()

    def light_up(self) -> None:
        """Frame the two rows that the selected line looks up, and what it makes of them."""
        lit: dict[str, Cells] = dict.fromkeys(self.views, frozenset())
        selected = self._pair()
        if selected is not None:
            line, user, movie = selected
            k = self.users.block.factors.n_factors
            lit["users"] = frozenset((user, 2 + factor) for factor in range(k))
            lit["movies"] = frozenset((movie, 2 + factor) for factor in range(k))
            looked_up = [*range(4, 4 + k), *range(5 + k, 5 + 2 * k), 5 + 2 * k]
            lit["lookups"] = frozenset((line, column) for column in looked_up)
        for name, view in self.views.items():
            view.set_lit(lit[name])
        self._show_line()

    def _place_of(self, side: SideName, place: int) -> tuple[BlockView, int, int]:
        """The row of the user's or the movie's embedding."""
        return self.users if side == "user" else self.movies, place, 1

    def _pair(self) -> tuple[int, int, int] | None:
        """The selected line and the rows of the two tables that it looks up."""
        block, view = self.lookups.block, self.current
        if view is not self.lookups or not isinstance(block, LookupsBlock):
            return None
        line = view.currentIndex().row()
        if not 0 <= line < block.shape[0]:
            return None
        (user, movie), shown = block.cell_of(line), self.session.view
        return line, int(shown.user_rows[user]), int(shown.movie_columns[movie])

    def _explain(self) -> Explanation | None:
        """The selected cell explained."""
        view = self.current
        if view is None or not view.currentIndex().isValid():
            return None
        block, row, column = view.block, view.currentIndex().row(), view.currentIndex().column()
        if isinstance(block, LookupsBlock):
            return explain.explain_lookup(self.session, block, row, column, factor=self.explained_factor)
        if isinstance(block, EmbeddingRmseBlock):
            return explain.explain_rmse(self.session, self.model, block.layout)
        return explain.explain_table_cell(self.session, block, row, column)
