"""What the Edit menu does: edits, undo, and the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from cfgui.app.edits import Edit
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.gui.block_model import BlockModel
from cfgui.gui.block_view import BlockView
from cfgui.gui.bridge import Bridge
from cfgui.gui.undo import StateCommand, entries_kept, limit_entries

if TYPE_CHECKING:
    from cfgui.app.folding import Following

FindView = Callable[[], BlockView | None]


class EditActions(QObject):
    """Every change a person makes goes through ``submit``; ``said`` (sentence, is a problem) speaks."""

    said = Signal(str, bool)

    def __init__(self, session: Session, bridge: Bridge, current_view: FindView) -> None:
        super().__init__()
        self._session, self._bridge, self._current_view = session, bridge, current_view
        self.stack = QUndoStack(self)
        self._following: Following | None = None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command of this menu."""
        return {
            "edit.undo": self.undo,
            "edit.redo": self.redo,
            "edit.cut": self.cut,
            "edit.copy": self.copy,
            "edit.paste": self.paste,
            "edit.clear": self.clear,
            "edit.fill_down": self.fill_down,
            "edit.fill_right": self.fill_right,
        }

    def submit(self, edit: Edit) -> bool:
        """Apply an edit as one undo entry; a run in progress is paused first. False, with a word, when refused."""
        if self._bridge.running:
            self._bridge.stop_and_wait()
            self.said.emit("The run was paused to make your change: press Run to go on.", False)
        before = self._session.state
        try:
            after = self._followed(before, edit.apply(before))
        except ValueError as error:
            self.said.emit(str(error), True)
            return False
        self._session.restore(after)
        self.push(edit.text, before)
        return True

    def _followed(self, before: State, after: State) -> State:
        """``after`` with the weights of new users and movies following their ratings, in the same undo entry."""
        from cfgui.app.folding import Following, nothing_held_out

        if self._following is None:
            self._following = Following()
        session = self._session
        same_rows = before.ratings.user_ids is after.ratings.user_ids
        same_rows = same_rows and before.ratings.movie_ids is after.ratings.movie_ids
        is_held_out = session.is_held_out if same_rows and session.holding is not None else nothing_held_out
        return self._following.follow(before, after, session.active, is_held_out)

    def undoing_what_was_last(self) -> Callable[[], None]:
        """A function that takes back the newest entry of this moment, unless something has been done since."""
        place = self.stack.index()

        def undo() -> None:
            if self.stack.index() == place:
                self.undo()

        return undo

    def push(self, text: str, before: State) -> None:
        """Make what led from ``before`` to the present state one undo entry."""
        limit_entries(self.stack, entries_kept(self._session.state))
        self.stack.push(StateCommand(text, self._session, before, self._session.state))

    def undo(self) -> None:
        """Take back the last edit or run; a run in progress ends first."""
        self._bridge.stop_and_wait()
        self.stack.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self._bridge.stop_and_wait()
        self.stack.redo()

    def copy(self) -> None:
        """Copy the selection."""
        from cfgui.gui import range_actions

        self._on_selection(range_actions.copy)

    def cut(self) -> None:
        """Copy the selection and clear it."""
        from cfgui.gui import range_actions

        def copy_and_clear(view: BlockView) -> None:
            if range_actions.copy(view):
                range_actions.clear(view)

        self._on_selection(copy_and_clear)

    def paste(self) -> None:
        """Paste at the selection."""
        from cfgui.gui import range_actions

        self._on_selection(lambda view: range_actions.paste(view, lambda text: self.said.emit(text, True)))

    def clear(self) -> None:
        """Make the selected ratings unrated."""
        from cfgui.gui import range_actions

        self._on_selection(range_actions.clear)

    def fill_down(self) -> None:
        """Copy the selection's first row down."""
        from cfgui.gui import range_actions

        self._on_selection(lambda view: range_actions.fill(view, down=True))

    def fill_right(self) -> None:
        """Copy the selection's first column to the right."""
        from cfgui.gui import range_actions

        self._on_selection(lambda view: range_actions.fill(view, down=False))

    def set_current(self, text: str) -> bool:
        """Put a typed text into the current cell; False, with a word, when it cannot be taken."""
        view = self._current_view()
        model = view.model() if view is not None else None
        if view is None or not isinstance(model, BlockModel) or not view.currentIndex().isValid():
            return False
        return model.set_cells({(view.currentIndex().row(), view.currentIndex().column()): text})

    def _on_selection(self, act: Callable[[BlockView], object]) -> None:
        view = self._current_view()
        if view is None:
            self.said.emit("Select some cells first.", True)
            return
        try:
            act(view)
        except ValueError as error:  # more cells than can be gone through
            self.said.emit(str(error), True)
