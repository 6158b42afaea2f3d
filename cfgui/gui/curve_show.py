"""What the loss plot shows: the curves of the sheet on screen, and the baselines where they are wanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.scope_words import scope_words
from cfgui.app.session import Session
from cfgui.gui.sheets import Sheets
from cfgui.gui.side_panel import SidePanel

CURVES_MS = 8
"""How long after the sheet the loss plot follows while training runs, and while ratings of many are typed."""

MANY_RATINGS = 20_000
"""From so many on, the RMSE of the curve takes longer than a millisecond: what was typed is painted first."""


class CurveShow(QObject):
    """Puts curves into the side panel, at once or a little after the sheet; ``followed`` tells of the latter."""

    followed = Signal()

    def __init__(self, session: Session, sheets: Sheets, side: SidePanel) -> None:
        super().__init__()
        self._session, self._sheets, self._side = session, sheets, side
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(CURVES_MS)
        self._soon.timeout.connect(self._follow)

    def show(self) -> None:
        """The curves as they are now."""
        self._soon.stop()
        session, model = self._session, self._sheets.page.model
        curve = session.curve(model)
        title = " · ".join(filter(None, (curve.label, scope_words(session))))
        self._side.show_curves(title, curve, session.earlier_curves(model), session.held_out_curve(model))
        self.show_levels()

    def show_soon(self) -> None:
        """The same in a moment, so that neither painting waits for the other."""
        self._soon.start()

    @property
    def waits(self) -> bool:
        """Whether ``show_soon`` still has something to show."""
        return self._soon.isActive()

    def show_due(self) -> None:
        """What ``show_soon`` still has to show, now."""
        if self.waits:
            self._follow()

    def _follow(self) -> None:
        self.show()
        self.followed.emit()

    def show_levels(self) -> None:
        """The baselines, where somebody wants to see them; those of a large table follow when they are known."""
        if self._side.shows_lines:
            self._side.show_levels(self._session.baselines() or ())
