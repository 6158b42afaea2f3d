"""Ranges on the clipboard: TSV and HTML, to and from Excel and LibreOffice."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

Rows = list[list[str]]


def to_tsv(rows: Sequence[Sequence[str]]) -> str:
    """Tab-separated lines, ended by a newline as spreadsheets do; quoted only where a cell would fall apart."""
    return "".join("\t".join(map(_quoted, row)) + "\n" for row in rows)


def _quoted(text: str) -> str:
    whole = not text.startswith('"') and not any(sign in text for sign in "\t\n\r")
    return text if whole else '"' + text.replace('"', '""') + '"'


def _is_number(text: str) -> bool:
    """Whether a spreadsheet may take ``text`` for a number and lose nothing: 14 and 3.5, but not the id 007."""
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and text in (repr(value), f"{value:.0f}")


def to_html(rows: Sequence[Sequence[str]]) -> str:
    """An HTML table; ``sdval`` carries the full value of a number for LibreOffice, ``x:num`` for Excel."""
    lines = []
    for row in rows:
        cells = (
            f'<td x:num="{text}" sdval="{text}">{text}</td>' if _is_number(text) else f"<td>{escape(text)}</td>"
            for text in row
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<html><body><table>{''.join(lines)}</table></body></html>"


def parse_tsv(text: str) -> Rows:
    """The cells of tab-separated text; quotes around a cell are taken off; one newline at the end is no row."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    except csv.Error:
        # A quote that never ends swallows all that follows, until the reader refuses: then it is no quote.
        lines = [line.split("\t") for line in text.splitlines()]
    return [line or [""] for line in lines]


class _TableParser(HTMLParser):
    """Collects the rows of every table; prefers the full value a spreadsheet puts in an attribute."""

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
    rows = _html_rows(text, html)
    return parse_tsv(text or "") if rows is None else rows


def table_text(text: str | None, html: str | None) -> str:
    """A table on the clipboard as text: the HTML one as TSV where ``parse_clipboard`` reads that, else as it is."""
    rows = _html_rows(text, html)
    return (text or "") if rows is None else to_tsv(rows)


def _html_rows(text: str | None, html: str | None) -> Rows | None:
    if html:
        parser = _TableParser()
        parser.feed(html)
        rows = [row for row in parser.rows if row]
        if rows and (parser.exact or not text):
            return rows
    return None


def tiled(rows: Rows, n_rows: int, n_columns: int) -> Rows:
    """``rows`` repeated to fill a selection that is a whole multiple of it, as spreadsheets paste; else ``rows``."""
    height, width = len(rows), max((len(row) for row in rows), default=0)
    if not height or not width or n_rows % height or n_columns % width:
        return rows
    if (n_rows, n_columns) == (height, width):
        return rows
    padded = [row + [""] * (width - len(row)) for row in rows]
    return [padded[r % height] * (n_columns // width) for r in range(n_rows)]
