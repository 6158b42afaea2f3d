"""Which columns hold users, movies and ratings, whether there is a header, and long or wide: from the first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from cfgui.io.rating_text import Decimal, is_number, numbers_in
from cfgui.io.separator_guess import Rows

USER_NAMES = (
    "userid", "user", "uid", "users", "userno", "usernumber", "username", "reviewerid", "reviewer", "raterid", "rater",
    "customerid", "customer", "memberid", "member", "personid", "person", "viewer", "reader", "readerid", "who",
)  # fmt: skip
MOVIE_NAMES = (
    "movieid", "itemid", "filmid", "movie", "item", "film", "iid", "mid", "movieno", "items", "movies", "productid",
    "product", "asin", "bookid", "isbn", "book", "songid", "song", "trackid", "track", "artistid", "artist", "gameid",
    "game", "showid", "show", "animeid", "anime", "businessid", "recipeid", "title", "movietitle", "name", "what",
)  # fmt: skip
RATING_NAMES = (
    "rating", "ratings", "score", "stars", "star", "rate", "vote", "value", "grade", "points", "overall", "preference",
    "overallrating", "userrating", "bookrating", "ratingvalue", "weight",
)  # fmt: skip
"""Names of columns, the surest first; compared without capitals, blanks and signs."""

TIME_NAMES = ("timestamp", "time", "date", "datetime", "ts", "unixreviewtime", "created", "createdat", "when")

LARGEST_RATING = 1000.0
"""A column with numbers above this holds no ratings."""

FEW = 101
"""A rating scale has at most so many values in the first rows."""

_SIGNS = re.compile(r"[^a-z0-9]")


def plain(name: str) -> str:
    """A column's name without capitals, blanks and signs."""
    return _SIGNS.sub("", name.casefold())


def named_roles(header: Sequence[str]) -> dict[str, int]:
    """Places of the columns whose names tell what they hold, by role; "time" among them."""
    names = [plain(name) for name in header]
    found: dict[str, int] = {}
    known = {"user": USER_NAMES, "movie": MOVIE_NAMES, "rating": RATING_NAMES, "time": TIME_NAMES}
    for role, wanted in known.items():
        place = next((names.index(name) for name in wanted if name in names), None)
        if place is not None and place not in found.values():
            found[role] = place
    return found


def column(rows: Rows, place: int) -> list[str]:
    """The fields in one place, "" where a row is too short."""
    return [row[place] if place < len(row) else "" for row in rows]


def guess_decimal(cells: Sequence[str]) -> Decimal:
    """ "," where more of the cells are numbers that way, else "."."""
    with_comma = sum(is_number(cell, ",") for cell in cells)
    return "," if with_comma > sum(is_number(cell) for cell in cells) else "."


def guess_header(rows: Rows) -> bool:
    """Whether the first of the rows of a long table names its columns."""
    first, body = rows[0], rows[1:50]
    if len(named_roles(first)) >= 2:
        return True
    if any(is_number(cell) or is_number(cell, ",") for cell in first):
        return False
    if not body:
        return False
    return any(_numeric(column(body, place)) for place in range(len(first)))


def is_wide(rows: Rows) -> bool:
    """Whether the rows are a crosstab with movie ids in the first row and user ids in the first column."""
    if len(rows) < 2:
        return False
    first, body = [name.strip() for name in rows[0]], rows[1:200]
    roles, cells = named_roles(first), _cells(body)
    users = [row[0].strip() for row in body if row]
    like_the_others = bool(first[0]) and first[0] in users
    if "rating" in roles or {"user", "movie"} <= set(roles) or like_the_others:
        return False
    lacks_corner = bool(first[0]) and len(first) + 1 == max(len(row) for row in body)
    movies = first if lacks_corner else first[1:]
    blank_corner = not lacks_corner and not first[0]
    repeated = len(set(movies)) < len(movies) or len(set(users)) < len(users)
    if len(movies) < 2 or "" in movies[:-1] or repeated:
        return bool(movies) and movies[0] != "" and blank_corner and _are_ratings(cells, 0.8)
    # Under a corner that is blank, or says "user", more of the cells may be faulty.
    share = 0.5 if blank_corner or roles.get("user") == 0 else 0.8
    return _are_ratings(cells, share) and (blank_corner or _looks_crossed(first, movies, cells))


