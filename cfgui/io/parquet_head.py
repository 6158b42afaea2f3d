"""The schema and the first rows of a Parquet file."""

from __future__ import annotations

from pathlib import Path

from cfgui.io.table_head import Head
from cfgui.io.table_options import TableError, TableOptions

HEAD_ROWS = 50
"""Rows that are looked at."""


def parquet_head(path: Path) -> Head:
    """The first rows as texts, and the names of the columns. Raises TableError where the file is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            batch = next(iter(file.iter_batches(batch_size=HEAD_ROWS)), None)
            names = tuple(str(name) for name in file.schema_arrow.names)
        columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise TableError(f"{path.name} is a damaged Parquet file. Get it or write it again.") from error
    rows = [["" if value is None else _text(value) for value in row] for row in zip(*columns, strict=True)]
    if not rows:
        raise TableError(f"{path.name} has columns but no rows: choose a table with ratings in it.")
    return Head(path.name, rows, TableOptions(kind="parquet"), path.stat().st_size, names=names)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
