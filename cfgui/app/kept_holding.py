"""What a kept session says of held-out ratings, and what is made of it when the session is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields

from cfgui.app.holding import Holding, prepare_holding
from cfgui.app.session import Session
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice


def kept_holding(session: Session) -> dict[str, object]:
    """In what JSON can hold: the choice in force, of how many ratings it was made, and how each sheet was trained.

    The ratings held out are not listed: the same choice of the same table holds the same ones out.
    """
    holding, sheets = session.holding, session.state.sheets
    return {
        "choice": None if holding is None else asdict(holding.choice),
        "n_ratings": None if holding is None else holding.base.n_ratings,
        "sheets": {name: asdict(sheet.held_by) for name, sheet in sheets.items() if sheet.held_by.kind != "none"},
    }


def restored_holding(kept: object, ratings: Ratings) -> tuple[Mapping[str, SplitChoice], Holding | None]:
    """How each sheet was trained, and the split made anew; for any thread.

    Without a split, so that every rating trains, where ratings have been added or taken away since it was made, where
    its file is gone, and where what was kept makes no sense.
    """
    if not isinstance(kept, Mapping):
        return {}, None
    described = kept.get("sheets")
    sheets = {name: _choice(of) for name, of in described.items()} if isinstance(described, Mapping) else {}
    known = {name: choice for name, choice in sheets.items() if choice is not None}
    choice, base = _choice(kept.get("choice")), ratings.base if isinstance(ratings, EditedRatings) else ratings
    if choice is None or kept.get("n_ratings") != base.n_ratings:
        return known, None
    try:
        return known, prepare_holding(ratings, choice).holding
    except Exception:  # noqa: BLE001 - a file may have gone or be another by now: the session opens all the same
        return known, None


def _choice(described: object) -> SplitChoice | None:
    if not isinstance(described, Mapping):
        return None
    default = SplitChoice()
    values = {field.name: described.get(field.name) for field in fields(SplitChoice)}
    if any(type(value) is not type(getattr(default, name)) for name, value in values.items()):
        return None
    try:
        choice = SplitChoice(**values)  # type: ignore[arg-type]  # just checked
    except ValueError:
        return None
    return None if choice.kind in ("none", "folds") else choice
