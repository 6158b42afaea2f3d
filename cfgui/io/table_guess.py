"""How a table is to be read, guessed from its first bytes; what a person has chosen is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cfgui.io.column_choice import chosen_place
from cfgui.io.column_guess import (
    column,
    guess_decimal,
    guess_header,
    guess_roles,
    is_wide,
    rating_scale,
)
from cfgui.io.encoding_guess import (
    GZIP,
    OLD_OR_ENCRYPTED,
    checked_encoding,
    decoded_head,
    guess_encoding,
    kind_of,
    unpacked_head,
)
from cfgui.io.first_bytes import first_bytes
from cfgui.io.rating_text import Decimal, with_point
from cfgui.io.row_shift import shifted_header
from cfgui.io.separator_guess import Rows, guess_separator, refuse_open_quote, split_text
from cfgui.io.sheet_marks import is_label
from cfgui.io.table_head import NO_CHOICES, Head
from cfgui.io.table_options import TableChoices, TableError, TableGuess, TableOptions
from cfgui.io.text_shape import n_filled
from cfgui.io.wide_labels import NO_CORNER_REMARK, lacks_corner

HEAD_BYTES = 2**18
"""Bytes from which a text table is guessed."""

SHOWN_ROWS = 50


def guess_table(source: Path | bytes | str, choices: TableChoices = NO_CHOICES, name: str = "") -> TableGuess:
    """How a file, the bytes of one or a text from the clipboard is to be read, ``choices`` overriding each guess.

    ``name`` is what sentences call it, by default a file's own name. Looks at the first 256 KB only (of a worksheet the
    first 50 rows, in a child process). Raises TableError, one plain sentence, where it cannot be read as a table or a
    choice does not fit it.
    """
    return guess_columns(read_head(source, choices, name), choices)


def read_head(source: Path | bytes | str, choices: TableChoices, name: str = "") -> Head:
    """The first rows of a table of any kind. Raises TableError as ``guess_table``."""
    if isinstance(source, str):
        return text_head(source.encode("utf-8", "replace"), "the text", choices, whole=True, encoding="utf-8")
    name = name or (source.name if isinstance(source, Path) else "the text")
    head, n_bytes = _first_bytes(source)
    if not head:
        raise TableError(f"{name} is empty: choose a table of ratings.")
    if head.startswith(OLD_OR_ENCRYPTED):
        raise TableError(
            f"{name} is encrypted or in the old .xls format. Open it in Excel, take the password off, and save it as"
            " .xlsx."
        )
    kind = kind_of(head)
    if kind is not None and isinstance(source, Path):
        if kind == "parquet":
            from cfgui.io.parquet_head import parquet_head

            return parquet_head(source)
        from cfgui.io.xlsx_table import xlsx_head

        return xlsx_head(source, choices)
    return _text_file_head(head, name, n_bytes, choices)


def _text_file_head(head: bytes, name: str, n_bytes: int, choices: TableChoices) -> Head:
    gzipped, whole = head.startswith(GZIP), n_bytes <= HEAD_BYTES
    if gzipped:
        head = unpacked_head(head, HEAD_BYTES, name)
        whole = whole and len(head) < HEAD_BYTES
        if not head:
            raise TableError(f"{name} unpacks to nothing: choose a table of ratings.")
        if kind_of(head) or head.startswith((GZIP, OLD_OR_ENCRYPTED)):
            raise TableError(f"{name} is packed twice or holds no text: unpack it and open what is in it.")
    found = text_head(head, name, choices, whole=whole)
    return replace(found, n_bytes=n_bytes, options=replace(found.options, gzipped=gzipped))


def _first_bytes(source: Path | bytes) -> tuple[bytes, int]:
    """(the first bytes, how many there are in all)."""
    if isinstance(source, bytes):
        return source[:HEAD_BYTES], len(source)
    return first_bytes(source, HEAD_BYTES, "table", TableError), source.stat().st_size


def text_head(head: bytes, name: str, choices: TableChoices, *, whole: bool, encoding: str = "") -> Head:
    """The first rows of text; ``encoding`` is what it certainly is in, ``whole`` whether ``head`` is all of it."""
    remark = ""
    if not encoding and choices.encoding is not None:
        encoding = checked_encoding(choices.encoding)
    elif not encoding:
        encoding, remark = guess_encoding(head, name)
    text = decoded_head(head, encoding, name, whole=whole)
    if not text.strip():
        raise TableError(f"{name} holds nothing but blanks: choose a table of ratings.")
    if choices.separator is None:
        separator, split = guess_separator(text, name, whole=whole)
    else:
        separator, split = choices.separator, split_text(text, choices.separator, whole=whole)
        refuse_open_quote(split, name)
    options = TableOptions(separator=separator, encoding=encoding)
    return Head(name, split.rows, options, len(head), remarks=(remark,) if remark else ())


def guess_columns(head: Head, choices: TableChoices) -> TableGuess:
    """The layout, the header, the roles of the columns, the decimal mark and the scale."""
    if not head.rows:
        raise TableError(f"{head.name} has no rows: choose a table of ratings.")
    rows = head.rows
    left = leading_columns(rows) if head.names is None else 0
    inner = [row[left:] for row in rows]
    # Who says which column holds what, or that there is no header, speaks of a long table.
    chosen = (choices.user, choices.movie, choices.rating, head.names) != (None, None, None, None)
    named = chosen or choices.header is False
    wide = choices.layout == "wide" or (choices.layout is None and not named and is_wide(inner))
    if wide and head.names is not None:
        raise TableError(f"{head.name} is a Parquet file, which is read as one rating a line: choose that layout.")
    return _wide_guess(head, choices, left) if wide else _long_guess(head, choices)


def leading_columns(rows: Rows) -> int:
    """Columns left of a crosstab's user ids: blank but for the label ``userId``, as beside the course's sheet."""
    left = 0
    while left < len(rows[0]) - 2 and not rows[0][left].strip():
        cells = [cell for cell in column(rows, left) if cell.strip()]
        if not all(is_label(cell, "userid") for cell in cells) or (not cells and not any(column(rows, left + 1))):
            break
        left += 1
    return left


def _wide_guess(head: Head, choices: TableChoices, left: int) -> TableGuess:
    first, body = head.rows[0], head.rows[1:]
    if not body:
        raise TableError(f"{head.name} has a first row of movie ids but no users below it: choose another table.")
    remarks = list(head.remarks)
    width = max(len(row) for row in body)
    if width < left + 2:
        raise TableError(f"{head.name} has only one column: a crosstab needs user ids and at least one movie.")
    names = [name.strip() for name in first]
    while names and not names[-1]:
        names.pop()
    if lacks_corner(names, [len(row) for row in body], [n_filled(row) for row in body]):
        names.insert(0, "")
        remarks.append(NO_CORNER_REMARK)
    cells = _as_typed(head, [cell for row in body for cell in row[left + 1 :] if cell.strip()])
    decimal = _decimal(head, choices, cells)
    options = replace(
        head.options, layout="wide", decimal=decimal, header=True, user=left, movie=left, rating=left + 1,
        duplicates=choices.duplicates,
    )  # fmt: skip
    columns = tuple(name or ("user" if place == left else f"column {place + 1}") for place, name in enumerate(names))
    return _finished(head, options, columns, body, cells, remarks)


def _long_guess(head: Head, choices: TableChoices) -> TableGuess:
    remarks = list(head.remarks)
    rows = head.rows
    if head.names is not None:
        header, names, body = True, list(head.names), rows
    else:
        header = guess_header(rows) if choices.header is None else choices.header
        body = rows[1:] if header else rows
        if not body:
            raise TableError(f"{head.name} has a header but no rows below it: choose a table with ratings in it.")
        width = max(len(row) for row in body[:200])
        names = [name.strip() for name in rows[0]] if header else []
        if header and all(len(row) > len(names) for row in body):
            names = shifted_header(names, body, head.name, remarks)
        names += [""] * (width - len(names))
    columns = tuple(name or f"column {place + 1}" for place, name in enumerate(names))
    fixed = {
        role: chosen_place(getattr(choices, role), columns, role, head.name)
        for role in ("user", "movie", "rating")
        if getattr(choices, role) is not None
    }
    roles = guess_roles(columns if header else [], body, fixed)
    cells = _rating_cells(head, columns, body, roles)
    decimal = _decimal(head, choices, cells)
    options = replace(
        head.options,
        layout="long",
        decimal=decimal,
        header=header,
        duplicates=choices.duplicates,
        user=roles["user"],
        movie=roles["movie"],
        rating=roles["rating"],
    )
    if not header and head.names is None and choices.header is None and not fixed and len(columns) > 2:
        remarks.append("There is no header: users, movies and ratings were told by what stands in the columns.")
    return _finished(head, options, columns, body, cells, remarks)


def _rating_cells(head: Head, columns: tuple[str, ...], body: Rows, roles: dict[str, int]) -> list[str]:
    """The first cells of the column of ratings. Raises TableError where there is none, or no number in it."""
    listed = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    if len(columns) < 3:
        what = "only one column" if len(columns) == 1 else "only two columns"
        raise TableError(f"{head.name} has {what} ({listed}): a table of ratings needs users, movies and ratings.")
    if "rating" not in roles:
        raise TableError(f"{head.name} has no column of numbers to take for ratings; its columns are {listed}.")
    if len({roles["user"], roles["movie"], roles["rating"]}) < 3:
        raise TableError(f"{head.name}: users, movies and ratings must be three different columns of {listed}.")
    cells = _as_typed(head, column(body, roles["rating"]))
    filled = [cell for cell in cells if cell.strip()]
    if rating_scale(cells, ".") is None and rating_scale(cells, ",") is None:
        example = f'"{filled[0][:40]}"' if filled else "nothing"
        raise TableError(
            f"{head.name}: the column {columns[roles['rating']]} holds no numbers to take for ratings but {example}:"
            f" choose another of {listed}."
        )
    return cells


def _as_typed(head: Head, cells: list[str]) -> list[str]:
    """Cells of ratings; in a workbook a number typed as text with a comma counts as the number it was meant to be."""
    return list(map(with_point, cells)) if head.options.kind == "xlsx" else cells


def _decimal(head: Head, choices: TableChoices, cells: list[str]) -> Decimal:
    if head.options.kind == "xlsx":
        return "."
    return choices.decimal or guess_decimal(cells)


def _finished(
    head: Head, options: TableOptions, columns: tuple[str, ...], body: Rows, cells: list[str], remarks: list[str]
) -> TableGuess:
    if options.decimal == ",":
        remarks.append("The ratings are written with a decimal comma.")
    rows = tuple(tuple(row) for row in body[:SHOWN_ROWS])
    scale = rating_scale(cells, options.decimal)
    return TableGuess(options, columns, rows, scale, head.sheets, head.n_bytes, tuple(remarks))
