"""Opening a table of ratings: where it comes from, which choices a person makes about it, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from cfgui.app.polite_imports import polite_imports
from cfgui.app.words import counted
from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.io.table_options import Cancelled, Report, TableChoices, TableError, TableGuess

LARGE_BYTES = 2**26
"""Size of a file, packed or not, from which compiled loops may read it."""

Role = Literal["user", "movie", "rating"]
"""What a column holds."""

ROLES: tuple[Role, ...] = ("user", "movie", "rating")
ROLE_WORDS: dict[Role, str] = {"user": "User", "movie": "Movie", "rating": "Rating"}

RESHAPING = frozenset({"layout", "separator", "encoding", "sheet"})
"""Choices after which the columns are others, so that roles given to the old ones mean nothing."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where a table comes from.

    ``look`` guesses how it is to be read, None where nothing needs to be asked; ``read`` reads it whole. Both may take
    long and raise TableError, ``WorkbookError`` or OSError; ``read`` also ``Cancelled``. ``path`` is None for the
    clipboard, ``n_bytes`` the size of the file, 0 where unknown.
    """

    name: str
    look: Callable[[TableChoices], TableGuess | None]
    read: Callable[[TableChoices, Report, Cancelled], Document]
    path: Path | None = None
    n_bytes: int = 0


def file_source(path: Path) -> Source:
    """A file or a folder of any kind."""

    def look(choices: TableChoices) -> TableGuess | None:
        from cfgui.io.open_any import describe

        return describe(path, choices)

    def read(choices: TableChoices, report: Report, cancelled: Cancelled) -> Document:
        from cfgui.io.open_any import open_ratings

        if n_bytes >= LARGE_BYTES:
            _load_compiler()
        return open_ratings(path, choices, report=report, cancelled=cancelled)

    try:
        n_bytes = path.stat().st_size if path.is_file() else 0
    except OSError:
        n_bytes = 0
    return Source(path.name or path.resolve().name, look, read, path, n_bytes)


def _load_compiler() -> None:
    """Load what reads large tables, and step aside for the window meanwhile: it would stand still for 50 ms."""
    from cfgui.io.compiled_rows import loops

    with polite_imports():
        loops()


def clipboard_source(text: str | None, html: str | None) -> Source:
    """What the clipboard offers, as plain text, HTML or both."""

    @cache
    def table() -> str:
        from cfgui.app.clipboard import table_text

        found = table_text(text, html)
        if not found.strip():
            raise TableError("The clipboard holds no text: copy a table of ratings first.")
        return found

    def look(choices: TableChoices) -> TableGuess | None:
        from cfgui.io.table_guess import guess_table

        return guess_table(table(), choices)

    def read(choices: TableChoices, report: Report, cancelled: Cancelled) -> Document:
        from cfgui.io.open_any import open_text

        return open_text(table(), choices, report=report, cancelled=cancelled)

    return Source("the clipboard", look, read)


def first_look(source: Source) -> tuple[TableGuess | None, TableChoices]:
    """What is guessed of a source before anybody made a choice, and the choices under which it is.

    Where nobody can tell what the first line says of the columns below, it is taken for no header, and the remarks say
    what is wrong with it: so the columns can still be told by hand. Raises as ``Source.look``.
    """
    choices = TableChoices()
    try:
        return source.look(choices), choices
    except TableError as problem:
        choices = replace(choices, header=False)
        try:
            guess = source.look(choices)
        except TableError:
            raise problem from None
        if guess is None:
            raise
        return replace(guess, remarks=(str(problem), *guess.remarks)), choices


# Choices


def with_choice(choices: TableChoices, name: str, value: object) -> TableChoices:
    """``choices`` with one of them made; roles are left to the guess again where the columns become others."""
    if name in RESHAPING:
        choices = replace(choices, user=None, movie=None, rating=None)
    return replace(choices, **{name: value})  # type: ignore[arg-type]  # the caller's values are of the field's type


def with_role(choices: TableChoices, guess: TableGuess, role: Role, column: int) -> TableChoices:
    """``choices`` with ``role`` given to a column (0-based); the role that the column had goes to where this one was.

    All three are fixed by number, so that a later guess cannot move the others.
    """
    places = {each: int(getattr(guess.options, each)) for each in ROLES}
    other = next((each for each in ROLES if each != role and places[each] == column), None)
    if other is not None:
        places[other] = places[role]
    places[role] = column
    user, movie, rating = (_reference(guess, places[each]) for each in ROLES)
    return replace(choices, user=user, movie=movie, rating=rating)


def _reference(guess: TableGuess, column: int) -> str:
    """How a choice names a column: by its number, or by its name where names are numbers and go first."""
    number = str(column + 1)
    return guess.columns[column] if number in guess.columns else number


def role_of(guess: TableGuess, column: int) -> Role | None:
    """What a column (0-based) holds; in a crosstab every column right of the users is a movie."""
    if guess.options.layout == "wide":
        users = guess.options.user
        return "movie" if column > users else "user" if column == users else None
    return next((role for role in ROLES if getattr(guess.options, role) == column), None)


def cell_rating(guess: TableGuess, column: int, text: str) -> float | None:
    """The rating in a cell of the first rows, None where that is none."""
    if role_of(guess, column) != ("movie" if guess.options.layout == "wide" else "rating"):
        return None
    try:
        value = float(text.replace(",", ".") if guess.options.decimal == "," else text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


# Sentences


def report_sentence(name: str, report: ImportReport | None) -> str:
    """What the import report is about."""
    if report is None:
        return f"What was noticed while reading {name}:"
    return f"{name}: {counted(report.n_rows, 'row')}, {report.n_rejected:,} of them left out."


def scale_sentence(guess: TableGuess) -> str:
    """The rating scale of the first rows; "" where they hold no rating."""
    if guess.scale is None:
        return ""
    low, high, step = guess.scale
    if low == high:
        return f"Every rating in the first rows is {low:g}."
    steps = f" in steps of {step:g}" if step > 0 else ""
    return f"Ratings from {low:g} to {high:g}{steps} in the first rows."


def opened_sentence(name: str, document: Document, *, turns_to_sgd: bool = False, turns_back_to: str = "") -> str:
    """What was opened, what was left out, what stood there twice, and whether SGD was chosen for it or no longer is."""
    ratings, report = document.ratings, document.report
    said = [
        f"{name}: {counted(ratings.n_ratings, 'rating')} of {counted(ratings.n_users, 'user')}"
        f" and {counted(ratings.n_movies, 'movie')}."
    ]
    if report is not None and report.n_duplicates:
        kept = "their mean counts" if report.duplicates == "mean" else "the last counts"
        said.append(f"{counted(report.n_duplicates, 'rating')} given twice: {kept}.")
    if report is not None and report.n_rejected:
        said.append(f"{counted(report.n_rejected, 'row')} left out.")
    if turns_to_sgd:
        said.append("SGD was chosen: gradient descent is slow on so many.")
    if turns_back_to:
        said.append(f"The optimizer is {OPTIMIZER_DEFAULTS[turns_back_to].label} again.")
    return " ".join(said)
