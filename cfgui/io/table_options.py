"""How a table of ratings is to be read: what a person may choose, what was guessed, and the errors that say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cfgui.core.option import Option

Layout = Literal["long", "wide"]
"""long: one rating a line; wide: a crosstab, user ids in the first column and movie ids in the first row."""

Duplicates = Literal["last", "mean", "refuse"]
"""The same user and movie twice: the later rating counts, their mean counts, or the file is refused."""

DUPLICATES: tuple[Duplicates, ...] = ("last", "mean", "refuse")

WHITESPACE = "whitespace"
"""The separator that is any run of blanks."""

SEPARATORS: Mapping[str, str] = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "::": "two colons",
    WHITESPACE: "blanks",
}
"""Every separator of text tables, with its name."""

ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "cp1252": "Western (Windows-1252)",
    "latin-1": "Western (Latin-1)",
}
"""The encodings offered, by codec name; any other that Python knows is accepted on the command line."""

Kind = Literal["text", "parquet", "xlsx"]
"""What a file is made of; gzip is seen through, and says so with ``gzipped``."""


class TableError(ValueError):
    """A table that cannot be read: one plain sentence naming file, line or cell and what to do."""


@dataclass(frozen=True)
class TableChoices:
    """What a person has fixed; None leaves it to the guess.

    ``user``, ``movie`` and ``rating`` name a column by its header, or by its number from 1 as text.
    """

    layout: Layout | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    header: bool | None = None
    user: str | None = None
    movie: str | None = None
    rating: str | None = None
    sheet: str | None = None
    duplicates: Duplicates = "last"


@dataclass(frozen=True)
class TableOptions:
    """Everything a reader has to know; columns are 0-based positions. ``sheet`` is a worksheet's name."""

    kind: Kind = "text"
    gzipped: bool = False
    layout: Layout = "long"
    separator: str = ","
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    header: bool = True
    user: int = 0
    movie: int = 1
    rating: int = 2
    sheet: str = ""
    duplicates: Duplicates = "last"


@dataclass(frozen=True)
class TableGuess:
    """A file as it is understood so far.

    ``columns`` are the header's names ("column 1", … where there is no header), ``rows`` the first data rows as texts,
    ``remarks`` sentences about what was assumed. ``scale`` is (lowest, highest, step) of the ratings in those rows,
    None where there are none; ``sheets`` the worksheets to choose from. ``n_bytes`` is the size of the file.
    """

    options: TableOptions
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    scale: tuple[float, float, float] | None = None
    sheets: tuple[str, ...] = ()
    n_bytes: int = 0
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Progress:
    """How far a reader is: ``done`` of ``total`` bytes (or rows, or cells; total 0: not known), and rows so far."""

    done: int
    total: int
    n_rows: int = 0


Report = Callable[[Progress], None]
"""Takes the newest progress; cheap, and called from the thread that reads."""

Cancelled = Callable[[], bool]
"""Asked often; True means: stop, and raise ``cfgui.io.child.Cancelled``."""


def no_report(_progress: Progress) -> None:
    """A report that goes nowhere."""


def never() -> bool:
    """A wish to cancel that never comes."""
    return False


TABLE_OPTIONS: tuple[Option, ...] = (
    Option(
        "columns",
        "--columns",
        str,
        None,
        "Columns",
        "Which column holds what, each by its header or its number from 1: user=…,item=…,rating=…",
    ),
    Option(
        "separator",
        "--separator",
        str,
        None,
        "Separator",
        "What stands between the fields: comma, semicolon, tab, bar, colons (::) or blanks, or the character itself.",
    ),
    Option("encoding", "--encoding", str, None, "Encoding", "How bytes become letters: utf-8, cp1252, utf-16, …"),
    Option(
        "decimal",
        "--decimal",
        str,
        None,
        "Decimal mark",
        "What stands before the decimals of a rating: 3.5 or 3,5.",
        choices=(".", ","),
    ),
    Option(
        "header", "--header", str, None, "Header", "Whether the first line names the columns.", choices=("yes", "no")
    ),
    Option(
        "layout",
        "--layout",
        str,
        None,
        "Layout",
        "long: one rating a line; wide: a crosstab, users in rows and movies in columns.",
        choices=("long", "wide"),
    ),
    Option("sheet", "--sheet", str, None, "Sheet", "Which worksheet of an Excel file holds the ratings, by its name."),
    Option(
        "duplicates",
        "--duplicates",
        str,
        "last",
        "Same user and movie twice",
        "last: the later rating counts; mean: their mean; refuse: the file is not read.",
        choices=DUPLICATES,
    ),
    Option(
        "top_users",
        "--top-users",
        int,
        None,
        "Users shown",
        "Only the N users with the most ratings; of equals the smaller id.",
        low=1,
        high=10**9,
    ),
    Option(
        "top_movies",
        "--top-movies",
        int,
        None,
        "Movies shown",
        "Only the N movies with the most ratings; of equals the smaller id.",
        low=1,
        high=10**9,
    ),
)
"""Every choice about a table on the command line, with its sentence; what is not given is guessed, or all is taken."""
