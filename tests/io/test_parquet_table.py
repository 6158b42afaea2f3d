"""Long tables in Parquet."""

from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from cfgui.io import parquet_table
from cfgui.io.long_table import read_long
from cfgui.io.table_options import TableError, TableOptions
from tests.io.long_tables import rejected, triples


def read(folder, columns, **options):
    path = folder / "t.parquet"
    parquet.write_table(pa.table(columns), path)
    return read_long(path, TableOptions(kind="parquet", **options))


@pytest.mark.parametrize(
    ("users", "ids"),
    [
        (pa.array([5, 3, 5]), ("5", "3")),
        (pa.array([5, 3, 5], pa.uint8()), ("5", "3")),
        (pa.array([-5, 9007199254740993, -5]), ("-5", "9007199254740993")),
        (pa.array([2**64 - 1, 3, 2**64 - 1], pa.uint64()), ("18446744073709551615", "3")),
        (pa.array(["07", "7", "07"]), ("07", "7")),
        (pa.array(["07", "7", "07"]).dictionary_encode(), ("07", "7")),
        (pa.array(["07", " 7", "07"], pa.large_string()), ("07", " 7")),
        (pa.array([5.0, 3.0, 5.0]), ("5", "3")),
    ],
)
def test_each_kind_of_id(tmp_path, users, ids):
    ratings, report = read(tmp_path, {"u": users, "m": ["a", "b", "b"], "r": [1.0, 2.5, 3.0]})
    assert ratings.user_ids == ids
    assert triples(ratings) == {(ids[0], "a"): 1.0, (ids[1], "b"): 2.5, (ids[0], "b"): 3.0}
    assert (report.format, report.encoding, report.n_rows) == ("Parquet, one rating a row", "", 3)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, 4], pa.int8()),
        pa.array([1.0, 4.0], pa.float32()),
        pa.array([Decimal("1.0"), Decimal("4.0")]),
        pa.array(["1", "4.0"]),
    ],
)
def test_each_kind_of_rating(tmp_path, values):
    ratings, _ = read(tmp_path, {"r": values, "m": [7, 8], "u": [1, 1]}, user=2, movie=1, rating=0)
    assert triples(ratings) == {("1", "7"): 1.0, ("1", "8"): 4.0}


def test_rows_left_out_keep_their_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 2)
    columns = {
        "u": [None, 1, 1, 1, 2, 2],
        "m": ["a", None, " ", "a", "a", "b"],
        "r": [1.0, 1.0, 1.0, None, float("nan"), 4.5],
    }
    ratings, report = read(tmp_path, columns)
    assert triples(ratings) == {("2", "b"): 4.5}
    assert rejected(report) == {
        "missing_user": [1],
        "missing_movie": [2, 3],
        "missing_rating": [4],
        "rating_not_finite": [5],
    }
    _, report = read(tmp_path, {"u": [1, 1], "m": [1, 2], "r": ["5 stars", "3"]})
    assert rejected(report) == {"rating_not_a_number": [1]}
    assert report.rejected[0].example == "5 stars"


def test_refusals(tmp_path):
    with pytest.raises(TableError, match='movie "2" by user "1" twice, in rows 1 and 3'):
        read(tmp_path, {"u": [1, 1, 1], "m": [2, 3, 2], "r": [1, 2, 3]}, duplicates="refuse")
    with pytest.raises(TableError, match='column "r" holds bool, which are no ratings'):
        read(tmp_path, {"u": [1], "m": [2], "r": [True]})
    with pytest.raises(TableError, match='column "u" holds bool, which are no ids'):
        read(tmp_path, {"u": [True], "m": [2], "r": [1]})
    with pytest.raises(TableError, match="has only 2 columns: choose among u, m"):
        read(tmp_path, {"u": [1], "m": [2]})
    with pytest.raises(TableError, match="has no ratings"):
        read(tmp_path, {"u": [1], "m": [2], "r": pa.array([None], pa.float64())})
    path = tmp_path / "t.parquet"
    for data in (b"", b"PAR1", path.read_bytes()[:-20], b"PAR1" + b"x" * 50 + b"PAR1"):
        path.write_bytes(data)
        with pytest.raises(TableError, match=r"^t\.parquet is damaged"):
            read_long(path, TableOptions(kind="parquet"))


def test_ids_that_are_floats_are_one_user_in_every_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 2)
    users = pa.array([123456789012.0, 7.0, 123456789012.0, 2.5, float("nan"), None])
    ratings, report = read(tmp_path, {"u": users, "m": ["a", "a", "b", "a", "a", "a"], "r": [1.0] * 6})
    assert ratings.user_ids == ("123456789012", "7", "2.5")
    assert rejected(report) == {"missing_user": [5, 6]}
