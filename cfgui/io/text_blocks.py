"""Text files in blocks of whole lines, as UTF-8 with plain newlines, whatever they are packed and written in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cfgui.io.child import Cancelled as CancelledError
from cfgui.io.gzip_limit import check_unpacked
from cfgui.io.table_options import WHITESPACE, Cancelled, Progress, Report, TableError, TableOptions

CHUNK = 2**20
"""Bytes handled at once: a few milliseconds of work, so that others get their turn."""

MAX_LINE = 2**26
"""Bytes of one line, or of one quoted text; more than any crosstab needs."""

BLANKS = re.compile("[ \t]+")
"""What separates fields where blanks do."""

_QUOTE, _NEWLINE = 34, 10


_BAD = "cfgui.bad-cell"


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Half of a surrogate for bytes that are no text: as UTF-8 it is none either, as are such bytes in UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_BAD, _mark_bad_bytes)


class OddQuoteError(Exception):
    """A quote stands in the middle of a field, or never ends: only the slow way knows what it means, and where."""


class TextBlocks:
    """The blocks of one text; ``n_lines`` is the number of lines before the newest block.

    ``source`` is a file, or its bytes; ``quoted`` says whether quotes hold fields together. With ``tidy`` every field
    goes through Python's csv module first, slowly, so that no quote is odd.
    """

    def __init__(
        self, source: Path | bytes, options: TableOptions, report: Report, cancelled: Cancelled, *, tidy: bool = False
    ) -> None:
        self.name = source.name if isinstance(source, Path) else "the text"
        self.n_lines, self.n_rows = 0, 0
        self.quoted = options.separator != "::"
        self._source, self._options, self._tidy = source, options, tidy
        self._report, self._cancelled = report, cancelled
        self._total = source.stat().st_size if isinstance(source, Path) else len(source)

    def __iter__(self) -> Iterator[bytes]:
        """Blocks that end with a newline, outside quotes. Raises TableError where the text cannot be had, Cancelled."""
        chunks = self._tidied() if self._tidy else self._chunks()
        pieces: list[bytes] = []
        inside = False
        for chunk in chunks:
            cut = self._last_line_end(chunk, inside)
            inside ^= self.quoted and chunk.count(b'"') % 2 == 1
            if cut:
                yield from self._counted(b"".join([*pieces, chunk[:cut]]))
                pieces = []
            pieces.append(chunk[cut:])
            if sum(map(len, pieces)) > MAX_LINE:
                self._refuse_long_line(open_quote=inside)
        rest = b"".join(pieces)
        if inside:
            raise OddQuoteError
        if rest:
            yield from self._counted(rest + b"\n")

    def _counted(self, block: bytes) -> Iterator[bytes]:
        yield block
        self.n_lines += block.count(b"\n")

    def _last_line_end(self, chunk: bytes, inside: bool) -> int:
        """The place after the last newline that is outside quotes, 0 where there is none."""
        if not self.quoted or (b'"' not in chunk and not inside):
            return chunk.rfind(b"\n") + 1
        data = np.frombuffer(chunk, np.uint8)
        odd = (np.cumsum(data == _QUOTE, dtype=np.uint8) + np.uint8(inside)) & 1
        found = np.flatnonzero((data == _NEWLINE) & (odd == 0))
        return int(found[-1]) + 1 if len(found) else 0

    def _refuse_long_line(self, *, open_quote: bool) -> None:
        if open_quote:
            raise OddQuoteError
        raise TableError(
            f"{self.name}, line {self.n_lines + 1}: is longer than {MAX_LINE / 2**20:.0f} MB, which no table of ratings"
            " needs. Choose another file."
        )

    # From bytes to text

    def _chunks(self) -> Iterator[bytes]:
        """UTF-8 with plain newlines, cut anywhere but within a pair of carriage return and newline."""
        held = b""
        for chunk in self._encoded():
            text = held + chunk
            held = b"\r" if text.endswith(b"\r") else b""
            text = text[: len(text) - len(held)]
            yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if held:
            yield b"\n"

    def _encoded(self) -> Iterator[bytes]:
        encoding = self._options.encoding or "utf-8"
        if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
            # Bytes that are no UTF-8 stay: the cell that holds them is named, not the file refused.
            first = True
            for chunk in self._unpacked():
                yield chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
                first = False
            return
        decoder = codecs.getincrementaldecoder(encoding)(_BAD)
        try:
            for chunk in self._unpacked():
                yield decoder.decode(chunk).removeprefix("\ufeff").encode("utf-8", "surrogatepass")
            yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")
        except UnicodeError:
            raise TableError(f"{self.name} is no text in the encoding {encoding}: choose another.") from None

    def _unpacked(self) -> Iterator[bytes]:
        n_unpacked = 0
        try:
            raw = self._source.open("rb") if isinstance(self._source, Path) else io.BytesIO(self._source)
            with raw:
                file = gzip.GzipFile(fileobj=raw) if self._options.gzipped else raw
                while chunk := file.read(CHUNK):
                    n_unpacked += len(chunk)
                    if self._options.gzipped:
                        check_unpacked(self.name, n_unpacked, self._total)
                    if self._cancelled():
                        raise CancelledError
                    self._report(Progress(min(raw.tell(), self._total), self._total, self.n_rows))
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise TableError(f"{self.name} is a damaged gzip file. Get it again.") from None
        except OSError as error:
            reason = error.strerror or os.strerror(error.errno or 0)
            raise TableError(f"{self.name} cannot be read: {reason}. Check that you may open it.") from None

    def _tidied(self) -> Iterator[bytes]:
        """The text with its quotes as one wants them, through the csv module; lines stay lines."""
        separator = "\t" if self._options.separator == WHITESPACE else self._options.separator
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator, lineterminator="\n")
        reader = csv.reader(self._lines(), delimiter=separator, strict=True)
        begin = 1
        try:
            for row in reader:
                begin = reader.line_num + 1
                if row:
                    writer.writerow(row)
                else:
                    out.write("\n")
                if out.tell() > CHUNK // 4:
                    yield out.getvalue().encode("utf-8", "surrogateescape")
                    out.seek(0)
                    out.truncate()
        except csv.Error as error:
            misplaced = "expected after" in str(error)
            what = "is out of place. Double it" if misplaced else "begins there and never ends. Close it"
            raise TableError(f'{self.name}, line {begin}: a quote (") {what} or take it out.') from None
        yield out.getvalue().encode("utf-8", "surrogateescape")

    def _lines(self) -> Iterator[str]:
        rest = b""
        for chunk in self._chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield self._line(line) + "\n"
        if rest:
            yield self._line(rest)

    def _line(self, line: bytes) -> str:
        text = line.decode("utf-8", "surrogateescape")
        return BLANKS.sub("\t", text.strip(" \t")) if self._options.separator == WHITESPACE else text
