"""Sheets as members of an archive and back: weights, curves, what the optimizer remembers, and views.

Weights and views that several sheets share are written once, and are one object again after reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cfgui.core.curve import Curve
from cfgui.core.early_stopping import Best
from cfgui.core.factors import Factors
from cfgui.core.kept_session import KeptSession, KeptSheet
from cfgui.core.models import MODELS, PLAIN_MODELS
from cfgui.core.ratings import Ratings
from cfgui.core.structure import NEW_NAME, complete
from cfgui.core.view import View
from cfgui.io.archive import Archive, ArchiveError, Array
from cfgui.io.head_values import finite, items, mapping, text, whole
from cfgui.io.kept_optimizer import put_optimizer, read_optimizer
from cfgui.io.kept_samples import put_samples, read_samples


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
        return {
            "factors": _place(self.weights, sheet.factors),
            "start": _place(self.weights, sheet.start),
            "start_name": sheet.start_name,
            "step": sheet.step,
            "seen": sheet.seen,
            "run": sheet.run,
            "curves": self._put_curves(f"{model}.", (*sheet.earlier, sheet.curve)),
            "optimizer": put_optimizer(sheet.optimizer_state, f"{model}.memory", self.members),
            "trained_on": self._view(sheet.trained_on),
            "held_out": self._put_curves(f"{model}.held_out.", (sheet.held_out,)),
            "best": self._best(model, sheet.best),
            "samples": put_samples(sheet.samples, f"{model}.samples.", self.members),
        }

    def _put_curves(self, prefix: str, curves: tuple[Curve, ...]) -> list[list[object]]:
        self.members[f"{prefix}steps"] = np.concatenate([curve.steps for curve in curves])
        self.members[f"{prefix}rmses"] = np.concatenate([curve.rmses for curve in curves])
        return [[curve.label, len(curve)] for curve in curves]

    def _best(self, model: str, best: Best | None) -> dict[str, object] | None:
        if best is None:
            return None
        return {
            "factors": _place(self.weights, best.factors),
            "step": best.step,
            "rmse": best.rmse,
            "seen": best.seen,
            "optimizer": put_optimizer(best.optimizer_state, f"{model}.best.memory", self.members),
        }

    def _view(self, view: View | None) -> int | None:
        return None if view is None else _place(self.views, view)


def _place(known: list[Any], thing: object) -> int:
    """Where ``thing`` itself, not its equal, stands in a list of weights or views; it is added if it does not."""
    for number, other in enumerate(known):
        if other is thing or (isinstance(thing, Factors) and isinstance(other, Factors) and other.shares(thing)):
            return number
    known.append(thing)
    return len(known) - 1


def read_views(archive: Archive, ratings: Ratings) -> list[View]:
    """Every view in an archive. Raises ArchiveError for one that shows what is not there, or shows it twice."""
    views = []
    for number, sizes in enumerate(items(archive.head, "views")):
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
    described = mapping(archive.head, "sheets")
    if not set(PLAIN_MODELS) <= set(described) <= set(MODELS):
        raise ArchiveError("sheets of other models")
    sheets = {
        model: _SheetReader(archive, model, factors_at, views, ratings).sheet(described[model]) for model in described
    }
    weights = complete({model: sheet.factors for model, sheet in sheets.items()}, ratings)
    new = {model: KeptSheet(each, each, NEW_NAME) for model, each in weights.items() if model not in sheets}
    return {model: (sheets | new)[model] for model in MODELS}


class _SheetReader:
    """Puts the sheet of one model together again."""

    def __init__(
        self, archive: Archive, model: str, factors_at: FactorsAt, views: list[View], ratings: Ratings
    ) -> None:
        self._archive, self._model, self._factors_at = archive, model, factors_at
        self._views, self._ratings = views, ratings

    def sheet(self, described: Mapping[str, object]) -> KeptSheet:
        """What a head describes; what sheets of earlier versions did not have may be missing."""
        archive, model = self._archive, self._model
        factors, start = (self._factors_at(whole(described, name), model) for name in ("factors", "start"))
        if (factors.n_factors, factors.n_movie_factors) != (start.n_factors, start.n_movie_factors):
            raise ArchiveError("starting weights of another size")
        *earlier, curve = _read_curves(archive, f"{model}.", items(described, "curves"))
        place = described["trained_on"]
        view = None if place is None else view_at(self._views, place)
        samples = described.get("samples")
        return KeptSheet(
            factors=factors,
            start=start,
            start_name=text(described, "start_name"),
            step=whole(described, "step"),
            seen=whole(described, "seen"),
            run=whole(described, "run"),
            curve=curve,
            earlier=tuple(earlier),
            optimizer_state=read_optimizer(archive, f"{model}.memory", described["optimizer"]),
            trained_on=view,
            held_out=self._held_out(described),
            best=self._best(described.get("best"), factors),
            samples=read_samples(archive, f"{model}.samples.", samples, factors, self._ratings, view),
        )

    def _held_out(self, described: Mapping[str, object]) -> Curve:
        if described.get("held_out") is None:
            return Curve("")
        curves = _read_curves(self._archive, f"{self._model}.held_out.", items(described, "held_out"))
        if len(curves) != 1:
            raise ArchiveError("not one curve over held-out ratings")
        return curves[0]

    def _best(self, described: object, now: Factors) -> Best | None:
        if described is None:
            return None
        if not isinstance(described, dict):
            raise ArchiveError("no best point")
        factors = self._factors_at(whole(described, "factors"), self._model)
        if not factors.same_shape(now):
            raise ArchiveError("best weights of another size")
        state = read_optimizer(self._archive, f"{self._model}.best.memory", described["optimizer"])
        rmse = finite(described, "rmse")
        return Best(whole(described, "step"), rmse, factors, whole(described, "seen"), state)


def view_at(views: list[View], place: object) -> View:
    """The view that a head names by its place."""
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(views):
        raise ArchiveError("a view that is not there")
    return views[place]


def _read_curves(archive: Archive, prefix: str, described: list[Any]) -> list[Curve]:
    steps = archive.array(f"{prefix}steps", "<i8", (None,))
    rmses = archive.array(f"{prefix}rmses", "<f8", (len(steps),))
    curves, position = [], 0
    for label, length in described:
        if not isinstance(label, str) or not isinstance(length, int) or length < 0:
            raise ArchiveError("a curve of no length")
        curves.append(Curve(label, steps[position : position + length], rmses[position : position + length]))
        position += length
    if not curves or position != len(steps):
        raise ArchiveError("curves of other lengths")
    return curves
