"""EmbeddingPage: the sheet ``movielens_emb``, the same model as lookups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel

from cfgui.app import explain
from cfgui.app.changes import Changes
from cfgui.app.embedding_blocks import EmbeddingRmseBlock, LookupsBlock, MovieTableBlock, UserTableBlock
from cfgui.app.explanation import Explanation
from cfgui.app.finding import Side
from cfgui.app.session import Session
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_view import BlockView
from cfgui.gui.sheet_page import SheetPage, Submit

Cells = frozenset[tuple[int, int]]
MARGIN, GAP = 6, 5
AS_NEEDED = Qt.ScrollBarPolicy.ScrollBarAsNeeded


class EmbeddingPage(SheetPage):
    """Two embedding tables, and one line per rating that looks its two rows up, multiplies and adds."""

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

    def resize_blocks(self) -> None:
        """Fit the views to their content or the room there is."""
        for view in self.views.values():
            view.apply_sizes()
        for caption in self._captions:
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
        height = min(lookups.height() + bottom, self.height() - 2 * MARGIN - line)
        rmse = self.rmse.content_size()
        self._captions[2].setGeometry(x, MARGIN, right - rmse.width() - GAP, line)
        self.rmse.setGeometry(x + right - rmse.width(), MARGIN, rmse.width(), rmse.height())
        self.lookups.setGeometry(x, MARGIN + line, right, height)

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

    def _place_of(self, side: Side, place: int) -> tuple[BlockView, int, int]:
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
