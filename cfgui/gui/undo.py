"""Undo: each entry keeps the state before and after, and puts one or the other in place."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand, QUndoStack

from cfgui.app.session import Session
from cfgui.app.sheet_state import State

MEMORY = 512_000_000
"""Bytes that the states of all undo entries may take, roughly."""

LEAST, MOST = 3, 1000
"""Entries kept of the largest tables; up to how many a limit is set at all."""


class StateCommand(QUndoCommand):
    """One edit or one run, pushed when ``after`` is in place."""

    def __init__(self, text: str, session: Session, before: State, after: State) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after
        self._pushed = False

    def undo(self) -> None:
        """Back to the state before."""
        self._session.restore(self._before)

    def redo(self) -> None:
        """On to the state after; not when it is pushed."""
        if self._pushed:
            self._session.restore(self._after)
        self._pushed = True

    def again(self) -> StateCommand:
        """An entry that does the same, to be pushed anew."""
        return StateCommand(self.text(), self._session, self._before, self._after)


def entries_kept(state: State) -> int:
    """How many undo entries there is room for; 0 where it need not be limited."""
    n_weights = max(sheet.factors.n_parameters for sheet in state.sheets.values())
    # each entry has weights of its own, and those of the step before them
    room = MEMORY // (2 * 8 * max(n_weights, 1))
    return 0 if room > MOST else max(LEAST, room)


def limit_entries(stack: QUndoStack, limit: int) -> None:
    """Let a stack keep ``limit`` entries, the newest of those it has; what was undone cannot be done again."""
    if limit == stack.undoLimit():
        return
    done = [stack.command(place) for place in range(stack.index())]
    kept = [command.again() for command in done if isinstance(command, StateCommand)]
    stack.clear()  # Qt takes a limit only while nothing is there
    stack.setUndoLimit(limit)
    for command in kept[-limit:]:
        stack.push(command)
