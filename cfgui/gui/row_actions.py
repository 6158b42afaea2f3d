"""What the Edit menu does with rows: a new user or movie, one folded in, some taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from cfgui.app.cell_subjects import Subject, selected_subjects
from cfgui.app.edits import Edit
from cfgui.app.session import Session
from cfgui.app.words import counted
from cfgui.core.models import MODELS
from cfgui.core.one_side import SideName
from cfgui.gui.edit_actions import FindView
from cfgui.gui.sheet_page import Submit

MOST = 1000
"""Users or movies that are removed or folded in at once at most."""

NOBODY = "Select users, or whole columns of movies, on the sheet first."


class RowActions(QObject):
    """``said`` (sentence, is a problem) speaks; ``wanted`` ("user new 1") asks to go to a row or column."""

    said = Signal(str, bool)
    wanted = Signal(str)

    def __init__(self, session: Session, submit: Submit, current_view: FindView) -> None:
        super().__init__()
        self._session, self._submit, self._current_view = session, submit, current_view

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command of this part of the menu."""
        return {
            "edit.add_user": self.add_user,
            "edit.add_movie": self.add_movie,
            "edit.fold_in": self.fold_in_selected,
            "edit.remove_rows": self.remove_selected,
        }

    def add_user(self) -> None:
        """A new user without a rating, whose row is gone to."""
        from cfgui.app.row_edits import AddUser

        if self._submit(AddUser()):
            self._show_new("user", self._session.ratings.user_ids[-1], "its row", "users")

    def add_movie(self) -> None:
        """A new movie without a rating, whose column is gone to."""
        from cfgui.app.row_edits import AddMovie

        if self._submit(AddMovie()):
            self._show_new("movie", self._session.ratings.movie_ids[-1], "its column", "movies")

    def _show_new(self, side: SideName, raw_id: str, where: str, others: str) -> None:
        self.wanted.emit(f"{side} {raw_id}")
        sentence = f"{side.capitalize()} {raw_id} has the mean of the {others}' vectors: type ratings into {where}, and"
        self.said.emit(f"{sentence} the predictions there follow at once.", False)

    def fold_in_selected(self) -> None:
        """Whoever is selected on the sheet."""
        self._on_selection(self.fold_in)

    def remove_selected(self) -> None:
        """Whoever is selected on the sheet."""
        self._on_selection(self.remove)

    def fold_in(self, side: SideName, ids: tuple[str, ...]) -> None:
        """Vectors from ratings, on the active sheet."""
        from cfgui.app.folding import FoldIn, nothing_held_out

        session = self._session
        is_held_out = nothing_held_out if session.holding is None else session.is_held_out
        if self._submit(FoldIn(session.active, side, ids, is_held_out)):
            who = f"{side} {ids[0]} is" if len(ids) == 1 else f"{len(ids):,} {side}s are"
            sheet, others = MODELS[session.active].sheet, "movie" if side == "user" else "user"
            words = f"{who} folded in on {sheet}: the best vector for these ratings, every {others} staying as it was."
            self.said.emit(words[0].upper() + words[1:], False)

    def remove(self, side: SideName, ids: tuple[str, ...]) -> None:
        """Out of the table, on every sheet."""
        from cfgui.app.row_edits import RemoveRows

        n_before = self._session.ratings.n_ratings
        edit: Edit = RemoveRows(users=ids) if side == "user" else RemoveRows(movies=ids)
        if self._submit(edit):
            gone = counted(n_before - self._session.ratings.n_ratings, "rating")
            who = f"{side.capitalize()} {ids[0]}" if len(ids) == 1 else counted(len(ids), side)
            self.said.emit(f"{who} and {gone} are gone from every sheet. Undo brings them back.", False)

    def act(self, command_id: str, subjects: Sequence[Subject]) -> None:
        """What the menu of a cell asks for, about its one user or movie."""
        side, raw_id = subjects[0]
        (self.fold_in if command_id == "edit.fold_in" else self.remove)(side, (raw_id,))

    def _on_selection(self, act: Callable[[SideName, tuple[str, ...]], None]) -> None:
        view = self._current_view()
        try:
            found = None if view is None else selected_subjects(view.block, view.selected_rectangles(), MOST)
        except ValueError as error:
            self.said.emit(str(error), True)
            return
        if found is None:
            self.said.emit(NOBODY, True)
        else:
            act(*found)
