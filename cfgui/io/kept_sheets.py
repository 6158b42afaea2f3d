"""Sheets as members of an archive and back: weights, curves, what the optimizer remembers, and views.

Weights and views that several sheets share are written once, and are one object again after reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.kept_session import KeptSession, KeptSheet
from cfgui.core.models import MODELS, PLAIN_MODELS
from cfgui.core.optimizers import OPTIMIZERS, OptimizerState, empty_state
from cfgui.core.ratings import Ratings
from cfgui.core.structure import complete
from cfgui.core.view import View
from cfgui.io.archive import Archive, ArchiveError, Array

MAX_OPTIMIZER = 512 * 2**20
"""Bytes of one optimizer's memory that are kept; L-BFGS on millions of users remembers more, and starts afresh."""
_NEW_NAME = f"seed {Hyperparameters().seed}'s"
"""Whose the starting weights of a net are that an earlier version did not have."""


class Sheets:
    """All sheets of a session taken apart: ``head`` for the JSON and ``members``, without the weights.

    ``weights`` and ``views`` hold each of those once; the head names them by their place there.
    """

    def __init__(self, session: KeptSession) -> None:
        self.members: dict[str, Array] = {}
        self.weights: list[Factors] = []
        self.views: list[View] = []
        self.starts = {id(sheet.start) for sheet in session.sheets.values()}
        self.head: dict[str, object] = {
            "sheets": {model: self._sheet(model, sheet) for model, sheet in session.sheets.items()},
            "shown": self._view(session.shown),
        }
        self.head["views"] = [[view.n_all_users, view.n_all_movies] for view in self.views]
        for number, view in enumerate(self.views):
            self.members |= {f"view{number}.users": view.users, f"view{number}.movies": view.movies}

    def _sheet(self, model: str, sheet: KeptSheet) -> dict[str, object]:
        curves = (*sheet.earlier, sheet.curve)
        self.members[f"{model}.steps"] = np.concatenate([curve.steps for curve in curves])
        self.members[f"{model}.rmses"] = np.concatenate([curve.rmses for curve in curves])
        return {
            "factors": _place(self.weights, sheet.factors),
            "start": _place(self.weights, sheet.start),
            "start_name": sheet.start_name,
            "step": sheet.step,
            "seen": sheet.seen,
            "run": sheet.run,
            "curves": [[curve.label, len(curve)] for curve in curves],
            "optimizer": self._optimizer(model, sheet.optimizer_state),
            "trained_on": self._view(sheet.trained_on),
        }

    def _optimizer(self, model: str, state: OptimizerState | None) -> dict[str, object] | None:
        if state is None or not _can_be_kept(state):
            return None
        for number, array in enumerate(state.memory):
            self.members[f"{model}.memory{number}"] = array
        return {"name": state.optimizer, "count": state.count, "memories": len(state.memory)}

    def _view(self, view: View | None) -> int | None:
        return None if view is None else _place(self.views, view)


def _can_be_kept(state: OptimizerState) -> bool:
    """Whether the memory is not too large, and as its optimizer makes it: only such a one is read again."""
    if state.optimizer not in OPTIMIZERS or sum(array.nbytes for array in state.memory) > MAX_OPTIMIZER:
        return False
    shapes = {array.shape for array in state.memory}
    like = [(array.ndim, array.dtype) for array in empty_state(state.optimizer, 0).memory]
    return len(shapes) <= 1 and [(array.ndim, array.dtype) for array in state.memory] == like


def _place(known: list[Any], thing: object) -> int:
    """Where ``thing`` itself, not its equal, stands in a list; it is added if it does not."""
    for number, other in enumerate(known):
        if other is thing:
            return number
    known.append(thing)
    return len(known) - 1


def read_views(archive: Archive, ratings: Ratings) -> list[View]:
    """Every view in an archive. Raises ArchiveError for one that shows what is not there, or shows it twice."""
    views = []
    for number, sizes in enumerate(_list(archive.head, "views")):
        if sizes != [ratings.n_users, ratings.n_movies]:
            raise ArchiveError("a view onto other ratings")
        users, movies = (archive.array(f"view{number}.{side}", "<i4", (None,)) for side in ("users", "movies"))
        for shown, n_all in ((users, ratings.n_users), (movies, ratings.n_movies)):
            if len(shown) and (shown.min() < 0 or shown.max() >= n_all or np.bincount(shown).max() > 1):
                raise ArchiveError("a view onto what is not there")
        views.append(View(users, movies, ratings.n_users, ratings.n_movies))
    return views


