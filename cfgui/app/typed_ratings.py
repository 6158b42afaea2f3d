"""Typed ratings: lines of "movie, rating" as a person types or pastes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cfgui.app.finding import Finder
from cfgui.app.numbers import parse_number
from cfgui.core.ratings import Ratings

_BY_SIGN = re.compile(r"^(?P<movie>.*\S)\s*[\t;=|]\s*(?P<rating>\S+)\s*$")
"""A movie, a tab or one of ; = | and a rating, which may have a decimal comma."""

_BY_COMMA = re.compile(r"^(?P<movie>.*\S)\s*,\s*(?P<rating>[-+]?\d+(?:\.\d+)?)\s*$")
"""A movie, the last comma, a rating."""

MOST_LINES = 5_000
"""Lines that are read of one paste at most."""


@dataclass(frozen=True)
class TypedRatings:
    """What lines came to: ``found`` by movie id in the order typed, the last line counting where one is named twice.

    ``unknown`` are movies that the table does not have, or has several of; ``unread`` lines without a rating in them.
    """

    found: dict[str, float] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """As "3 ratings taken; 1 movie is not in the table: Solaris."."""
        n = len(self.found)
        parts = [f"{n:,} rating{'' if n == 1 else 's'} taken"]
        if self.unknown:
            n_unknown, rest = len(self.unknown), ", …" if len(self.unknown) > 3 else ""
            names = ", ".join(self.unknown[:3]) + rest
            are = "movie is" if n_unknown == 1 else "movies are"
            parts.append(f"{n_unknown:,} {are} not in the table by that id or whole title: {names}")
        if self.unread:
            parts.append(f"{len(self.unread):,} line{'' if len(self.unread) == 1 else 's'} without a rating left out")
        return "; ".join(parts) + "."


def movie_named(text: str, ratings: Ratings, finder: Finder) -> str | None:
    """The id of the one movie that ``text`` names: its id, its title with the year or without, or words of one title.

    None where there is none, or several.
    """
    wanted = " ".join(text.split())
    found = [match for match in finder.find(wanted) if match.side == "movie"]
    ids = [ratings.movie_ids[match.index] for match in found]
    by_id = [raw_id for raw_id, match in zip(ids, found, strict=True) if match.by_id]
    titles = [ratings.titles.get(raw_id, "").casefold() for raw_id in ids]
    for forms in (titles, [title.rpartition(" (")[0] for title in titles]):
        whole = [raw_id for raw_id, form in zip(ids, forms, strict=True) if form == wanted.casefold()]
        if not by_id and len(whole) == 1:
            return whole[0]
    matches = by_id or ids
    return matches[0] if len(matches) == 1 else None


def read_ratings(text: str, ratings: Ratings, finder: Finder) -> TypedRatings:
    """The ratings in lines of "movie TAB rating" (or ``;``, ``=``, ``|``, or the last comma between them).

    Blank lines and all after the first ``MOST_LINES`` are left out.
    """
    found: dict[str, float] = {}
    unknown: list[str] = []
    unread: list[str] = []
    for line in text.splitlines()[:MOST_LINES]:
        if not line.strip():
            continue
        parts = _BY_SIGN.match(line) or _BY_COMMA.match(line)
        try:
            value = None if parts is None else parse_number(parts["rating"])
        except ValueError:
            value = None
        if parts is None or value is None:
            unread.append(line.strip())
            continue
        movie = parts["movie"].strip().strip('"')
        raw_id = movie_named(movie, ratings, finder)
        if raw_id is None:
            unknown.append(movie)
        else:
            found.pop(raw_id, None)
            found[raw_id] = value
    return TypedRatings(found, tuple(unknown), tuple(unread))
