"""What the commands that read a file have in common: the options of tables, reading with a bar, the part shown."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.cli.arguments import positive_count
from cfgui.io.child import Cancelled as ReadingCancelled
from cfgui.io.table_options import SEPARATORS, TABLE_OPTIONS, WHITESPACE, Cancelled, TableChoices

if TYPE_CHECKING:
    from cfgui.core.document import Document  # not in earnest: `cfgui --help` needs no numpy

ROLES = {"user": "user", "item": "movie", "movie": "movie", "rating": "rating"}
"""The words of ``--columns``, with the fields of ``TableChoices`` they fill."""

SEPARATOR_WORDS = {name: text for text, name in SEPARATORS.items()} | {
    "colons": "::",
    "pipe": "|",
    "\\t": "\t",
    " ": WHITESPACE,
    WHITESPACE: WHITESPACE,
}
"""Words for separators, beside the separators themselves."""

METAVARS = {"columns": "user=…,item=…,rating=…", "decimal": "MARK", "top_users": "N", "top_movies": "M"}


def add_table_options(parser: ArgumentParser) -> None:
    """Give a command every option in ``TABLE_OPTIONS``."""
    group = parser.add_argument_group("tables: how FILE is read (what is not given is guessed), and which part of it")
    for option in TABLE_OPTIONS:
        default = "" if option.default is None else f" (default: {option.default})"
        group.add_argument(
            option.flag,
            dest=option.name,
            type=_CONVERTERS.get(option.name, str),
            choices=option.choices or None,
            default=option.default,
            metavar=METAVARS.get(option.name, None if option.choices else option.name.upper()),
            help=f"{option.help}{default}".replace("%", "%%"),
        )


def table_choices(arguments: Namespace) -> TableChoices:
    """What the command line fixes about a table."""
    return TableChoices(
        layout=arguments.layout,
        separator=arguments.separator,
        encoding=arguments.encoding,
        decimal=arguments.decimal,
        header=None if arguments.header is None else arguments.header == "yes",
        sheet=arguments.sheet,
        duplicates=arguments.duplicates,
        **(arguments.columns or {}),
    )


def open_file(arguments: Namespace, cancelled: Cancelled) -> Document:
    """The whole of FILE, or the built-in sample without one; with a bar on a terminal.

    Raises TableError, ``WorkbookError`` or OSError, one plain sentence each, or ``Cancelled``.
    """
    from cfgui.app.documents import open_document
    from cfgui.app.work_pace import WorkPace
    from cfgui.cli.progress import shown_work

    path = arguments.file
    n_bytes = os.path.getsize(path) if path is not None and os.path.isfile(path) else 0
    with shown_work("reading", WorkPace(n_bytes)) as report:
        document = open_document(path, table_choices(arguments), report=report, cancelled=cancelled)
    if cancelled():  # too late for the reader to notice, yet before anything was made of it
        raise ReadingCancelled
    return document


def wants_part(arguments: Namespace) -> bool:
    """Whether only the users or movies with the most ratings are asked for."""
    return bool(arguments.top_users or arguments.top_movies)


def shown_part(document: Document, arguments: Namespace) -> Document:
    """The users and movies that are asked for; the document itself where that is all of them."""
    if not wants_part(arguments):
        return document
    ratings = document.ratings
    return document.top(arguments.top_users or ratings.n_users, arguments.top_movies or ratings.n_movies)


def check_fits(document: Document, out: Path, *, values_only: bool) -> None:
    """Raise ValueError with one plain sentence that names the flags which help, where a workbook cannot hold it all."""
    from cfgui.io.errors import TooLargeForExcel
    from cfgui.io.workbook_size import check_size

    try:
        check_size(document, values_only=values_only)
    except TooLargeForExcel as error:
        what = str(error).rpartition(":")[0]
        ways = "smaller layers with --hidden" if error.by_layers else "--top-users N --top-movies M"
        ways += ", or --values-only" if error.values_only_fits else ""
        raise ValueError(f"{out.name} was not written: {what[:1].lower()}{what[1:]}; give {ways}.") from error


def columns(text: str) -> dict[str, str]:
    """``user=…,item=…,rating=…`` as fields of ``TableChoices``. Raises ArgumentTypeError, as the next ones do."""
    found: dict[str, str] = {}
    for part in text.split(","):
        word, mark, column = (piece.strip() for piece in part.partition("="))
        if not mark or not column or word.lower() not in ROLES:
            raise ArgumentTypeError(
                f"{part.strip()!r} is not user=…, item=… or rating=… with the header of a column or its number from 1"
            )
        role = ROLES[word.lower()]
        if role in found:
            raise ArgumentTypeError(f"{word} is given twice")
        found[role] = column
    return found


def separator(text: str) -> str:
    """A separator by its word or as itself."""
    found = SEPARATOR_WORDS.get(text.lower(), text)
    if found not in SEPARATORS:
        raise ArgumentTypeError(f"{text!r} is none of comma, semicolon, tab, bar, colons, blanks")
    return found


def encoding(text: str) -> str:
    """The name of an encoding that Python knows."""
    try:
        b"".decode(text)
        "".encode(text)
    except (LookupError, ValueError):  # ValueError: a name with a zero byte in it
        raise ArgumentTypeError(f"{text!r} is no encoding: as utf-8, cp1252, latin-1 or utf-16") from None
    return text.lower()


_CONVERTERS: dict[str, Callable[[str], object]] = {
    "columns": columns,
    "separator": separator,
    "encoding": encoding,
    "top_users": positive_count,
    "top_movies": positive_count,
}
