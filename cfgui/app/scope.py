"""Scope: which ratings train and are measured, all of them or those shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.sheet_state import SheetState
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
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
    """The ratings that count; ``view`` says whose they are where they are a part of all, None where they are all."""

    ratings: Ratings
    view: View | None

    def same_as(self, other: Scope) -> bool:
        """Whether both name the same part of the same table."""
        return self.view is other.view

    def factors(self, factors: Factors) -> Factors:
        """The weights that belong to these ratings, out of those of the whole table."""
        return factors if self.view is None else part_of_factors(factors, self.view)

    def narrowed(self, sheet: SheetState) -> SheetState:
        """A sheet of the whole table as one of these ratings only, ready to be trained."""
        if sheet.trained_on is not self.view:
            sheet = replace(with_next_curve(sheet), seen=0, optimizer_state=None, trained_on=self.view)
        return sheet if self.view is None else replace(sheet, factors=self.factors(sheet.factors), before=None)

    def widened(self, sheet: SheetState, whole: SheetState) -> SheetState:
        """A trained sheet of these ratings put back into ``whole``, the sheet of the whole table it came from."""
        if self.view is None:
            return sheet
        before = None if sheet.before is None else with_part(whole.factors, self.view, sheet.before)
        return replace(
            sheet, factors=with_part(whole.factors, self.view, sheet.factors), start=whole.start, before=before
        )


def with_next_curve(sheet: SheetState) -> SheetState:
    """A sheet with a new curve: errors over other ratings do not go on from those of these."""
    went_somewhere = len(sheet.curve) > 1
    run = sheet.run + int(went_somewhere)
    earlier = (*sheet.earlier, sheet.curve) if went_somewhere else sheet.earlier
    return replace(sheet, curve=Curve(f"run {run}"), earlier=earlier, run=run)


@dataclass(frozen=True, eq=False)
class Measured:
    """What an RMSE is a function of: the weights and the ratings of the whole table, and the part that counts."""

    whole: Factors
    ratings: Ratings
    scope: Scope

    def same_as(self, other: Measured) -> bool:
        """Whether the RMSE of both is the same for sure."""
        return self.whole is other.whole and self.ratings is other.ratings and self.scope.same_as(other.scope)

    def quickly(self) -> float | None:
        """The RMSE, or None where it would take longer than a moment."""
        if self.scope.ratings.n_ratings * work_of(self.whole) > QUICK_WORK:
            return None
        return quick_rmse(self.scope.factors(self.whole), self.scope.ratings)


@dataclass(frozen=True, eq=False)
class PreparedView:
    """A view with the ratings it shows of ``base``, the table as it was read; all of them where nothing is hidden."""

    view: View
    base: Ratings
    visible: Ratings


def prepare_view(ratings: Ratings, choice: ViewChoice, factors: Factors | None = None) -> PreparedView:
    """All that showing a part of a large table needs; for a thread of its own. Raises ValueError."""
    base = ratings.base if isinstance(ratings, EditedRatings) else ratings
    view = make_view(base, choice, factors)
    return PreparedView(view, base, base if view.is_whole else visible_ratings(base, view))
