"""The bytes of a text table as blocks of whole lines in UTF-8, whatever its encoding, packed or not."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from cfgui.io.gzip_limit import check_unpacked
from cfgui.io.table_options import TableError, TableOptions

BLOCK_BYTES = 2 * 2**20
"""What is read at a time."""

MAX_LINE_BYTES = 16 * 2**20
"""A longer line is no line of a table."""

_COUNTED_BYTES = 2**17
_NEWLINE = ord("\n")
_BAD = "cfgui.bad-bytes"
_BAD_MARK = "\udcff"


@dataclass(frozen=True)
class TextBlock:
    """Whole lines of UTF-8 text; ``position`` is how far the file has been read, in bytes of the file."""

    data: bytes
    position: int


@dataclass(frozen=True)
class FileState:
    """What tells that a file has been written to."""

    n_bytes: int
    modified_ns: int
    inode: int


def file_state(path: Path) -> FileState:
    """How the file stands now. Raises TableError where it cannot be looked at."""
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino)


def check_unchanged(path: Path, before: FileState) -> None:
    """Raise TableError when the file is not what it was."""
    if file_state(path) != before:
        raise TableError(f"{path.name} changed while it was being read: open it again.")


def unreadable(path: Path, error: Exception) -> TableError:
    """The sentence for a file that the system does not give."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return TableError(f"{path.name} cannot be read ({reason}): check that it is there and that you may read it.")


def text_blocks(path: Path, options: TableOptions) -> Iterator[TextBlock]:
    """The file from its first byte to its last; a block ends where a line ends, the last one where the file does.

    A mark at the start (BOM) is left out; bytes that are no text in the encoding stay, or become, bytes that are no
    UTF-8. Raises TableError for an unknown encoding, damaged gzip data, zero bytes, and endless lines.
    """
    decode = _decoder(path, options.encoding)
    rest = b""
    is_first = True
    for chunk, position in _chunks(path, options.gzipped, BLOCK_BYTES):
        text = decode(chunk, not chunk)
        if is_first and text:
            text, is_first = text.removeprefix(codecs.BOM_UTF8), False
        if b"\0" in text:
            raise TableError(f"{path.name} is no text table, it holds binary data: choose another file or encoding.")
        end = _last_line_end(text) if chunk else len(text)
        if end < 0:
            rest += text
            if len(rest) > MAX_LINE_BYTES:
                raise TableError(f"{path.name} is no table: it has a line of over {MAX_LINE_BYTES // 2**20} MB.")
            continue
        # memoryview: the lines are copied once, not twice
        data = b"".join([rest, memoryview(text)[:end]])
        rest = text[end:]
        if data:
            yield TextBlock(data, position)


def _chunks(path: Path, gzipped: bool, size: int) -> Iterator[tuple[bytes, int]]:
    """(bytes, position in the file), and at the end (b"", position)."""
    try:
        n_unpacked, n_packed = 0, path.stat().st_size
        with path.open("rb", buffering=0) as raw, _unpacked(raw, gzipped) as stream:
            while True:
                chunk = stream.read(size)
                n_unpacked += len(chunk)
                if gzipped:
                    check_unpacked(path.name, n_unpacked, n_packed)
                yield chunk, raw.tell()
                if not chunk:
                    return
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TableError(f"{path.name} is damaged: its gzip data cannot be unpacked; fetch the file again.") from error
    except OSError as error:
        raise unreadable(path, error) from error


@contextlib.contextmanager
def _unpacked(raw: IO[bytes], gzipped: bool) -> Iterator[IO[bytes]]:
    if gzipped:
        with gzip.GzipFile(fileobj=raw, mode="rb") as stream:
            yield stream  # type: ignore[misc]
    else:
        yield raw


def _last_line_end(text: bytes) -> int:
    """Just behind the last line end that is surely whole, -1 where there is none."""
    end = text.rfind(b"\n")
    if end < 0:
        end = text.rfind(b"\r", 0, len(text) - 1)  # one at the very end may be half of two
        if end >= 0 and text[end + 1 : end + 2] == b"\n":
            return -1
    return end + 1 if end >= 0 else -1


def _decoder(path: Path, encoding: str) -> Callable[[bytes, bool], bytes]:
    """A function of (bytes, whether they are the last) that gives them in UTF-8."""
    try:
        name = codecs.lookup(encoding).name
        b"".decode(encoding)
    except (LookupError, ValueError) as error:
        raise TableError(f"{path.name}: there is no text encoding {encoding}; choose another, as utf-8.") from error
    if name in {"utf-8", "utf-8-sig", "ascii"}:
        return lambda chunk, _last: chunk
    codecs.register_error(_BAD, _mark_bad)
    decoder = codecs.getincrementaldecoder(name)(_BAD)
    keeps_ascii = _is_single_byte(name)

    def decode(chunk: bytes, last: bool) -> bytes:
        if keeps_ascii and chunk.isascii():
            return chunk
        try:
            return decoder.decode(chunk, last).encode("utf-8", "surrogatepass")
        except UnicodeError as error:  # utf-16 without a mark where one is due
            raise TableError(f"{path.name} is no {encoding} text: choose another encoding.") from error

    return decode


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BAD_MARK, error.end


def _is_single_byte(name: str) -> bool:
    """Whether each byte is a character by itself, and each ASCII byte its own."""
    alone = [bytes([byte]).decode(name, "replace") for byte in range(256)]
    whole = bytes(range(256)).decode(name, "replace")
    return "".join(alone) == whole and len(whole) == 256 and whole[:128] == bytes(range(128)).decode("ascii")


def line_ends(data: bytes) -> int:
    """How many lines end in ``data``, which does not break off between a return and a newline."""
    # numpy counts four times as fast as bytes.count, as long as what it compares stays in the cache.
    text = np.frombuffer(data, dtype=np.uint8)
    slices = (text[start : start + _COUNTED_BYTES] for start in range(0, len(text), _COUNTED_BYTES))
    n_newlines = sum(int(np.count_nonzero(part == _NEWLINE)) for part in slices)
    return n_newlines + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else n_newlines


def line_starts(data: bytes) -> int:
    """How many lines begin in ``data``, the last of which need not end."""
    return line_ends(data) + (len(data) > 0 and data[-1:] not in {b"\n", b"\r"})
