"""One door for every file: the course's workbooks, tables of any kind, MovieLens folders and zips, pasted text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport
from cfgui.core.models import PLAIN_MODELS
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.child import Cancelled as CancelledError
from cfgui.io.encoding_guess import kind_of
from cfgui.io.errors import WorkbookError
from cfgui.io.movielens import (
    find_movielens,
    no_ratings,
    read_movielens,
    with_neighbouring_facts,
    with_neighbouring_titles,
)
from cfgui.io.table_guess import guess_columns, guess_table
from cfgui.io.table_head import NO_CHOICES
from cfgui.io.table_options import (
    Cancelled,
    Report,
    TableChoices,
    TableError,
    TableGuess,
    TableOptions,
    never,
    no_report,
)

N_FACTORS, SEED = 5, 42
"""The starting weights of a table: as many factors as the course's sheet has, from a fixed seed."""

TEXT_NAME = "the text"


def describe(path: Path, choices: TableChoices = NO_CHOICES) -> TableGuess | None:
    """How a file is going to be read; None where nothing needs to be asked: a workbook of the course's kind, MovieLens.

    Raises TableError or WorkbookError, one plain sentence.
    """
    with _plain_errors(path.name or str(path)):
        _check_kind(path)
        found = _look(path, choices)
        return found if isinstance(found, TableGuess) else None


def open_ratings(
    path: Path, choices: TableChoices = NO_CHOICES, *, report: Report = no_report, cancelled: Cancelled = never
) -> Document:
    """The document in a file or folder of any kind. Raises TableError, WorkbookError or Cancelled."""
    with _plain_errors(path.name or str(path)):
        _check_kind(path)
        found = _look(path, choices)
        if not isinstance(found, TableGuess):
            return found(report, cancelled)
        ratings, read = _read_table(path, found.options, report, cancelled)
        ratings, read = with_neighbouring_titles(path, ratings, read)
        ratings, read = with_neighbouring_facts(path, ratings, read)
        return table_document(ratings, replace(read, remarks=_once(*found.remarks, *read.remarks)))


def open_text(
    text: str, choices: TableChoices = NO_CHOICES, *, report: Report = no_report, cancelled: Cancelled = never
) -> Document:
    """The document in a text from the clipboard. Raises TableError, one plain sentence; Cancelled."""
    with _plain_errors(TEXT_NAME):
        guess = guess_table(text, choices)
        ratings, read = _read_text(text, guess.options, report, cancelled)
        remarks = _once(*guess.remarks, *read.remarks)
        return table_document(ratings, replace(read, file="the clipboard", encoding="", remarks=remarks))


def _check_kind(path: Path) -> None:
    """Raise TableError for a file of weights, which is a zip too, and would be searched for MovieLens."""
    if path.suffix.lower() == ".npz" and path.is_file():
        raise TableError(f"{path.name} holds weights and no ratings: choose a table or a workbook of ratings.")


def _once(*remarks: str) -> tuple[str, ...]:
    """Guess and reader may notice the same."""
    return tuple(dict.fromkeys(remarks))


def table_document(ratings: Ratings, report: ImportReport) -> Document:
    """A document of ratings that were read from a table: both models start from the same seed every time."""
    factors = {
        name: random_factors(ratings.n_users, ratings.n_movies, N_FACTORS, bias=name == "bias", seed=SEED)
        for name in PLAIN_MODELS
    }
    return Document(ratings, factors, remarks=report.remarks, report=report)


_Reader = Callable[[Report, Cancelled], Document]


def _look(path: Path, choices: TableChoices) -> TableGuess | _Reader:
    """A guess for a table, else what reads the file."""
    if path.is_dir():
        if find_movielens(path) is None:
            raise no_ratings(path)
        return _movielens_reader(path, choices)
    if _is_zip(path):
        if not _is_workbook(path):
            if find_movielens(path) is None:
                raise no_ratings(path)
            return _movielens_reader(path, choices)
        from cfgui.io.xlsx_table import sheet_head

        found = sheet_head(path, choices)
        if found.own and choices.sheet is None and choices.layout is None:
            return _workbook_reader(path)
        return guess_columns(found.head, choices)
    return guess_table(path, choices)


def _is_zip(path: Path) -> bool:
    try:
        if path.is_file():
            with path.open("rb") as file:
                return kind_of(file.read(4)) == "xlsx"
    except OSError:
        pass
    return False


def _is_workbook(path: Path) -> bool:
    from cfgui.io.zip_member import ZipMembers

    try:
        with ZipMembers(path) as members:
            names = {name.lower() for name in members.names}
    except TableError:
        # Damaged: the name decides which sentence says so.
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            return True
        raise
    return "xl/workbook.xml" in names or "[content_types].xml" in names


def _movielens_reader(path: Path, choices: TableChoices) -> _Reader:
    def read(report: Report, cancelled: Cancelled) -> Document:
        return table_document(*read_movielens(path, choices, report=report, cancelled=cancelled))

    return read


def _workbook_reader(path: Path) -> _Reader:
    def read(report: Report, cancelled: Cancelled) -> Document:
        from cfgui.io.workbook_import import read_workbook_guarded

        return read_workbook_guarded(path, report=report, cancelled=cancelled)

    return read


def _read_table(
    path: Path, options: TableOptions, report: Report, cancelled: Cancelled
) -> tuple[Ratings, ImportReport]:
    if options.kind == "xlsx":
        from cfgui.io.xlsx_table import read_xlsx_table

        return read_xlsx_table(path, options, report=report, cancelled=cancelled)
    if options.layout == "wide":
        from cfgui.io.wide_table import read_wide

        return read_wide(path, options, report=report, cancelled=cancelled)
    from cfgui.io.table_cache import read_long_cached

    return read_long_cached(path, options, report=report, cancelled=cancelled)


def _read_text(text: str, options: TableOptions, report: Report, cancelled: Cancelled) -> tuple[Ratings, ImportReport]:
    data = text.encode("utf-8", "replace")
    if options.layout == "wide":
        from cfgui.io.wide_table import read_wide

        return read_wide(data, options, report=report, cancelled=cancelled)
    from cfgui.io.long_table import read_long
    from cfgui.io.zip_member import scratch_folder

    with scratch_folder() as folder:
        file = Path(folder, TEXT_NAME)
        file.write_bytes(data)
        return read_long(file, options, report=report, cancelled=cancelled)


@contextlib.contextmanager
def _plain_errors(name: str) -> Iterator[None]:
    try:
        yield
    except TableError as error:
        # What is quoted from a file may hold line ends; a sentence is one line.
        raise TableError(" ".join(str(error).split())) from error
    except (WorkbookError, CancelledError):
        raise
    except MemoryError:
        raise TableError(f"{name} needs more memory than there is: choose a smaller table.") from None
    except ImportError as error:
        raise TableError(
            f"{name} cannot be read without the package {error.name}, which is not installed: install cfgui again."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableError(f"{name} cannot be read: {reason}. Check that you may open it.") from error
    except Exception as error:  # a strange file must never show a traceback
        raise TableError(f"{name} could not be read: {type(error).__name__} at an unforeseen place in it.") from error
