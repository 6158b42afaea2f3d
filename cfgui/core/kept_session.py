"""Kept session: all it takes to go on tomorrow as if nothing had been closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cfgui.core.curve import Curve
from cfgui.core.early_stopping import Best
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.view import View


@dataclass(frozen=True, eq=False)
class KeptSheet:
    """One model's weights and history: ``start`` is what Reset returns to, ``run`` the number of the present run.

    ``seen`` and ``optimizer_state`` belong to the ratings of the view ``trained_on``, or to all where it is None. With
    them the next step is, bit for bit, the one that would have followed. ``held_out`` is the curve over held-out
    ratings, ``best`` its lowest point, and ``samples`` are the draws of Gibbs sampling whose newest is ``factors``.
    """

    factors: Factors
    start: Factors
    start_name: str
    step: int = 0
    seen: int = 0
    run: int = 1
    curve: Curve = field(default_factory=lambda: Curve("run 1"))
    earlier: tuple[Curve, ...] = ()
    optimizer_state: OptimizerState | None = None
    trained_on: View | None = None
    held_out: Curve = field(default_factory=lambda: Curve(""))
    best: Best | None = None
    samples: Samples | None = None


@dataclass(frozen=True, eq=False)
class KeptSession:
    """One document with all its sheets, keyed by model name, and every choice made.

    ``shown`` is what the sheets showed of the ratings, None for all of them in file order; ``view`` says, in numbers,
    texts, lists and mappings that JSON can hold, how it was looked at. ``rmse`` is that of the active sheet, for lists
    of sessions; None where nobody knew.
    """

    ratings: Ratings
    sheets: Mapping[str, KeptSheet]
    name: str
    active: str = "dot"
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)
    remarks: tuple[str, ...] = ()
    report: ImportReport | None = None
    shown: View | None = None
    view: Mapping[str, object] = field(default_factory=dict)
    rmse: float | None = None
