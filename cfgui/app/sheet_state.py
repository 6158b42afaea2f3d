"""The state that undo restores: immutable values that a session swaps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

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


@dataclass(frozen=True)
class State:
    """Everything undo restores: the ratings and both sheets, keyed by model name."""

    ratings: Ratings
    sheets: Mapping[str, SheetState]

    def with_sheet(self, model: str, sheet: SheetState) -> State:
        """This state with one sheet replaced."""
        return replace(self, sheets=MappingProxyType({**self.sheets, model: sheet}))
