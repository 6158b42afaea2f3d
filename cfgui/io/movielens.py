"""MovieLens folders and zips of every edition, with titles and genres, and facts about users, joined by id."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.io.file_watch import unchanged
from cfgui.io.movie_titles import MovieTitles, parse_titles
from cfgui.io.movielens_editions import EDITION_BY_ID
from cfgui.io.table_guess import HEAD_BYTES, guess_table
from cfgui.io.table_options import (
    Cancelled,
    Progress,
    Report,
    TableChoices,
    TableError,
    TableOptions,
    never,
    no_report,
)
from cfgui.io.user_facts import UserFacts, parse_user_facts
from cfgui.io.zip_member import ZipMembers, scratch_folder

MOVIES_OF = {"ratings.csv": "movies.csv", "ratings.dat": "movies.dat", "u.data": "u.item"}
"""The file of ratings in each kind of edition, and the file of titles beside it."""

USERS_OF = {"ratings.csv": "users.csv", "ratings.dat": "users.dat", "u.data": "u.user"}
"""The file of users that may lie beside them; MovieLens 100K and 1M have one."""

SEPARATOR_OF = {"ratings.csv": ",", "ratings.dat": "::", "u.data": "\t"}

MAX_DEPTH = 3
"""Ratings lie at most so deep: ml-10M100K/ratings.dat is at 2."""

_FOLDER_IDS = {"ml-10m100k": "ml-10m"}
"""Folders that GroupLens names otherwise than the archive they are in."""

MAX_TITLES = 2**28
"""Bytes that a file of titles, or of users, may have."""

LEAST_SHARE = 0.5
"""Of the users of a table, those that a file of users beside it must know to be taken for theirs."""


@dataclass(frozen=True)
class MovieLensEdition:
    """What was found: ``ratings``, ``movies`` and ``users`` are paths within the folder or zip, None for what it lacks.

    ``name`` is the edition's where folder or zip are named after one, else "MovieLens".
    """

    name: str
    ratings: str
    movies: str | None
    zipped: bool
    users: str | None = None


def find_movielens(path: Path) -> MovieLensEdition | None:
    """The edition in a folder or zip, None where there are no ratings of MovieLens' kind in it.

    Raises TableError for a damaged zip, OSError for a folder that may not be looked into.
    """
    if path.is_dir():
        return _find(_folder_files(path), path.resolve().name, zipped=False)
    with ZipMembers(path) as members:
        return _find(members.names, path.stem, zipped=True)


def _folder_files(folder: Path) -> list[str]:
    """The files in a folder and in those in it. Raises OSError where the folder itself cannot be looked into."""
    found = []
    for entry in sorted(folder.iterdir()):
        with contextlib.suppress(OSError):
            if entry.is_file():
                found.append(entry.name)
            elif entry.is_dir() and not entry.name.startswith((".", "__")):
                names = [*MOVIES_OF, *MOVIES_OF.values(), *USERS_OF.values()]
                found += [f"{entry.name}/{inner}" for inner in names if (entry / inner).is_file()]
    return found


def _find(files: Iterable[str], name: str, *, zipped: bool) -> MovieLensEdition | None:
    """The shallowest file of ratings, of several the first by name."""
    known = {file: PurePosixPath(file) for file in files if not file.startswith(("__MACOSX", "."))}
    found = [file for file, path in known.items() if path.name in MOVIES_OF and len(path.parts) <= MAX_DEPTH]
    if not found:
        return None
    ratings = min(found, key=lambda file: (len(known[file].parts), file))
    place = known[ratings]
    movies, users = (str(place.with_name(beside[place.name])) for beside in (MOVIES_OF, USERS_OF))
    names = [_FOLDER_IDS.get(each.lower(), each.lower()) for each in (name, place.parts[0])]
    title = next((EDITION_BY_ID[each].title for each in names if each in EDITION_BY_ID), "MovieLens")
    return MovieLensEdition(
        title, ratings, movies if movies in known else None, zipped, users if users in known else None
    )


def read_movielens(
    path: Path, choices: TableChoices, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport]:
    """All ratings of an edition; every rated movie is kept, also one without a title.

    Raises TableError, one plain sentence, or Cancelled.
    """
    edition = find_movielens(path)
    if edition is None:
        raise no_ratings(path)
    ratings, read = (_read_zip if edition.zipped else _read_folder)(path, edition, choices, report, cancelled)
    description = f"{edition.name}, {PurePosixPath(edition.ratings).name}{' in a zip' if edition.zipped else ''}"
    return ratings, replace(read, file=path.name or path.resolve().name, format=description)


def no_ratings(path: Path) -> TableError:
    """The sentence for a folder or zip without ratings."""
    what = "folder" if path.is_dir() else "zip archive"
    hint = "a table in it" if path.is_dir() else "unpack it and open a table in it"
    return TableError(
        f"The {what} {path.name or path.resolve().name} holds no ratings of MovieLens (ratings.csv, ratings.dat or"
        f" u.data): choose another, or {hint}."
    )


def _read_folder(
    path: Path, edition: MovieLensEdition, choices: TableChoices, report: Report, cancelled: Cancelled
) -> tuple[Ratings, ImportReport]:
    from cfgui.io.table_cache import read_long_cached

    file = path / edition.ratings
    options = _options(file.name, choices, lambda: file)
    ratings, read = read_long_cached(file, options, report=report, cancelled=cancelled)
    movies = None if edition.movies is None else path / edition.movies
    ratings, read = _with_titles(ratings, read, None if movies is None else _file_titles(movies), edition)
    return _with_facts(ratings, read, None if edition.users is None else _file_facts(path / edition.users))


def _read_zip(
    path: Path, edition: MovieLensEdition, choices: TableChoices, report: Report, cancelled: Cancelled
) -> tuple[Ratings, ImportReport]:
    from cfgui.io.long_table import read_long
    from cfgui.io.table_cache import load_cached, store

    with unchanged(path), ZipMembers(path) as members:
        name = PurePosixPath(edition.ratings).name
        shown = f"{path.name}: {edition.ratings}"
        options = _options(name, choices, lambda: _whole_lines(members.head(edition.ratings, HEAD_BYTES)), shown)
        found = load_cached(path, options, report=report, cancelled=cancelled)
        if found is None:
            with scratch_folder() as folder:
                size = members.size(edition.ratings)
                file = members.unpack(edition.ratings, Path(folder), _half(report, 0, size), cancelled)
                found = read_long(file, options, report=_half(report, size, size), cancelled=cancelled)
            store(path, options, *found, cancelled=cancelled)
        titles = None
        if edition.movies is not None and members.size(edition.movies) <= MAX_TITLES:
            titles = parse_titles(b"".join(members.chunks(edition.movies)), PurePosixPath(edition.movies).name)
        facts = None
        if edition.users is not None and members.size(edition.users) <= MAX_TITLES:
            facts = parse_user_facts(b"".join(members.chunks(edition.users)), PurePosixPath(edition.users).name)
        return _with_facts(*_with_titles(*found, titles, edition), facts)


def _options(name: str, choices: TableChoices, source: Callable[[], Path | bytes], shown: str = "") -> TableOptions:
    """How the ratings of an edition are read: with a header it tells, without one the order is fixed.

    ``shown`` names bytes in a sentence.
    """
    if name == "ratings.csv":
        return guess_table(source(), replace(choices, layout="long"), shown).options
    return TableOptions(separator=SEPARATOR_OF[name], header=False, duplicates=choices.duplicates)


def _whole_lines(head: bytes) -> bytes:
    return head[: head.rfind(b"\n") + 1] or head


def _half(report: Report, before: int, size: int) -> Report:
    """A report for one of two passes over ``size`` bytes, the first of which are behind."""
    return lambda progress: report(Progress(before + progress.done, 2 * size, progress.n_rows))


def _with_titles(
    ratings: Ratings, read: ImportReport, titles: MovieTitles | None, edition: MovieLensEdition
) -> tuple[Ratings, ImportReport]:
    if titles is None:
        wanted = MOVIES_OF[PurePosixPath(edition.ratings).name]
        why = f"There is no {wanted}" if edition.movies is None else f"{wanted} cannot be read"
        return ratings, replace(read, remarks=(*read.remarks, f"{why}, so the movies have no titles."))
    joined, remarks = titles.joined(ratings)
    return joined, replace(read, remarks=(*read.remarks, *remarks))


def _with_facts(ratings: Ratings, read: ImportReport, facts: UserFacts | None) -> tuple[Ratings, ImportReport]:
    """Most editions have no file of users: nothing is said of one that is not there."""
    if facts is None:
        return ratings, read
    joined, remarks = facts.joined(ratings)
    return joined, replace(read, remarks=(*read.remarks, *remarks))


def _file_titles(path: Path) -> MovieTitles | None:
    data = _read_bytes(path)
    return None if data is None else parse_titles(data, path.name)


def _file_facts(path: Path) -> UserFacts | None:
    data = _read_bytes(path)
    return None if data is None else parse_user_facts(data, path.name)


def _read_bytes(path: Path) -> bytes | None:
    """What is in a file of titles or users; None where it is too large, or cannot be read."""
    try:
        if path.stat().st_size <= MAX_TITLES:
            return path.read_bytes()
    except OSError:
        pass
    return None


def with_neighbouring_titles(path: Path, ratings: Ratings, read: ImportReport) -> tuple[Ratings, ImportReport]:
    """Ratings of a file that MovieLens names so, with the titles in the file beside it where one is there."""
    movies = MOVIES_OF.get(path.name.lower())
    if movies is None or ratings.titles or not os.path.isfile(path.with_name(movies)):
        return ratings, read
    titles = _file_titles(path.with_name(movies))
    if titles is None or not any(raw_id in titles.titles for raw_id in ratings.movie_ids):
        return ratings, read
    joined, remarks = titles.joined(ratings)
    said = f"The titles are those of {movies} in the same folder."
    return joined, replace(read, remarks=(*read.remarks, said, *remarks))


def with_neighbouring_facts(path: Path, ratings: Ratings, read: ImportReport) -> tuple[Ratings, ImportReport]:
    """Ratings of any file with the facts in the file of users beside it, where it knows at least half of the users.

    That file is the one MovieLens would have, or ``users.csv``.
    """
    users = path.with_name(USERS_OF.get(path.name.lower(), "users.csv"))
    if ratings.user_facts or path.name.lower() == users.name or not os.path.isfile(users):
        return ratings, read
    facts = _file_facts(users)
    if facts is None or facts.share_of(ratings) < LEAST_SHARE:
        return ratings, read
    joined, remarks = facts.joined(ratings)
    said = f"The facts about users are those of {users.name} in the same folder."
    return joined, replace(read, remarks=(*read.remarks, said, *remarks))
