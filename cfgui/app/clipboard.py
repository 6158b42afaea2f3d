"""Ranges on the clipboard: TSV and HTML, to and from Excel and LibreOffice."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

Rows = list[list[str]]


def to_tsv(rows: Sequence[Sequence[str]]) -> str:
    """Tab-separated lines, ended by a newline as spreadsheets do."""
    return "".join("\t".join(row) + "\n" for row in rows)


def to_html(rows: Sequence[Sequence[str]]) -> str:
    """An HTML table; ``sdval`` carries the full value for LibreOffice, ``x:num`` for Excel."""
    lines = []
    for row in rows:
        cells = (
            f'<td x:num="{escape(text)}" sdval="{escape(text)}">{escape(text)}</td>' if text else "<td></td>"
            for text in row
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<html><body><table>{''.join(lines)}</table></body></html>"


def parse_tsv(text: str) -> Rows:
    """The cells of tab-separated text; quotes around a cell are taken off; one newline at the end is no row."""
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    while lines and not lines[-1]:
        lines.pop()
    return [line or [""] for line in lines]


class _TableParser(HTMLParser):
    """Collects the rows of the first table; prefers the full value a spreadsheet puts in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Rows = []
        self.exact = False
        self._text: list[str] | None = None
        self._value: str | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            values = dict(attrs)
            full = values.get("sdval") or values.get("x:num")
            self.exact = self.exact or full is not None
            self._text, self._value = [], full
            span = values.get("colspan") or "1"
            self._span = min(int(span), 1000) if span.isdigit() else 1

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._text is not None:
            text = self._value if self._value is not None else " ".join("".join(self._text).split())
            if not self.rows:
                self.rows.append([])
            self.rows[-1].extend([text] + [""] * (self._span - 1))
            self._text = None


def parse_clipboard(text: str | None, html: str | None) -> Rows:
    """The cells on a clipboard that offers plain text, HTML or both.

    HTML is read where it carries full values (a spreadsheet's plain text has only the shown digits) or where it is all
    there is.
    """
    if html:
        parser = _TableParser()
        parser.feed(html)
        rows = [row for row in parser.rows if row]
        if rows and (parser.exact or not text):
            return rows
    return parse_tsv(text or "")


def tiled(rows: Rows, n_rows: int, n_columns: int) -> Rows:
    """``rows`` repeated to fill a selection that is a whole multiple of it, as spreadsheets paste; else ``rows``."""
    height, width = len(rows), max((len(row) for row in rows), default=0)
    if not height or not width or n_rows % height or n_columns % width:
        return rows
    if (n_rows, n_columns) == (height, width):
        return rows
    padded = [row + [""] * (width - len(row)) for row in rows]
    return [padded[r % height] * (n_columns // width) for r in range(n_rows)]
