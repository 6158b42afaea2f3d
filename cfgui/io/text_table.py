"""A text table as parsed blocks in the order of the file: fast where that is sure, row by row where it is not."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from cfgui.io.awaiting import awaited, done_aside
from cfgui.io.child import Cancelled as WorkCancelled
from cfgui.io.clean_parser import parse_clean_block
from cfgui.io.column_parser import parse_columns, quotes_are_regular
from cfgui.io.compiled_rows import Loops, loops
from cfgui.io.parsed_block import ParsedBlock
from cfgui.io.row_parser import MAX_FIELD, OpenQuote, Tick, parse_rows
from cfgui.io.table_options import TableError, TableOptions
from cfgui.io.text_head import TextHead, text_head
from cfgui.io.text_shape import TextShape
from cfgui.io.text_source import MAX_LINE_BYTES, file_state, line_ends, line_starts, text_blocks

PIECE_BYTES = 2**16
"""A block that the fast parser refuses is tried again in pieces of this size, so that one odd row costs little."""

COMPILED_ABOVE = 2**27
"""From so many bytes on, unpacked, the compiled parser earns the time it takes to load."""

_PACKED = 4  # so much smaller gzip makes a table of ratings
_WAITING_BLOCKS = 3
_BREATH_SECONDS = 0.0005
_ONE_BY_ONE = threading.Lock()
"""Two threads of Python take no less time than one, but keep a third, the window's, waiting longer."""


@dataclass(frozen=True, eq=False)
class ParsedPart:
    """What was parsed of one block, and how far into the file it reaches, in bytes."""

    blocks: list[ParsedBlock]
    position: int


def parsed_text(path: Path, options: TableOptions, tick: Tick, workers: Executor) -> Generator[ParsedPart, None, None]:
    """Every row of the file, in order, parsed by ``workers``, which are left alone once this is closed.

    ``tick`` is called in this thread, at least 20 times a second, and may raise. Raises TableError.
    """
    stop = threading.Event()
    waiting: deque[tuple[Future[list[ParsedBlock]], int]] = deque()
    try:
        compiled = _compiled(path, options, tick)
        for job in _jobs(path, options, tick):
            waiting.append((workers.submit(job.run, stop, compiled), job.position))
            while len(waiting) > _WAITING_BLOCKS:
                future, position = waiting.popleft()
                yield ParsedPart(awaited(future, tick), position)
        while waiting:
            future, position = waiting.popleft()
            yield ParsedPart(awaited(future, tick), position)
    except OpenQuote as error:
        raise TableError(
            f"{path.name} has a quote in line {error.line} that is not closed where a field ends, or a field of"
            f" over {MAX_FIELD:,} characters: mend that line."
        ) from error
    finally:
        stop.set()


def _compiled(path: Path, options: TableOptions, tick: Tick) -> Loops | None:
    """The compiled parser where the file is worth it."""
    if file_state(path).n_bytes * (_PACKED if options.gzipped else 1) < COMPILED_ABOVE:
        return None
    return done_aside(loops, tick)


@dataclass(frozen=True, eq=False)
class _Job:
    """A block of rows on its way through a worker; ``done`` where it has been parsed already."""

    data: bytes
    shape: TextShape
    line: int
    n_lines: int
    position: int
    has_quotes: bool
    done: ParsedBlock | None = None

    def run(self, stop: threading.Event, compiled: Loops | None) -> list[ParsedBlock]:
        """Parse it. Raises Cancelled when ``stop`` is set."""
        if self.done is not None:
            return [self.done]
        block = None
        if compiled is not None and not self.has_quotes:
            block = parse_clean_block(self.data, self.shape, self.line, self.n_lines, compiled)
        if block is None:
            block = parse_columns(self.data, self.shape, self.line, self.n_lines)
        return list(self._in_pieces(stop)) if block is None else [block]

    def _in_pieces(self, stop: threading.Event) -> Iterator[ParsedBlock]:
        line, start = self.line, 0
        while start < len(self.data):
            _breathe(stop)
            end = self.data.find(b"\n", start + PIECE_BYTES) + 1 or len(self.data)
            piece = self.data[start:end]
            n_lines = line_starts(piece)
            block = parse_columns(piece, self.shape, line, n_lines) if len(self.data) > PIECE_BYTES else None
            if block is None:
                with _ONE_BY_ONE:
                    block = parse_rows(piece, self.shape, line, lambda: _breathe(stop))[0]
            yield block
            line += n_lines
            start = end


def _breathe(stop: threading.Event) -> None:
    """Let the window have the interpreter for a moment: it waits 5 ms for it otherwise, each time it needs it."""
    if stop.is_set():
        raise WorkCancelled
    time.sleep(_BREATH_SECONDS)


def _jobs(path: Path, options: TableOptions, tick: Tick) -> Iterator[_Job]:
    """The rows of the file in blocks that begin and end where rows do."""
    head: TextHead | None = None
    line, rest, is_empty = 1, b"", True
    for block in text_blocks(path, options):
        data = rest + block.data if rest else block.data
        rest = b""
        if head is None:
            tick()
            if not data.strip():
                line += line_ends(data)
                continue
            head = text_head(path.name, data, options, line, last=False)
            if head is None:
                rest, is_empty = _head_so_far(path, data), False
                continue
            data, line = data[head.n_bytes :], line + head.n_lines
        job, rest = _job(data, head.shape, line, block.position, tick)
        line += job.n_lines
        yield job
    if head is None:
        text_head(path.name, rest, options, line, last=True)
        raise TableError(
            f"{path.name} is empty: choose a file with one rating a line."
            if is_empty
            else f"{path.name} has a header and no ratings: choose a file with one rating a line."
        )
    if rest:
        raise OpenQuote(line)


def _head_so_far(path: Path, data: bytes) -> bytes:
    """What has to be looked at again with the next block."""
    if len(data) > MAX_LINE_BYTES:
        raise TableError(f"{path.name} has no ratings in its first {MAX_LINE_BYTES // 2**20} MB: choose another file.")
    return data


def _job(data: bytes, shape: TextShape, line: int, position: int, tick: Tick) -> tuple[_Job, bytes]:
    """A block and the bytes at its end that belong to a row of the next one."""
    has_quotes = b'"' in data
    if not (has_quotes and shape.quoted) or quotes_are_regular(data, shape.separator):
        return _Job(data, shape, line, line_starts(data), position, has_quotes), b""

    def breathe() -> None:
        tick()
        time.sleep(_BREATH_SECONDS)

    # Only a look at each row tells where the last one ends, and the next block has to wait for that.
    parsed, n_left = parse_rows(data, shape, line, breathe)
    rest = data[len(data) - n_left :]
    n_lines = line_starts(data[: len(data) - n_left])
    if n_left > 4 * MAX_FIELD:
        raise OpenQuote(line + n_lines)
    return _Job(b"", shape, line, n_lines, position, has_quotes, parsed), rest
