"""The user or movie that a person means by an id or a title, and what to call it."""

from __future__ import annotations

from cfgui.app.finding import Finder, Found
from cfgui.app.words import counted
from cfgui.core.one_side import SideName, ids_of_side
from cfgui.core.ratings import Ratings

MOST_NAMED = 5
"""Movies named at most where a title may mean several."""


def subject_name(ratings: Ratings, side: SideName, index: int) -> str:
    """ "user 14", "Toy Story (1995)", or "movie 1019" where no title is known."""
    return f"user {ratings.user_ids[index]}" if side == "user" else ratings.movie_name(index)


def subject_label(ratings: Ratings, side: SideName, index: int) -> str:
    """The same with the id: "user 14", "movie 1 · Toy Story (1995)"."""
    return f"user {ratings.user_ids[index]}" if side == "user" else ratings.movie_label(index)


def find_subject(ratings: Ratings, side: SideName, text: str) -> int:
    """The index of the user or movie that ``text`` means: its id, else, for a movie, its title or words of it.

    Raises ValueError with one sentence where there is none, or where several movies are meant, which it names.
    """
    wanted = text.strip()
    ids = ids_of_side(ratings, side)
    if wanted in ids:
        return ids.index(wanted)
    finder = Finder(ratings)
    found = finder.find(f"{side} {wanted}")
    if not found and side == "movie":
        found = _by_title(ratings, [match for match in finder.find(wanted) if match.side == "movie"], wanted)
    if len(found) == 1:
        return found[0].index
    if not found:
        raise ValueError(f"There is no {side} {wanted} among the {counted(len(ids), side)} of these ratings.")
    named = ", ".join(finder.words(match) for match in found[:MOST_NAMED])
    rest = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    raise ValueError(f"{wanted} may mean {named}{rest}: give the id of one.")


def _by_title(ratings: Ratings, found: list[Found], wanted: str) -> list[Found]:
    """Those whose whole title it is, with the year or without, where there is one such; else all."""
    title = wanted.casefold()
    names = [ratings.movie_name(match.index).casefold() for match in found]
    without_years = [name.rpartition(" (")[0] for name in names]
    for forms in (names, without_years):
        whole = [match for match, form in zip(found, forms, strict=True) if form == title]
        if len(whole) == 1:
            return whole
    return found
