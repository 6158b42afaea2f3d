"""Scope: which ratings train and are measured: all of them or those shown, without those held out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.holding import NONE_HELD_OUT, READY_AT_ONCE, HeldOut, Holding
from cfgui.app.sheet_state import SheetState
from cfgui.core import models
from cfgui.core.chunks import Stop, never
from cfgui.core.curve import Curve
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import View, ViewChoice, make_view, part_of_factors, visible_ratings, with_part

QUICK_WORK = 3_000_000
"""Ratings times the work of one up to which an RMSE is computed at once, in some 20 ms; above, in the background."""


def work_of(factors: Factors) -> int:
    """What one prediction costs, in multiplications of a factor: of a net as measured, by the widths of its layers."""
    if not factors.layers:
        return factors.n_factors
    return sum(int(layer.weights.shape[0]) for layer in factors.layers) + 4 * len(factors.classes)


def quick_rmse(factors: Factors, ratings: Ratings) -> float | None:
    """The RMSE where it is computed in a moment, None where it would take longer."""
    if ratings.n_ratings * work_of(factors) > QUICK_WORK:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
        return models.rmse(factors, ratings)


@dataclass(frozen=True, eq=False)
class Scope:
    """The ratings that train; ``view`` says whose they are where they are a part of all, None where they are all.

    ``held`` are those held out of them by ``choice``, None where there are none.
    """

    ratings: Ratings
    view: View | None
    held: HeldOut | None = None
    choice: SplitChoice = NONE_HELD_OUT

    def same_as(self, other: Scope) -> bool:
        """Whether both name the same part of the same table."""
        return self.view is other.view and self.held is other.held

    def is_of(self, ratings: Ratings, held: HeldOut | None) -> bool:
        """Whether exactly these ratings train, with these held out."""
        return self.ratings is ratings and self.held is held

    def trained(self, sheet: SheetState) -> bool:
        """Whether these are the ratings that trained the sheet last."""
        return sheet.trained_on is self.view and sheet.held_by == self.choice

    def factors(self, factors: Factors) -> Factors:
        """The weights that belong to these ratings, out of those of the whole table."""
        return factors if self.view is None else part_of_factors(factors, self.view)

    def narrowed(self, sheet: SheetState) -> SheetState:
        """A sheet of the whole table as one of these ratings only, ready to be trained."""
        if not self.trained(sheet):
            sheet = replace(
                with_next_curve(sheet), seen=0, optimizer_state=None, trained_on=self.view, held_by=self.choice
            )
        if self.view is None:
            return sheet
        factors, best, samples = self.factors(sheet.factors), sheet.best, sheet.present_samples
        return replace(
            sheet,
            factors=factors,
            before=None,
            best=best and replace(best, factors=factors if sheet.is_at_best else self.factors(best.factors)),
            samples=samples and replace(samples, factors=factors),
        )

    def widened(self, sheet: SheetState, whole: SheetState) -> SheetState:
        """A trained sheet of these ratings put back into ``whole``, the sheet of the whole table it came from."""
        view = self.view
        if view is None:
            return sheet

        def wide(part: Factors) -> Factors:
            return with_part(whole.factors, view, part)

        factors, best, samples = wide(sheet.factors), sheet.best, sheet.present_samples
        return replace(
            sheet,
            factors=factors,
            start=whole.start,
            before=None if sheet.before is None else wide(sheet.before),
            best=best and replace(best, factors=factors if sheet.is_at_best else wide(best.factors)),
            samples=samples and replace(samples, factors=factors),
        )


def with_next_curve(sheet: SheetState) -> SheetState:
    """A sheet with a new curve: errors over other ratings do not go on from those of these."""
    went_somewhere = len(sheet.curve) > 1
    run = sheet.run + int(went_somewhere)
    earlier = (*sheet.earlier, sheet.curve) if went_somewhere else sheet.earlier
    return replace(
        sheet, curve=Curve(f"run {run}"), earlier=earlier, run=run, held_out=Curve(""), best=None, samples=None
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """What an RMSE is a function of: the weights and the ratings of the whole table, and the part that counts.

    It is over the ratings that train, or with ``held_out`` over those held out of them.
    """

    whole: Factors
    ratings: Ratings
    scope: Scope
    held_out: bool = False

    def same_as(self, other: Measured) -> bool:
        """Whether the RMSE of both is the same for sure."""
        same = self.whole is other.whole and self.ratings is other.ratings and self.held_out == other.held_out
        return same and self.scope.same_as(other.scope)

    @property
    def is_quick(self) -> bool:
        """Whether it is worked out in a moment."""
        held, n_ratings = self.scope.held if self.held_out else None, self.scope.ratings.n_ratings
        if held is not None and not held.is_ready and n_ratings > READY_AT_ONCE:
            return False
        return n_ratings * work_of(self.whole) <= QUICK_WORK

    def worked_out(self, stop: Stop = never) -> float:
        """The RMSE; NaN where there are no ratings or a wish to stop came first."""
        scope, factors = self.scope, self.scope.factors(self.whole)
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
            if not self.held_out:
                return models.rmse(factors, scope.ratings, stop)
            can_be = scope.held is not None and scope.held.ratings.n_ratings and scope.ratings.n_ratings
            return scope.held.watcher(stop).rmse(factors) if scope.held is not None and can_be else math.nan

    def quickly(self) -> float | None:
        """The RMSE, or None where it would take longer than a moment."""
        return self.worked_out() if self.is_quick else None


@dataclass(frozen=True, eq=False)
class PreparedView:
    """A view with the ratings it shows of ``base``, the table as it was read; all of them where nothing is hidden.

    ``holding`` is what is held out of those shown, of ``held_from``, what is held out of all; None where nothing is
    hidden or held out.
    """

    view: View
    base: Ratings
    visible: Ratings
    held_from: Holding | None = None
    holding: Holding | None = None


def prepare_view(
    ratings: Ratings, choice: ViewChoice, factors: Factors | None = None, holding: Holding | None = None
) -> PreparedView:
    """All that showing a part of a large table needs; for a thread of its own. Raises ValueError."""
    base = ratings.base if isinstance(ratings, EditedRatings) else ratings
    view = make_view(base, choice, factors)
    if view.is_whole:
        return PreparedView(view, base, base)
    visible = visible_ratings(base, view)
    return PreparedView(view, base, visible, holding, None if holding is None else holding.shown(view, visible))
