"""Open documents: one takes the place of another, which is kept first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cfgui.app.session import Session
from cfgui.core.document import Document
from cfgui.gui.bridge import Bridge
from cfgui.gui.session_keeper import SessionKeeper

if TYPE_CHECKING:
    from cfgui.app.kept_state import RestoredSession


class OpenDocuments(QObject):
    """``taken_over`` (sentence) follows another document in place of the one that was open; ``failed`` says why not."""

    taken_over = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, keeper: SessionKeeper) -> None:
        super().__init__()
        self._session, self._bridge, self._keeper = session, bridge, keeper

    def open(self, document: Document, name: str, start_name: str) -> None:
        """Open a document that was read."""
        from cfgui.app.opening import opened_sentence

        session = self._session
        to_sgd, back_to = session.turns_to_sgd(document), session.turns_back_to(document)
        summary = opened_sentence(name, document, turns_to_sgd=to_sgd, turns_back_to=back_to)
        self._take_over(lambda: session.open(document, name, start_name), name, summary)

    def restore(self, restored: RestoredSession) -> None:
        """Go on with a session that was kept."""
        from cfgui.app.kept_state import restored_sentence

        self._take_over(lambda: restored.put_into(self._session), restored.kept.name, restored_sentence(restored))

    def _take_over(self, put_in_place: Callable[[], None], name: str, summary: str) -> None:
        self._bridge.stop_and_wait()
        self._keeper.begin_another()
        try:
            put_in_place()
        except ValueError as error:
            self.failed.emit(f"{name} cannot be opened: {error}.")
            return
        self.taken_over.emit(summary)
