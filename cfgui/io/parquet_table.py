"""Long tables in Parquet as parsed blocks: ids may be whole numbers or texts, empty cells are left out by row."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfgui.io.arrow_arrays import flags, flags_of, numbers_of
from cfgui.io.awaiting import done_aside
from cfgui.io.compiled_rows import loops
from cfgui.io.id_coding import DIRECT_LIMIT
from cfgui.io.number_text import parse_rating
from cfgui.io.parsed_block import IdColumn, ParsedBlock, compact
from cfgui.io.rejections import RejectionLog
from cfgui.io.row_parser import Tick
from cfgui.io.table_options import TableError, TableOptions
from cfgui.io.text_source import unreadable
from cfgui.io.text_table import ParsedPart

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

BATCH_ROWS = 2**17
"""Rows read at a time."""

COMPILED_FROM = 5_000_000
"""From so many rows on, compiled loops earn the time it takes to load them."""

MAX_ROWS = 2**31
"""More are no table of ratings: a few bytes of Parquet can promise any number of equal rows."""


def n_rows_of(path: Path) -> int:
    """The rows a Parquet file has. Raises TableError."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def parsed_parquet(path: Path, options: TableOptions, tick: Tick) -> Generator[ParsedPart, None, None]:
    """Every row, in order; positions count rows from 1. Raises TableError, and what ``tick`` raises."""
    import pyarrow as pa

    with _opened(path) as file:
        if file.metadata.num_rows >= COMPILED_FROM:
            done_aside(loops, tick)  # ids may come as int32 then
        names = _names(path, file, (options.user, options.movie, options.rating))
        row = 1
        batches = file.iter_batches(BATCH_ROWS, columns=list(names))
        while True:
            tick()
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise _damaged(path) from error
            if batch is None:
                return
            columns = [batch.column(batch.schema.get_field_index(name)) for name in names]
            block = _parsed(path, names, columns, row, options, short=file.metadata.num_rows >= COMPILED_FROM)
            row += batch.num_rows
            yield ParsedPart([block], row - 1)


def _opened(path: Path) -> parquet.ParquetFile:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path, pre_buffer=False)
    except pa.ArrowException as error:
        raise _damaged(path) from error
    except OSError as error:
        if error.errno:
            raise unreadable(path, error) from error
        raise _damaged(path) from error
    if file.metadata.num_rows > MAX_ROWS:
        file.close()
        raise TableError(f"{path.name} has {file.metadata.num_rows:,} rows, too many to open: open a part of it.")
    return file


def _damaged(path: Path) -> TableError:
    return TableError(f"{path.name} is damaged: it cannot be read as Parquet; fetch or write the file again.")


def _names(path: Path, file: parquet.ParquetFile, places: tuple[int, ...]) -> tuple[str, ...]:
    names = list(file.schema_arrow.names)
    if max(places) >= len(names):
        raise TableError(f"{path.name} has only {len(names)} columns: choose among {', '.join(names)[:200]}.")
    chosen = tuple(names[place] for place in places)
    for name in chosen:
        if names.count(name) > 1:
            raise TableError(f'{path.name} has two columns named "{name}": rename one of them.')
    return chosen


def _parsed(
    path: Path, names: tuple[str, ...], columns: list[pa.Array], first_row: int, options: TableOptions, *, short: bool
) -> ParsedBlock:
    users = _id_texts(path, names[0], columns[0])
    movies = _id_texts(path, names[1], columns[1])
    values, reasons = _values(path, names[2], columns[2], options)
    bad = [_bad(column) for column in (users, movies)]
    wrong = bad[0] | bad[1]
    wrong[list(reasons)] = True
    rejected = RejectionLog()
    for row in np.flatnonzero(wrong).tolist():
        reason = "missing_user" if bad[0][row] else "missing_movie" if bad[1][row] else reasons[row]
        text = columns[2][row].as_py() if reason.startswith("rating") else ""
        rejected.add(first_row + row, reason, str(text))
    good = ~wrong
    lines = None if good.all() else np.flatnonzero(good) + first_row
    return ParsedBlock(
        _id_column(users, good, short=short),
        _id_column(movies, good, short=short),
        compact(values[good]),
        first_row,
        lines,
        rejected,
    )


def _id_texts(path: Path, name: str, column: pa.Array) -> pa.Array:
    """The ids as whole numbers or texts. Raises TableError for a column that holds neither."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        return _id_texts(path, name, column.dictionary_decode())
    if types.is_integer(kind):
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # uint64 above the half
            return column.cast(pa.string())
    if types.is_floating(kind):
        return _float_ids(column)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return column.cast(pa.string())
    raise TableError(f'{path.name}: the column "{name}" holds {kind}, which are no ids; choose another column.')


def _float_ids(column: pa.Array) -> pa.Array:
    """Ids that are floats, as pandas makes whole numbers where one is missing: NaN is null, 7.0 is "7" in any batch."""
    import pyarrow as pa
    from pyarrow import compute

    column = column.cast(pa.float64())
    column = compute.if_else(compute.is_nan(column), pa.scalar(None, pa.float64()), column)
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        encoded = column.dictionary_encode()
        texts = [_float_text(number) for number in encoded.dictionary.to_pylist()]
        return pa.array(texts, pa.string()).take(encoded.indices)


def _float_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 2**63 else repr(number)


def _bad(column: pa.Array) -> NDArray[np.bool_]:
    """Where an id is missing or blank."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_integer(column.type) and not column.null_count:
        return np.zeros(len(column), dtype=np.bool_)
    missing = flags_of(column.is_null())
    if pa.types.is_string(column.type):
        lengths = compute.binary_length(compute.utf8_trim_whitespace(column))
        missing |= numbers_of(lengths, np.int32) == 0
    return missing


def _id_column(column: pa.Array, good: NDArray[np.bool_], *, short: bool) -> IdColumn:
    """The ids of the good rows, as int32 where that is wished and possible."""
    import pyarrow as pa
    from pyarrow import compute

    if not good.all():
        column = column.filter(flags(good))
    if pa.types.is_integer(column.type):
        numbers = numbers_of(column, np.int64)
        if len(numbers) and int(numbers.min()) >= 0 and int(numbers.max()) < DIRECT_LIMIT:
            return IdColumn(numbers=numbers.astype(np.int32) if short else numbers)
    encoded = compute.dictionary_encode(column)
    texts = [str(item) for item in encoded.dictionary.to_pylist()]
    return IdColumn(texts=texts, codes=numbers_of(encoded.indices, np.int32))


def _values(
    path: Path, name: str, column: pa.Array, options: TableOptions
) -> tuple[NDArray[np.float64], dict[int, str]]:
    """(values, reasons against some of them by row)."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        return _values(path, name, column.dictionary_decode(), options)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        parsed = [parse_rating(text or "", options.decimal) for text in column.to_pylist()]
        reasons = {row: item for row, item in enumerate(parsed) if isinstance(item, str)}
        return np.array([0.0 if isinstance(item, str) else item for item in parsed], dtype=np.float64), reasons
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind)):
        raise TableError(f'{path.name}: the column "{name}" holds {kind}, which are no ratings; choose another column.')
    missing = flags_of(column.is_null())
    values: NDArray[np.float64] = numbers_of(column.cast(pa.float64(), safe=False), np.float64)
    reasons = dict.fromkeys(np.flatnonzero(~np.isfinite(values)).tolist(), "rating_not_finite")
    return values, reasons | dict.fromkeys(np.flatnonzero(missing).tolist(), "missing_rating")
