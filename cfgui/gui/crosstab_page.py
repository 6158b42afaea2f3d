"""CrosstabPage: the sheets ``dotprod`` and ``bias``, standing as in the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel

from cfgui.app import explain
from cfgui.app.blocks import PredictionsBlock, RatingsBlock, RmseBlock
from cfgui.app.changes import Changes
from cfgui.app.explanation import Explanation
from cfgui.app.holding_words import held_out_number
from cfgui.app.session import Session
from cfgui.app.weight_blocks import MovieWeightsBlock, UserWeightsBlock
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_header import TITLE_HEIGHT
from cfgui.gui.block_view import BlockView
from cfgui.gui.linked_scrolling import LinkedHeaders, LinkedScrollBar
from cfgui.gui.lit_cells import Lit, LitLine
from cfgui.gui.order_menu import offer_orders
from cfgui.gui.sheet_page import SheetPage, Submit

Cells = frozenset[tuple[int, int]]
MAX_FITTED = 300
"""Users or movies beyond which no zoom shows the whole sheet, on whatever screen."""

LONG_COUNT = 10_000_000
"""Cells beyond which the caption gives the share that is rated, for the number has no room."""

MARGIN, SPACE, GAP = 5, 4, 4
"""Pixels around the sheet, between blocks side by side, and between blocks one above the other."""


class CrosstabPage(SheetPage):
    """Ratings above; movie factors over the predictions; user factors left of them; the RMSE cell bottom right.

    ``sort_requested`` ("users" or "movies", order) asks for another order.
    """

    sort_requested = Signal(str, str)

    neighbours: ClassVar[Mapping[tuple[str, int, int], str]] = {
        ("ratings", 1, 0): "movie_factors",
        ("movie_factors", -1, 0): "ratings",
        ("movie_factors", 1, 0): "predictions",
        ("predictions", -1, 0): "movie_factors",
        ("predictions", 0, -1): "user_factors",
        ("user_factors", 0, 1): "predictions",
        ("predictions", 1, 0): "rmse",
        ("rmse", -1, 0): "predictions",
    }

    def __init__(self, session: Session, model: str, appearance: Appearance, submit: Submit) -> None:
        super().__init__(session, model, appearance, submit)
        self.ratings = self.add_view(RatingsBlock(session, model), shows_titles=True)
        self.movies = self.add_view(MovieWeightsBlock(session, model))
        self.users = self.add_view(UserWeightsBlock(session, model))
        self.predictions = self.add_view(PredictionsBlock(session, model))
        self.rmse = self.add_view(RmseBlock(session, model))
        for view in (self.movies, self.rmse):
            view.horizontalHeader().hide()
        self.users.verticalHeader().hide()
        for header in (self.movies.verticalHeader(), self.users.horizontalHeader()):
            header.bold = False  # type: ignore[attr-defined]  # a BlockHeader, which Qt's signature hides
        self._header_width = 60
        self._link()
        self._offer_orders()
        self._make_captions()
        appearance.resized.connect(self.resize_blocks)
        self.resize_blocks()

    def _link(self) -> None:
        across = (self.predictions, self.ratings, self.movies)
        down = (self.predictions, self.ratings, self.users)
        self._columns = LinkedHeaders([view.horizontalHeader() for view in across])
        self._rows = LinkedHeaders([view.verticalHeader() for view in down])
        self._columns_bar = LinkedScrollBar(Qt.Orientation.Horizontal, across, self)
        self._rows_bar = LinkedScrollBar(Qt.Orientation.Vertical, down, self)
        self._user_factors_bar = LinkedScrollBar(Qt.Orientation.Horizontal, [self.users], self)
        self._movie_factors_bar = LinkedScrollBar(Qt.Orientation.Vertical, [self.movies], self)
        self._bars = (self._columns_bar, self._rows_bar, self._user_factors_bar, self._movie_factors_bar)
        for view in across:
            view.horizontalHeader().sectionResized.connect(self._fit)

    def _offer_orders(self) -> None:
        """The right button on ids sorts what stands below or beside them."""
        for view in (self.ratings, self.predictions):
            for side, header in (("users", view.verticalHeader()), ("movies", view.horizontalHeader())):
                lines = partial(self.add_header_lines, view, header.orientation())
                offer_orders(header, side, partial(self._order, side), partial(self.sort_requested.emit, side), lines)

    def _order(self, side: str) -> str:
        choice = self.session.view_choice
        return choice.user_order if side == "users" else choice.movie_order

    def _make_captions(self) -> None:
        self._ratings_caption = QLabel(self)
        self._movie_caption = QLabel("<b>Movie factors</b> →", self)
        self._user_caption = QLabel("<b>User factors</b> ↓", self)
        self._note = QLabel("start random, then optimised", self)
        self._held_caption, self._held_rmse = QLabel(self), QLabel(self)
        for quiet in (self._note, self._held_caption, self._held_rmse):
            quiet.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._held_caption.setToolTip("Hatched cells are held out: not trained on, but measured by.")
        self._held_rmse.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._held_rmse.setToolTip("The RMSE over the held-out ratings shown: how well ratings not trained on are met.")
        self._movie_caption.setToolTip(
            "One column of numbers per movie. Nobody says what they mean: training finds out."
        )
        self._user_caption.setToolTip("One row of numbers per user, multiplied with the movie's and added up.")
        for bar in self._bars:
            bar.setParent(self)
        self.setMinimumSize(260, 200)

    # Sizes: computed, so that blocks that share rows or columns agree to the pixel

    def resize_blocks(self) -> None:
        """Give the headers one width, and each view the size of its content or what there is room for."""
        metrics = QFontMetrics(self.appearance.font())
        self._header_width = min(
            metrics.horizontalAdvance(self._longest_label()) + 10, round(160 * self.appearance.zoom)
        )
        for view in (self.ratings, self.movies, self.predictions, self.rmse):
            view.verticalHeader().setFixedWidth(self._header_width)
        for view in (self.ratings, self.movies, self.predictions):
            view.sample = self._column_sample()
        for view in self.views.values():
            view.apply_sizes()
        for caption in (self._ratings_caption, self._movie_caption, self._user_caption, *self._quiet):
            caption.setFont(self.appearance.font())
        self._show_counts()
        self._zoom_to_fit()
        self._fit()

    def _show_counts(self) -> None:
        """How many ratings there are, and are held out."""
        n_users, n_movies = self.ratings.block.shape
        n_ratings, n_cells = self.session.visible.n_ratings, n_users * n_movies
        rated = f"of {n_cells:,}" if n_cells < LONG_COUNT else f"· {100 * n_ratings / n_cells:.2g} %"
        self._ratings_caption.setText(f"<b>Ratings</b>&nbsp; {n_ratings:,} {rated}")
        self._ratings_caption.setToolTip(f"{n_ratings:,} of {n_cells:,} cells are rated")
        self._show_held_out()

    @property
    def _quiet(self) -> tuple[QLabel, QLabel, QLabel]:
        return self._note, self._held_caption, self._held_rmse

    def _show_held_out(self) -> None:
        """How many of the ratings shown are held out, and the RMSE over them beside that of the others."""
        held = self.session.measured(self.model, shown=True).scope.held
        for label in (self._held_caption, self._held_rmse):
            label.setVisible(held is not None)
        if held is not None:
            self._held_caption.setText(f"{held.ratings.n_ratings:,} held out, hatched")
            self._held_rmse.setText(f"held-out RMSE {held_out_number(self.session, self.model, shown=True)}  ·  train")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._zoom_to_fit()
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Before this, no zoom was fitted: the size was not yet the window's."""
        super().showEvent(event)
        self._zoom_to_fit()
        self._fit()

    def _zoom_to_fit(self) -> None:
        """Take the largest zoom at which the whole sheet is seen, while the person leaves that to the program."""
        if self.appearance.fit and self.isVisible():
            if max(self.ratings.block.shape) > MAX_FITTED:
                self.appearance.set_zoom(1.0, fitted=True)
                return
            fits = (step / 20 for step in range(50, 16, -1))
            self.appearance.set_zoom(next((zoom for zoom in fits if self._is_seen_whole(zoom)), 1.0), fitted=True)

    def _is_seen_whole(self, zoom: float) -> bool:
        needed = self._needs(zoom)
        return needed.width() <= self.width() and needed.height() <= self.height()

    def _needs(self, zoom: float) -> QSize:
        """The size of the whole sheet at a zoom; room for biases always, so that both sheets agree."""
        look, (n_users, n_movies) = self.appearance, self.ratings.block.shape
        factors = self.ratings.block.factors
        k, k_movies = factors.n_factors + 1, factors.n_movie_factors + 1
        header = look.column_width(self._longest_label(), zoom) + 4
        across = n_movies * look.column_width(self._column_sample(), zoom) + k * look.column_width("88.88", zoom)
        width = header + across + SPACE
        n_rows = 2 * n_users + k_movies + 2 + (TITLE_HEIGHT if look.titles else 1)
        height = n_rows * look.row_height_at(zoom) + 3 * GAP
        return QSize(width + 2 * MARGIN, height + 2 * MARGIN)

    def _column_sample(self) -> str:
        """What is as wide as a column: a prediction, or a long id in bold."""
        n_letters = len(self.longest_movie_id())
        return "88.88" if n_letters <= 4 else "8" * min(n_letters + 1, 10)

    def _longest_label(self) -> str:
        return max(self.longest_user_id(), "factor 88", key=len)

    def _fit(self) -> None:
        """Place everything: what does not fit scrolls, factors last of all."""
        row, bar = self.appearance.row_height, self._columns_bar.sizeHint().height()
        users, movies = self.users.content_size(), self.movies.content_size()
        pairs, top_header = self.predictions.content_size(), self.ratings.horizontalHeader().sizeHint().height()
        body = pairs.height() - row
        across = self.width() - 2 * MARGIN - SPACE
        users_width = min(users.width(), max(int(across * 0.4), across - pairs.width() - bar))
        right = min(pairs.width(), across - users_width)
        movies_height = min(movies.height(), int(self.height() * 0.35))
        down = self.height() - 2 * MARGIN - 3 * GAP - movies_height - row - top_header - row
        if body > down // 2:  # a vertical bar takes width, which may call for a horizontal one
            right = min(right, across - users_width - bar)
        if right < pairs.width() or users_width < users.width():
            down -= bar
            right = min(right, across - users_width - bar) if body > down // 2 else right
        rows = min(body, max(row, down // 2))
        self._set_geometries(users_width, right, movies_height, rows, top_header)

    def _set_geometries(self, users_width: int, right: int, movies_height: int, rows: int, top_header: int) -> None:
        row, bar = self.appearance.row_height, self._columns_bar.sizeHint().height()
        left = MARGIN + users_width + SPACE
        top = MARGIN
        self.ratings.setGeometry(left, top, right, top_header + rows)
        self._ratings_caption.setGeometry(MARGIN, top, users_width, row + 2)
        self._held_caption.setGeometry(MARGIN, top + row + 1, users_width, row + 2)
        top += top_header + rows + GAP
        self.movies.setGeometry(left, top, right, movies_height)
        self._movie_factors_bar.setGeometry(left + right, top, bar, movies_height)
        self._movie_caption.setGeometry(MARGIN, top, users_width, row + 2)
        self._note.setGeometry(MARGIN, top + row + 1, users_width, row + 2)
        self._note.setVisible(self._note.sizeHint().width() <= users_width and movies_height >= 3 * row)
        top += movies_height + GAP
        self._user_caption.setGeometry(MARGIN, top - GAP - row - 2, users_width, row + 2)
        self.users.setGeometry(MARGIN, top, users_width, row + rows)
        self.predictions.setGeometry(left, top, right, row + rows)
        self._rows_bar.setGeometry(left + right, top + row, bar, rows)
        top += row + rows
        self._user_factors_bar.setGeometry(MARGIN, top, users_width, bar)
        self._columns_bar.setGeometry(left + self._header_width, top, right - self._header_width, bar)
        scrolls = right < self.predictions.content_size().width() or users_width < self.users.content_size().width()
        top += GAP + (bar if scrolls else 0)
        width = self._header_width + self.rmse.horizontalHeader().sectionSize(0)
        self.rmse.setGeometry(left + right - width, top, width, row)
        self._held_rmse.setGeometry(MARGIN, top, left + right - width - MARGIN - 2 * GAP, row)

    # What the person sees and asks

    def refresh(self, changes: Changes) -> None:
        """Show what changed, and how many ratings there are."""
        super().refresh(changes)
        if changes.view:  # ids and titles are others, even where there are as many
            for view in self.views.values():
                for header in (view.horizontalHeader(), view.verticalHeader()):
                    header.viewport().update()
        if changes.ratings and not changes.view:  # other rows come with a view, and that with a reset
            self._show_counts()
        elif not changes.ratings:
            self._show_held_out()

    def _selected_cell(self) -> tuple[BlockView, int, int] | None:
        view = self.current
        if view is None or not view.currentIndex().isValid():
            return None
        return view, view.currentIndex().row(), view.currentIndex().column()

    def light_up(self) -> None:
        """Frame the user row, the movie column and the pair of the selected cell; light its ids."""
        nothing: Cells = frozenset()
        lit: dict[str, Lit] = dict.fromkeys(self.views, nothing)
        user: int | None = None
        movie: int | None = None
        selected = self._selected_cell()
        if selected is not None:
            view, row, column = selected
            name = view.block.name
            user = row if name in ("ratings", "predictions", "user_factors") else None
            movie = column if name in ("ratings", "predictions", "movie_factors") else None
            if user is not None and movie is not None:
                lit = self._lit_by_pair(user, movie)
            elif name != "rmse":
                lit["predictions"] = self._lit_partner(name, row, column)
        for name, view in self.views.items():
            view.set_lit(lit.get(name, nothing))
        self._light_headers(user, movie)

    def _lit_by_pair(self, user: int, movie: int) -> dict[str, Lit]:
        pair: Cells = frozenset({(user, movie)})
        return {
            "ratings": pair,
            "predictions": pair,
            "movie_factors": frozenset((line, movie) for line in range(self.movies.block.shape[0])),
            "user_factors": frozenset((user, line) for line in range(self.users.block.shape[1])),
            "rmse": frozenset(),
        }

    @staticmethod
    def _lit_partner(name: str, row: int, column: int) -> Lit:
        """The predictions a weight takes part in: its movie's column or its user's row."""
        return LitLine(column=column) if name == "movie_factors" else LitLine(row=row)

    def _light_headers(self, user: int | None, movie: int | None) -> None:
        users = frozenset() if user is None else frozenset({user})
        movies = frozenset() if movie is None else frozenset({movie})
        for view in (self.ratings, self.predictions):
            view.verticalHeader().set_lit(users)  # type: ignore[attr-defined]  # a BlockHeader
            view.horizontalHeader().set_lit(movies)  # type: ignore[attr-defined]  # a BlockHeader

    def _explain(self) -> Explanation | None:
        """The selected cell explained."""
        selected = self._selected_cell()
        if selected is None:
            return None
        view, row, column = selected
        block = view.block
        if isinstance(block, RmseBlock):
            return explain.explain_rmse(self.session, self.model, block.layout)
        if isinstance(block, (MovieWeightsBlock, UserWeightsBlock)):
            return explain.explain_weight(self.session, block, row, column, block.weight_cell(row, column))
        return explain.explain_prediction(self.session, block, row, column, factor=self.explained_factor)