FactorsAt = Callable[[int, str], Factors]
"""The weights at a place in the head's list, which must be those of the model of that name."""


def read_sheets(archive: Archive, factors_at: FactorsAt, views: list[View], ratings: Ratings) -> dict[str, KeptSheet]:
    """Every sheet; a net that an earlier version did not have yet is as new.

    Raises ArchiveError, KeyError, TypeError where the head describes none.
    """
    described = _mapping(archive.head, "sheets")
    if not set(PLAIN_MODELS) <= set(described) <= set(MODELS):
        raise ArchiveError("sheets of other models")
    sheets = {model: _read_sheet(archive, model, described[model], factors_at, views) for model in described}
    weights = complete({model: sheet.factors for model, sheet in sheets.items()}, ratings)
    new = {model: KeptSheet(each, each, _NEW_NAME) for model, each in weights.items() if model not in sheets}
    return {model: (sheets | new)[model] for model in MODELS}


def _read_sheet(
    archive: Archive, model: str, described: Mapping[str, object], factors_at: FactorsAt, views: list[View]
) -> KeptSheet:
    factors, start = (factors_at(whole(described, name), model) for name in ("factors", "start"))
    if (factors.n_factors, factors.n_movie_factors) != (start.n_factors, start.n_movie_factors):
        raise ArchiveError("starting weights of another size")
    *earlier, curve = _read_curves(archive, model, _list(described, "curves"))
    view = described["trained_on"]
    return KeptSheet(
        factors=factors,
        start=start,
        start_name=text(described, "start_name"),
        step=whole(described, "step"),
        seen=whole(described, "seen"),
        run=whole(described, "run"),
        curve=curve,
        earlier=tuple(earlier),
        optimizer_state=_read_optimizer(archive, model, described["optimizer"]),
        trained_on=None if view is None else view_at(views, view),
    )


def view_at(views: list[View], place: object) -> View:
    """The view that a head names by its place."""
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(views):
        raise ArchiveError("a view that is not there")
    return views[place]


def _read_curves(archive: Archive, model: str, described: list[Any]) -> list[Curve]:
    steps = archive.array(f"{model}.steps", "<i8", (None,))
    rmses = archive.array(f"{model}.rmses", "<f8", (len(steps),))
    curves, position = [], 0
    for label, length in described:
        if not isinstance(label, str) or not isinstance(length, int) or length < 0:
            raise ArchiveError("a curve of no length")
        curves.append(Curve(label, steps[position : position + length], rmses[position : position + length]))
        position += length
    if not curves or position != len(steps):
        raise ArchiveError("curves of other lengths")
    return curves


def _read_optimizer(archive: Archive, model: str, described: object) -> OptimizerState | None:
    """What the optimizer remembers; None where there is nothing, or nothing that this version can go on from."""
    if described is None:
        return None
    if not isinstance(described, dict):
        raise ArchiveError("no state of an optimizer")
    name, n_memories = text(described, "name"), whole(described, "memories")
    if name not in OPTIMIZERS:
        return None
    empty = empty_state(name, 0).memory
    if n_memories != len(empty):
        return None
    memory = tuple(
        archive.array(f"{model}.memory{number}", "<f8", (None,) * array.ndim) for number, array in enumerate(empty)
    )
    if any(array.shape != memory[0].shape for array in memory):
        raise ArchiveError("memories of other shapes")
    return OptimizerState(name, memory, whole(described, "count"))


def _mapping(head: Mapping[str, object], name: str) -> dict[str, Any]:
    value = head[name]
    if not isinstance(value, dict):
        raise ArchiveError(f"{name} is no mapping")
    return value


def _list(head: Mapping[str, object], name: str) -> list[Any]:
    value = head[name]
    if not isinstance(value, list):
        raise ArchiveError(f"{name} is no list")
    return value


def whole(head: Mapping[str, object], name: str) -> int:
    """A whole number from 0 that a head holds, and a step or a count can be."""
    value = head[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ArchiveError(f"{name} is no count")
    return value


def text(head: Mapping[str, object], name: str) -> str:
    """A text that a head holds."""
    value = head[name]
    if not isinstance(value, str):
        raise ArchiveError(f"{name} is no text")
    return value
