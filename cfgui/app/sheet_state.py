"""The state that undo restores: immutable values that a session swaps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cfgui.app.holding import NONE_HELD_OUT
from cfgui.core.curve import Curve
from cfgui.core.early_stopping import Best
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.split import SplitChoice
from cfgui.core.view import View


@dataclass(frozen=True)
class SheetState:
    """The weights and the history of one model's sheet.

    ``start`` is what Reset returns to and ``start_name`` says whose it is; ``before`` holds the weights before the
    newest change, so that the sheet can mark what changed; ``earlier`` keeps the curves of earlier runs, and ``run``
    counts them. ``seen`` and ``optimizer_state`` belong to the ratings that trained last: those of the view
    ``trained_on``, or all where it is None, without those that ``held_by`` holds out. ``held_out`` is the curve over
    the latter, ``best`` its lowest point; ``samples`` are the draws of Gibbs sampling, which count while ``factors``
    are theirs.
    """

    factors: Factors
    start: Factors
    start_name: str
    step: int = 0
    seen: int = 0
    curve: Curve = field(default_factory=lambda: Curve("run 1"))
    earlier: tuple[Curve, ...] = ()
    optimizer_state: object = None
    before: Factors | None = None
    run: int = 1
    trained_on: View | None = None
    held_by: SplitChoice = NONE_HELD_OUT
    held_out: Curve = field(default_factory=lambda: Curve(""))
    best: Best | None = None
    samples: Samples | None = None

    @property
    def present_samples(self) -> Samples | None:
        """The draws, where the weights are still the newest of them."""
        return self.samples if self.samples is not None and self.samples.factors is self.factors else None

    @property
    def is_at_best(self) -> bool:
        """Whether the weights are, to the bit, those of the best point."""
        best = self.best
        if best is None or best.step != self.step:
            return False
        return best.factors.shares(self.factors) or best.factors.equals(self.factors)

    @property
    def trained_on_part(self) -> bool:
        """Whether the ratings that trained last were not all there are."""
        return self.trained_on is not None or self.held_by.kind != "none"


def is_untouched(sheet: SheetState) -> bool:
    """Whether a sheet has no step and no edit behind it: the weights it opened with, which nobody chose."""
    return sheet.step == 0 and not sheet.earlier and len(sheet.curve) <= 1 and sheet.factors.equals(sheet.start)


def up_to_date(curve: Curve, step: int, rmse: float) -> Curve:
    """``curve`` ending at (step, rmse): unchanged where it does (to 1e-12), else with that point added.

    So an edit between two steps is a point of its own.
    """
    nothing_new = not math.isfinite(rmse) or (
        curve.last is not None and math.isclose(curve.last.rmse, rmse, rel_tol=1e-12)
    )
    if nothing_new:
        return curve
    return curve.extended([step], [rmse])


KEPT = "kept"
"""What stands beside an added user or movie in place of a method once a run has learnt from the ratings."""


@dataclass(frozen=True)
class State:
    """Everything undo restores: the ratings and both sheets, keyed by model name.

    ``added_users`` and ``added_movies`` name, by raw id in the order they came, those that a person added: with the
    method by which the row follows its ratings while it is new (``cfgui.app.row_edits``), and ``KEPT`` afterwards.
    """

    ratings: Ratings
    sheets: Mapping[str, SheetState]
    added_users: Mapping[str, str] = field(default_factory=dict)
    added_movies: Mapping[str, str] = field(default_factory=dict)

    def with_sheet(self, model: str, sheet: SheetState) -> State:
        """This state with one sheet replaced."""
        return replace(self, sheets=MappingProxyType({**self.sheets, model: sheet}))

    def trained(self, model: str, sheet: SheetState) -> State:
        """This state with a sheet that a run came to: users and movies it learnt from are new no more."""
        ratings = self.ratings
        users = _kept(self.added_users, ratings.user_ids, ratings.user_counts)
        movies = _kept(self.added_movies, ratings.movie_ids, ratings.movie_counts)
        return replace(self.with_sheet(model, sheet), added_users=users, added_movies=movies)


def _kept(added: Mapping[str, str], ids: Sequence[str], counts: NDArray[np.int64]) -> Mapping[str, str]:
    """``added`` with those kept who have a rating; the same object where nothing changes.

    Added rows stand at the end, so they are looked for from there.
    """
    new = {raw_id for raw_id, method in added.items() if method != KEPT}
    learnt: set[str] = set()
    for index in range(len(ids) - 1, -1, -1):
        if not new:
            break
        if ids[index] in new:
            new.discard(ids[index])
            if counts[index]:
                learnt.add(ids[index])
    if not learnt:
        return added
    return {raw_id: KEPT if raw_id in learnt else method for raw_id, method in added.items()}
