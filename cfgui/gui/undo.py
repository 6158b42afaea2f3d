"""Undo: each entry keeps the state before and after, and puts one or the other in place."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand

from cfgui.app.session import Session
from cfgui.app.sheet_state import State


class StateCommand(QUndoCommand):
    """One edit or one run. Pushing it puts ``after`` in place (which a run has already done)."""

    def __init__(self, text: str, session: Session, before: State, after: State) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        """Back to the state before."""
        self._session.restore(self._before)

    def redo(self) -> None:
        """On to the state after."""
        if self._session.state is not self._after:
            self._session.restore(self._after)
