"""How a document opens: the state of its sheets, and what they show."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

from cfgui.app.scope import quick_rmse
from cfgui.app.sheet_state import SheetState, State, up_to_date
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.models import MODELS
from cfgui.core.structure import NEW_NAME, complete
from cfgui.core.view import TOP, ViewChoice

WHOLE_SIDE = 2000
"""Users or movies up to which a workbook is shown whole."""


def start_state(document: Document, start_name: str) -> State:
    """The state in which a document opens: its weights, its history, nothing changed yet."""
    sheets, weights = {}, complete(document.factors, document.ratings)
    for name in MODELS:
        factors = weights[name]
        curve = document.history.get(name) or Curve("run 1")
        step = curve.last.step if curve.last else 0
        rmse = quick_rmse(factors, document.ratings)
        curve = up_to_date(curve, step, math.nan if rmse is None else rmse)
        whose = start_name if name in document.factors else NEW_NAME
        sheets[name] = SheetState(factors, factors, whose, step=step, curve=curve)
    return State(document.ratings, MappingProxyType(sheets))


def first_view(document: Document) -> ViewChoice:
    """What a document shows when it opens: a workbook everything, a table the most active and most rated."""
    ratings = document.ratings
    if document.report is None and max(ratings.n_users, ratings.n_movies) <= WHOLE_SIDE:
        return ViewChoice()
    return TOP if document.report is not None else replace(TOP, user_order="file", movie_order="file")
