"""Parts of the ratings: those shown, those held out and those that train, each worked out once.

The ratings themselves are not kept here: whoever asks gives the present ones, which edits replace.
"""

from __future__ import annotations

from dataclasses import replace

from cfgui.app.holding import NONE_HELD_OUT, HeldOut, Holding, PreparedHolding
from cfgui.app.known_rows import KnownRows
from cfgui.app.scope import PreparedView, Scope
from cfgui.core.edited_ratings import EditedRatings, edited
from cfgui.core.ratings import Cell, Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import View, ViewChoice, visible_ratings


class RatingParts:
    """The view of one document, and what is held out of it."""

    def __init__(self, view: View, choice: ViewChoice) -> None:
        self.trains_visible = False
        self._view, self._view_choice = view, choice
        self._visible: tuple[Ratings, View, Ratings] | None = None
        self._edited: tuple[Ratings, Ratings, Ratings] | None = None
        self._holding: Holding | None = None
        self._shown_holding: tuple[Holding, View, Holding] | None = None
        self._held: dict[bool, tuple[Ratings, Holding, HeldOut]] = {}
        self._rows: KnownRows = KnownRows()

    @classmethod
    def restored(cls, prepared: PreparedView, choice: ViewChoice) -> RatingParts:
        """Those of a session that was closed: ``prepared`` knows what was held out as well."""
        parts = cls(prepared.view, choice)
        parts._holding = prepared.held_from
        parts.show(choice, prepared)
        return parts

    # What is shown

    @property
    def view(self) -> View:
        """What the sheets show."""
        return self._view

    @property
    def view_choice(self) -> ViewChoice:
        """What was asked for."""
        return self._view_choice

    def show(self, choice: ViewChoice, prepared: PreparedView) -> None:
        """Show what was prepared for a choice."""
        self._view, self._view_choice = prepared.view, choice
        self._visible = prepared.base, prepared.view, prepared.visible
        self._rows.forget_views()
        if prepared.held_from is not None and prepared.holding is not None:
            self._shown_holding = prepared.held_from, prepared.view, prepared.holding

    def visible(self, ratings: Ratings) -> Ratings:
        """Those of ``ratings`` that are shown, in the order shown; all where nothing is hidden."""
        if self._view.is_whole:
            return ratings
        base = ratings.base if isinstance(ratings, EditedRatings) else ratings
        if self._visible is None or self._visible[0] is not base or self._visible[1] is not self._view:
            self._visible = base, self._view, visible_ratings(base, self._view)
        shown = self._visible[2]
        if base is ratings or not isinstance(ratings, EditedRatings):
            return shown
        if self._edited is None or self._edited[0] is not ratings or self._edited[1] is not shown:
            self._edited = ratings, shown, edited(shown, self._shown_changes(ratings))
        return self._edited[2]

    def _shown_changes(self, ratings: EditedRatings) -> dict[Cell, float | None]:
        """The changes of an edited large table that fall into the view, at their places there."""
        rows, columns = self._view.user_rows, self._view.movie_columns
        placed = {(int(rows[user]), int(columns[movie])): value for (user, movie), value in ratings.changes.items()}
        return {cell: value for cell, value in placed.items() if min(cell) >= 0}

    def shown_base(self, ratings: Ratings) -> Ratings:
        """The ratings shown of the table as it was read, edits of a large table left aside."""
        shown = self.visible(ratings)
        return shown if self._visible is None else self._visible[2]

    # What is held out

    @property
    def holding(self) -> Holding | None:
        """The split in force with the choice that made it; None where every rating trains."""
        return self._holding

    @property
    def split_choice(self) -> SplitChoice:
        """How ratings are held out."""
        return NONE_HELD_OUT if self._holding is None else self._holding.choice

    def hold_out(self, prepared: PreparedHolding | None) -> None:
        """Hold ratings out from now on, or none with None."""
        self._holding = None if prepared is None else prepared.holding
        self._rows.forget_holdings()
        if prepared is not None and prepared.view is not None and prepared.shown is not None:
            self._shown_holding = prepared.holding, prepared.view, prepared.shown

    def held_out(self, ratings: Ratings) -> HeldOut | None:
        """What is held out of all ``ratings``; None where nothing is."""
        return self._held_out_of(ratings, ratings, shown=False)

    def _held_out_of(self, part: Ratings, ratings: Ratings, *, shown: bool) -> HeldOut | None:
        """What is held out of ``part``, all or those shown; the same object as long as neither changes."""
        holding = self._holding_shown(ratings) if shown else self._holding
        if holding is None:
            return None
        known = self._held.get(shown)
        if known is None or known[0] is not part or known[1] is not holding:
            self._held[shown] = known = part, holding, HeldOut(holding.after_edits(part))
        return known[2]

    def _holding_shown(self, ratings: Ratings) -> Holding | None:
        if self._holding is None:
            return None
        known = self._shown_holding
        if known is None or known[0] is not self._holding or known[1] is not self._view:
            shown = self._holding.shown(self._view, self.shown_base(ratings))
            known = self._shown_holding = self._holding, self._view, shown
        return known[2]

    # Users and movies that come and go

    def move(self, old: Ratings, new: Ratings, added: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        """Follow from the rows of ``old`` to those of ``new``: ``added`` (users, movies) are always shown, at the end.

        Where the rows were these before, as after an undo, the very same view and split are in force again.
        """
        self._rows.note(old, self._view, self._holding)
        self._view = self._rows.view(old, new, self._view, added)
        self._view_choice = replace(self._view_choice, pinned_users=added[0], pinned_movies=added[1])
        if self._holding is not None:
            self._holding = self._rows.holding(old, new, self._holding)
        self._visible = self._edited = self._shown_holding = None
        self._held = {}

    # What trains

    def scope(self, ratings: Ratings, *, shown: bool) -> Scope:
        """All ``ratings``, or those shown, without those held out."""
        shown = shown and not self._view.is_whole
        part, view = (self.visible(ratings), self._view) if shown else (ratings, None)
        held = self._held_out_of(part, ratings, shown=shown)
        return Scope(part, view) if held is None else Scope(held.split.train, view, held, self.split_choice)
