"""Which part of the ratings the sheets show and training works on: preparing it, and pausing a run for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.scope import PreparedView, prepare_view
from cfgui.app.session import Session
from cfgui.app.tasks import Task
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.ratings import Ratings
from cfgui.core.view import DEFAULT_SIZE, ViewChoice
from cfgui.gui.bridge import Bridge

AT_ONCE = 300_000
"""Up to so many ratings a part is prepared at once, in some 20 ms; of more, behind the window."""

LOOK_MS = 15
BUSY_MS = 150
"""How long preparing takes before the window says what it waits for."""

Then = Callable[[], object]


@dataclass(frozen=True, eq=False)
class _Asked:
    """A part somebody wants to see of ``base``, the table as it was read, and what is to be done then."""

    choice: ViewChoice
    base: Ratings
    then: Then | None


class ShownPart(QObject):
    """``said`` (sentence, is a problem) speaks; ``busy`` (words, "" at the end) tells of a part being prepared."""

    said = Signal(str, bool)
    busy = Signal(str)

    def __init__(self, session: Session, bridge: Bridge) -> None:
        super().__init__()
        self._session, self._bridge = session, bridge
        self._task: Task[PreparedView] | None = None
        self._asked: _Asked | None = None
        self._preparing: _Asked | None = None
        self._timer, self._patience = QTimer(self), QTimer(self)
        self._timer.timeout.connect(self._look)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(lambda: self.busy.emit("Sorting the ratings…"))

    @property
    def is_choice(self) -> bool:
        """Whether there is more than a sheet of the workbook's size, so that a part can be chosen."""
        ratings = self._session.ratings
        return max(ratings.n_users, ratings.n_movies) > DEFAULT_SIZE

    @property
    def working(self) -> bool:
        """Whether a part is being prepared now."""
        return self._task is not None

    # What to show

    def choose(self, choice: ViewChoice, then: Then | None = None) -> None:
        """Show this part, and do ``then`` once it is shown. A later choice takes the place of one in preparation."""
        choice = self._session.pinned(choice)
        self._asked = asked = _Asked(choice, self._base, then)
        if self._session.ratings.n_ratings <= AT_ONCE:
            self._show(asked, self._prepared(choice)())
        elif self._task is None:
            self._begin(asked)

    def top(self) -> None:
        """The workbook's size: the most active users and the most rated movies."""
        self.choose(replace(self._wanted, n_users=DEFAULT_SIZE, n_movies=DEFAULT_SIZE))

    def all(self, then: Then | None = None) -> None:
        """All users and movies."""
        self.choose(replace(self._wanted, n_users=None, n_movies=None), then)

    def sort(self, *, users: str | None = None, movies: str | None = None) -> None:
        """Another order of users or movies, by its name in ``ORDERS``; the one in force asks for it anew."""
        choice = self._wanted
        self.choose(replace(choice, user_order=users or choice.user_order, movie_order=movies or choice.movie_order))

    def cancel(self) -> None:
        """Keep showing what is shown."""
        self._asked = None

    def finish(self) -> None:
        """Before the window closes: wait for what is being prepared."""
        self._asked = None
        if self._task is not None:
            self._task.join()
            self._end()

    # What to train on

    def train_on_visible(self, visible: bool) -> None:
        """Train on the ratings shown only, or on all."""
        if visible != self._session.trains_visible:
            self._pause("The run was paused to train on other ratings: press Run to go on.")
            self._session.train_on_visible(visible)

    # Inside

    @property
    def _wanted(self) -> ViewChoice:
        """The newest choice, shown already or not."""
        asked = self._asked
        return self._session.view_choice if asked is None or asked.base is not self._base else asked.choice

    @property
    def _base(self) -> Ratings:
        ratings = self._session.ratings
        return ratings.base if isinstance(ratings, EditedRatings) else ratings

    def _prepared(self, choice: ViewChoice) -> Callable[[], PreparedView]:
        """What prepares a part, in any thread."""
        session = self._session
        return partial(prepare_view, session.ratings, choice, session.sheet("bias").factors, session.holding)

    def _begin(self, asked: _Asked) -> None:
        prepared = self._prepared(asked.choice)
        self._preparing = asked
        self._task = Task("Sorting the ratings", lambda _cancelled: prepared())
        self._task.start()
        self._timer.start(LOOK_MS)
        self._patience.start(BUSY_MS)

    def _look(self) -> None:
        task, asked = self._task, self._asked
        if task is None or not task.done:
            return
        prepared = self._preparing
        self._end()
        if asked is None or asked.base is not self._base:
            self._asked = None  # cancelled, or another table was opened meanwhile
        elif asked is not prepared:
            self._begin(asked)
        elif task.result is not None:
            self._show(asked, task.result)
        else:
            self._asked = None
            self.said.emit(f"This part of the ratings cannot be shown ({task.error}): ask for fewer.", True)

    def _end(self) -> None:
        self._timer.stop()
        self._patience.stop()
        self._task = self._preparing = None
        self.busy.emit("")

    def _show(self, asked: _Asked, prepared: PreparedView) -> None:
        self._asked = None
        self._pause("The run was paused to show another part: press Run to go on.")
        self._session.show(asked.choice, prepared)
        if asked.then is not None:
            asked.then()

    def _pause(self, sentence: str) -> None:
        if self._bridge.running:
            self._bridge.stop_and_wait()
            self.said.emit(sentence, False)
