"""The readers that ``benchmarks.reading`` compares, each run alone in a fresh process.

    python -m benchmarks.readers NAME FILE

prints JSON: seconds to load its libraries, to read the three columns, and to code the ids to indices in the order of
their first appearance (cfgui's reading includes it), and the peak of memory of the whole process in bytes. The peers
are told that ids are 32-bit numbers and ratings float32; cfgui is told the columns and finds the rest out by itself,
checks every row, sorts, and looks for repeated pairs.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

COLUMNS = ("userId", "movieId", "rating")

Stages = Iterator[None]


def cfgui_table(path: Path) -> Stages:
    """``read_long``, with its compiled loops and pyarrow loaded beforehand."""
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401

    from cfgui.io.compiled_rows import loops
    from cfgui.io.long_table import read_long
    from cfgui.io.table_options import TableOptions

    loops()
    yield
    read_long(path, TableOptions(kind="parquet" if path.suffix == ".parquet" else "text"))
    yield


def cfgui_cached(path: Path) -> Stages:
    """The second open: ``load_cached``."""
    from cfgui.io.table_cache import load_cached
    from cfgui.io.table_options import TableOptions

    yield
    if load_cached(path, TableOptions()) is None:
        raise SystemExit("not in the cache")
    yield


def store_in_cache(path: Path) -> Stages:
    """The first open, which fills the cache; not measured."""
    from cfgui.io.table_cache import read_long_cached
    from cfgui.io.table_options import TableOptions

    yield
    read_long_cached(path, TableOptions())
    yield


def pandas_csv(path: Path) -> Stages:
    """The C engine with types, and ``factorize``."""
    import pandas

    yield
    types = {"userId": "int32", "movieId": "int32", "rating": "float32"}
    table = pandas.read_csv(path, usecols=list(COLUMNS), dtype=types)
    yield
    for column in COLUMNS[:2]:
        pandas.factorize(table[column])


def polars_csv(path: Path) -> Stages:
    """``read_csv`` with types, and the place of each id in the distinct ones."""
    import polars

    yield
    types = {"userId": polars.Int32, "movieId": polars.Int32, "rating": polars.Float32}
    table = polars.read_csv(path, columns=list(COLUMNS), schema_overrides=types)
    yield
    for column in COLUMNS[:2]:
        distinct = table[column].unique(maintain_order=True)
        table[column].replace_strict(distinct, polars.int_range(len(distinct), eager=True, dtype=polars.UInt32))


def pyarrow_csv(path: Path) -> Stages:
    """``pyarrow.csv.read_csv`` with types, and ``dictionary_encode``."""
    import pyarrow as pa
    from pyarrow import csv

    yield
    types = {"userId": pa.int32(), "movieId": pa.int32(), "rating": pa.float32()}
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(include_columns=list(COLUMNS), column_types=types))
    yield
    for column in COLUMNS[:2]:
        table[column].dictionary_encode()


READERS: dict[str, Callable[[Path], Stages]] = {
    "cfgui": cfgui_table,
    "cfgui cached": cfgui_cached,
    "pandas": pandas_csv,
    "polars": polars_csv,
    "pyarrow.csv": pyarrow_csv,
    "store": store_in_cache,
}


def main() -> None:
    """Run one reader and print its figures."""
    stages = READERS[sys.argv[1]](Path(sys.argv[2]))
    marks = [time.perf_counter(), *(time.perf_counter() for _ in stages), time.perf_counter()]
    load, read, code = (end - start for start, end in itertools.pairwise(marks))
    print(json.dumps({"load": load, "read": read, "code": code, "peak": peak_memory()}))


def peak_memory() -> int:
    """The most memory this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would be that of the process which started this one, if that was larger
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
