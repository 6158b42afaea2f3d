"""Finding users and movies by id or title, among all there are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from cfgui.core.one_side import SIDES, SideName
from cfgui.core.ratings import Ratings

MAX_FOUND = 1000
"""Matches looked for at most."""

_MARK = "\n"


@dataclass(frozen=True)
class Found:
    """A user or a movie by its index; ``by_id`` where the text was its whole id."""

    side: SideName
    index: int
    by_id: bool = field(default=False, compare=False)


class Finder:
    """Finds among the users and movies of a table. The first question of each kind makes an index of its own.

    Ids and titles are compared without regard to capitals. An edit of ratings changes neither: one finder serves all
    tables that share their ids.
    """

    def __init__(self, ratings: Ratings) -> None:
        self._user_ids, self._movie_ids, self._titles_by_id = ratings.user_ids, ratings.movie_ids, ratings.titles

    def is_for(self, ratings: Ratings) -> bool:
        """Whether these ratings have the ids and titles this finder knows."""
        same_ids = self._user_ids is ratings.user_ids and self._movie_ids is ratings.movie_ids
        return same_ids and self._titles_by_id is ratings.titles

    @property
    def is_prepared(self) -> bool:
        """Whether the next question is answered from indexes that are there."""
        return {"_users", "_movies", "_ends"} <= vars(self).keys()

    def prepare(self) -> Finder:
        """Make every index; for a thread of its own where there are many. Returns itself."""
        _ = self._users, self._movies, self._ends
        return self

    def find(self, text: str) -> list[Found]:
        """Whose id ``text`` is, then the movies in whose titles all its words stand, in file order.

        "user 414" and "movie 1198" name one side. At most ``MAX_FOUND``; nothing for blank text.
        """
        wanted = " ".join(text.split()).casefold()
        side, _, id_ = wanted.partition(" ")
        found: list[Found] = []
        for each in SIDES:
            found += self._by_id(id_, each) if side == each else []
        if not found and wanted:
            found = self._by_id(wanted, "user") + self._by_id(wanted, "movie")
            known = {match.index for match in found if match.side == "movie"}
            found += [Found("movie", index) for index in self._by_words(wanted) if index not in known]
        return found[:MAX_FOUND]

    def _by_id(self, id_: str, side: SideName) -> list[Found]:
        index = (self._users if side == "user" else self._movies).get(id_)
        return [] if index is None else [Found(side, index, by_id=True)]

    def _by_words(self, wanted: str) -> list[int]:
        """Movies whose title holds every word; a number alone is an id, as no one looks for every movie of 1995."""
        if len(wanted) < 2 or wanted.isdecimal():
            return []
        found: list[int] = []
        titles = self._titles
        words = sorted(set(wanted.split(" ")), key=titles.count)  # the rarest leads to the fewest titles
        place = titles.find(words[0])
        while place >= 0 and len(found) < MAX_FOUND:
            index = bisect_right(self._ends, place)
            start, end = self._ends[index - 1] if index else 0, self._ends[index]
            if all(titles.find(word, start, end) >= 0 for word in words[1:]):
                found.append(index)
            place = titles.find(words[0], end)
        return found

    def words(self, found: Found) -> str:
        """ "user 414", "movie 1198 · Raiders of the Lost Ark (1981)"."""
        if found.side == "user":
            return f"user {self._user_ids[found.index]}"
        id_ = self._movie_ids[found.index]
        title = self._titles_by_id.get(id_)
        return f"movie {id_} · {title}" if title else f"movie {id_}"

    @cached_property
    def _users(self) -> dict[str, int]:
        return {id_.casefold(): index for index, id_ in enumerate(self._user_ids)}

    @cached_property
    def _movies(self) -> dict[str, int]:
        return {id_.casefold(): index for index, id_ in enumerate(self._movie_ids)}

    @cached_property
    def _titles(self) -> str:
        """Every title, or nothing where none is known, each ended by a mark, one after another."""
        titles = self._titles_by_id
        if not titles:
            return ""
        return "".join(titles.get(id_, "").casefold().replace(_MARK, " ") + _MARK for id_ in self._movie_ids)

    @cached_property
    def _ends(self) -> list[int]:
        """Where each movie's title ends, mark included."""
        return list(accumulate(len(title) + 1 for title in self._titles.split(_MARK)[:-1]))