def _looks_crossed(first: Sequence[str], movies: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a first row with something in its corner is one of movie ids; ``cells`` are below it."""
    numbered = all(map(is_number, movies))
    # No column is named by a number, and no movie "movieId".
    if numbered and plain(first[0]) in (*USER_NAMES, *MOVIE_NAMES):
        return True
    if len(movies) < 3:
        return False
    blanks = any(not cell.strip() for cell in cells)
    return blanks or len(movies) > 3 or not all(map(is_number, first))


def _cells(body: Rows) -> list[str]:
    return [cell for row in body for cell in row[1:]]


def _are_ratings(cells: Sequence[str], share: float) -> bool:
    """Whether at least this share of the cells that are not blank could be ratings on one scale."""
    texts = [cell for cell in cells if cell.strip()]
    mark = guess_decimal(texts)
    numbers = numbers_in(texts, mark)
    return bool(numbers) and len(numbers) >= share * len(texts) and _plausible(numbers)


def _plausible(numbers: Sequence[float]) -> bool:
    return max(map(abs, numbers)) <= LARGEST_RATING and len(set(numbers)) <= FEW


def _numeric(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell.strip()]
    return bool(texts) and max(len(numbers_in(texts, ".")), len(numbers_in(texts, ","))) >= len(texts) / 2


def guess_roles(header: Sequence[str], body: Rows, fixed: dict[str, int]) -> dict[str, int]:
    """The places of user, movie and rating; those in ``fixed`` stay. A role that no column fits is left out."""
    roles = {role: place for role, place in named_roles(header).items() if place not in fixed.values()} | fixed
    times = {roles.pop("time")} if "time" in roles else set()
    width = max([len(header), *(len(row) for row in body[:50])])
    free = [place for place in range(width) if place not in roles.values() and place not in times]
    if "rating" not in roles:
        place = _rating_place(body, free, reserve="user" not in roles)
        if place is not None:
            roles["rating"] = place
            free.remove(place)
    for role in ("user", "movie"):
        if role not in roles and free:
            roles[role] = free.pop(0)
    return roles


def _rating_place(body: Rows, free: Sequence[int], *, reserve: bool) -> int | None:
    """The free column most like ratings: fractions first, then MovieLens' third place, then the last that fits."""
    fitting, fractions = [], []
    for place in free:
        cells = column(body, place)
        mark = guess_decimal(cells)
        numbers = numbers_in(cells, mark)
        if len(numbers) * 2 < len(cells) or not numbers:
            continue
        if _plausible(numbers) and not _is_row_number(numbers):
            fitting.append(place)
            if any(not value.is_integer() for value in numbers):
                fractions.append(place)
    if fractions:
        return fractions[-1]
    # Of a single user's ratings the first column looks like a rating too: it is the user's as long as others fit.
    if reserve and len(fitting) > 1 and fitting[0] == 0:
        fitting = fitting[1:]
    return 2 if 2 in fitting else (fitting[-1] if fitting else None)


def _is_row_number(numbers: Sequence[float]) -> bool:
    return len(numbers) > 5 and all(later - earlier == 1 for earlier, later in pairwise(numbers))


def rating_scale(cells: Sequence[str], decimal: Decimal) -> tuple[float, float, float] | None:
    """(lowest, highest, step) of the ratings in these cells; step 0 where there is no common one; None without any."""
    found = sorted(set(numbers_in(cells, decimal)))
    if not found:
        return None
    for step in (1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.01):
        if all(abs(value / step - round(value / step)) < 1e-6 for value in found):
            return found[0], found[-1], step
    return found[0], found[-1], 0.0
