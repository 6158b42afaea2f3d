"""A map in words: the names of its points and axes, and what a reader of the screen is told of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from cfgui.app.map_points import AxisEnd, MapPoints, Places
from cfgui.app.number_columns import Column
from cfgui.app.subjects import subject_name
from cfgui.app.words import counted
from cfgui.core.one_side import SideName
from cfgui.core.ratings import Ratings

LONGEST = 28
"""Letters of a name on the map."""

_YEAR = re.compile(r"\s*\(\d{4}[^)]*\)$")

SIDES = ("left", "right"), ("bottom", "top")
"""Where the low and the high end of each axis lie."""


def short_name(ratings: Ratings, side: SideName, index: int) -> str:
    """What to call a movie or user on the map: without the year, and cut."""
    name = subject_name(ratings, side, index)
    name = _YEAR.sub("", name) or name
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def axis_name(points: MapPoints, which: int) -> str:
    """ "axis 1" or "factor 1"; "" where there is no second one."""
    component = points.components[which]
    if component >= points.projection.n_axes:
        return ""
    return f"{'axis' if points.choice.axes == 'principal' else 'factor'} {component + 1}"


def axis_words(points: MapPoints, which: int) -> str:
    """ "axis 1 · 34.2 % of the variance"; "" where there is no such axis."""
    name = axis_name(points, which)
    return f"{name} · {points.projection.shares[points.components[which]]:.1%} of the variance" if name else ""


def end_words(points: MapPoints, end: AxisEnd) -> str:
    """ "axis 1, left end"."""
    return f"{axis_name(points, end.which)}, {SIDES[end.which][end.high]} end"


def facts(points: MapPoints, index: int) -> str:
    """ "Toy Story (1995) · 247 ratings · mean 3.87 · bias 0.21" of a movie or user of the table, shown or not."""
    side, owners = points.choice.side, points.owners
    count = int(owners.counts[index])
    parts = [subject_name(points.reading.ratings, side, index), counted(count, "rating")]
    if count:
        parts.append(f"mean {owners.sums[index] / count:.2f}")
    if owners.bias is not None:
        parts.append(f"bias {owners.bias[index]:.2f}")
    return " · ".join(parts)


def listed(points: MapPoints, positions: Places, before: Sequence[Column] = ()) -> list[Column]:
    """Columns of a table of some of the points.

    ``before`` are those of the map before: texts that did not change are the very same objects, so that a table that
    follows a run need not look through them again.
    """
    ratings, side = points.reading.ratings, points.choice.side
    indices = points.indices[positions].tolist()
    columns = [Column("ratings", points.counts[positions], 0, "How many ratings there are.")]
    if side == "movie":
        names = [ratings.movie_name(index) for index in indices]
        columns.insert(0, Column("title", names, None, "The title, where it is known.", wide=True))
    columns.append(Column("mean", points.means[positions], 2, "The mean of the ratings."))
    if points.bias is not None:
        columns.append(Column("bias", points.bias[positions], 2, "The bias in the model."))
    columns += [
        Column(name, points.places[positions, which], 2, f"Where it stands {place} on the map.")
        for which, place in enumerate(("from left to right", "from bottom to top"))
        if (name := axis_name(points, which))
    ]
    ids = [points.owners.ids[index] for index in indices]
    texts = {column.title: column for column in before if column.is_text}
    columns.append(Column("id", ids, None, "The id in the table."))
    return [
        texts[column.title] if column.title in texts and texts[column.title].values == column.values else column
        for column in columns
    ]


def description(points: MapPoints) -> str:
    """What the map shows, for who does not see it: how many points, the axes, and who stands at their ends."""
    ratings, side = points.reading.ratings, points.choice.side
    sentences = [f"{counted(len(points), side)}, the most rated first."]
    for end in points.ends:
        if not axis_name(points, end.which) or not len(end.positions):
            continue
        names = ", ".join(subject_name(ratings, side, int(index)) for index in points.indices[end.positions])
        axis = axis_words(points, end.which)
        words = f"{axis[:1].upper()}{axis[1:]}. " if not end.high else ""
        sentences.append(f"{words}{SIDES[end.which][end.high].capitalize()} end: {names}.")
    colours = points.colours
    if colours.groups:
        sentences.append(f"Colour: {colours.caption}, {', '.join(colours.groups)}.")
    elif len(points) and math.isfinite(colours.low):
        low, high = (f"{value:,.{colours.digits}f}" for value in (colours.low, colours.high))
        sentences.append(f"Colour: {colours.caption}, from {low} to {high}.")
    return " ".join(sentences)
