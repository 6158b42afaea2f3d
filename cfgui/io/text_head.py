"""The first rows of a text table: what they say about all of them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import islice

from cfgui.io.row_parser import OpenQuote, decoded, rows_of
from cfgui.io.table_options import TableOptions
from cfgui.io.text_shape import SAMPLED_ROWS, TextShape, text_shape


@dataclass(frozen=True)
class TextHead:
    """The shape of the rows, and the bytes and lines before the first of them."""

    shape: TextShape
    n_bytes: int
    n_lines: int


def text_head(name: str, data: bytes, options: TableOptions, first_line: int, *, last: bool) -> TextHead | None:
    """The head of UTF-8 text, or None when no whole row of data is in it.

    ``last`` says that nothing follows. Raises TableError and OpenQuote.
    """
    text = decoded(data)
    rows = list(islice(rows_of(text, options.separator, first_line), SAMPLED_ROWS + options.header))
    if last and rows and not rows[-1].complete:
        raise OpenQuote(rows[-1].line)
    rows = [row for row in rows if row.complete]
    header: list[str] | None = None
    n_lines = 0
    if options.header and rows:
        first = rows.pop(0)
        header = first.fields
        n_lines = first.line - first_line + first.n_lines
    sample = [row.fields for row in rows]
    if not sample:
        return None
    shape = text_shape(name, options, header, sample)
    return TextHead(shape, _bytes_of_lines(text, n_lines), n_lines)


def _bytes_of_lines(text: str, n_lines: int) -> int:
    lines = islice(io.StringIO(text, newline=""), n_lines)
    return len("".join(lines).encode("utf-8", "surrogateescape"))
