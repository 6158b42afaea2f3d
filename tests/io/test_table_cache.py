"""The cache of tables: the same again, and never anything else."""

import os
from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.core.ratings import Ratings
from cfgui.io import table_cache
from cfgui.io.child import Cancelled
from cfgui.io.table_cache import load_cached, read_long_cached, store, tables_folder
from cfgui.io.table_options import TableOptions

OPTIONS = TableOptions(header=False)
REPORT = ImportReport(
    "t.csv",
    "CSV, one rating a line",
    "utf-8",
    5,
    1,
    "last",
    (RejectedRows("missing_user", 1, np.array([3]), "x"),),
    ("a",),
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The cache of this test alone, which takes small tables too."""
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(table_cache, "CACHED_ABOVE", 0)
    return tmp_path / "cache" / "tables"


@pytest.fixture
def table(tmp_path):
    """A file that was written some time ago."""
    return aged(tmp_path / "t.csv", "a,07,1\na,7,2\nNA,7,3.7\n")


def aged(path, text):
    path.write_text(text)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def ratings(titles=None, genres=None):
    return Ratings(
        ("a", "NA"),
        ("07", "7"),
        np.array([0, 0, 1], dtype=np.int32),
        np.array([0, 1, 1], dtype=np.int32),
        np.array([1.0, 2.0, 3.7]),
        titles or {},
        genres or {},
    )


def assert_same(found, expected):
    assert (found.user_ids, found.movie_ids) == (expected.user_ids, expected.movie_ids)
    for name in ("users", "movies", "values"):
        array = getattr(found, name)
        assert array.dtype == getattr(expected, name).dtype
        assert array.tolist() == getattr(expected, name).tolist()
    assert (found.titles, found.genres) == (expected.titles, expected.genres)


def test_what_was_stored_comes_back(folder, table):
    assert load_cached(table, OPTIONS) is None
    given = ratings({"7": "Zoë, the movie", "8": "unrated"}, {"7": "Drama|War"})
    store(table, OPTIONS, given, REPORT)
    found, report = load_cached(table, OPTIONS)
    assert_same(found, given)
    assert report.rejected[0].lines.tolist() == [3]
    assert replace(report, rejected=()) == replace(REPORT, rejected=()) or report.remarks == REPORT.remarks
    assert tables_folder() == folder


def test_the_second_read_takes_the_cache(folder, table, monkeypatch):
    first, _ = read_long_cached(table, OPTIONS)
    monkeypatch.setattr(table_cache, "read_long", lambda *_args, **_names: pytest.fail("read again"))
    second, report = read_long_cached(table, OPTIONS)
    assert_same(second, first)
    assert (report.n_rows, report.file) == (3, "t.csv")


@pytest.mark.parametrize("change", ["options", "text", "time", "version"])
def test_anything_else_is_not_taken(folder, table, monkeypatch, change):
    store(table, OPTIONS, ratings(), REPORT)
    options = replace(OPTIONS, duplicates="mean") if change == "options" else OPTIONS
    if change == "text":
        aged(table, "a,07,1\n")
    if change == "time":
        os.utime(table, (1_000_000_001, 1_000_000_001))
    if change == "version":
        monkeypatch.setattr(table_cache, "_VERSION", table_cache._VERSION + 1)
    assert load_cached(table, options) is None


def test_a_link_is_the_file_behind_it(folder, table, tmp_path):
    store(table, OPTIONS, ratings(), REPORT)
    link = tmp_path / "link.csv"
    link.symlink_to(table)
    assert load_cached(link, OPTIONS) is not None


def test_damage_is_found_and_removed(folder, table):
    store(table, OPTIONS, ratings(), REPORT)
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    for data in (b"", whole[: len(whole) // 2], b"x" * len(whole)):
        entry.write_bytes(data)
        assert load_cached(table, OPTIONS) is None
        assert not entry.exists()
    for place in range(0, len(whole), 97):
        entry.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        found = load_cached(table, OPTIONS)
        if found is not None:  # a byte that means nothing, as the time of a member
            assert_same(found[0], ratings())


def test_an_index_out_of_range_is_damage(folder, table):
    bad = Ratings(
        ("a",), ("07",), np.array([0, 0], dtype=np.int32), np.array([0, 1], dtype=np.int32), np.array([1.0, 2.0])
    )
    store(table, OPTIONS, bad, REPORT)
    assert len(list(folder.iterdir())) == 1
    assert load_cached(table, OPTIONS) is None
    assert list(folder.iterdir()) == []


def test_small_tables_and_files_just_written_are_not_kept(folder, table, monkeypatch):
    os.utime(table)
    store(table, OPTIONS, ratings(), REPORT)
    os.utime(table, (1_000_000_000, 1_000_000_000))
    monkeypatch.setattr(table_cache, "CACHED_ABOVE", 3)
    store(table, OPTIONS, ratings(), REPORT)
    assert not folder.exists()


def test_the_oldest_make_room(folder, table, tmp_path, monkeypatch):
    tables = [aged(tmp_path / f"{number}.csv", "a,1,2\n") for number in range(3)]
    for number, path in enumerate(tables[:2]):
        store(path, OPTIONS, ratings(), REPORT)
        newest = max(folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
        os.utime(newest, (1_500_000_000 + number,) * 2)
    stale = folder / "left.part"
    aged(stale, "")
    monkeypatch.setattr(table_cache, "MAX_CACHE_BYTES", int(newest.stat().st_size * 2.5))
    store(tables[2], OPTIONS, ratings(), REPORT)
    assert [load_cached(path, OPTIONS) is not None for path in tables] == [False, True, True]
    assert not stale.exists()


def test_a_disk_that_refuses_does_not_fail_the_read(folder, table):
    folder.parent.write_text("no folder")
    found, _ = read_long_cached(table, OPTIONS)
    assert found.n_ratings == 3


def test_cancel_leaves_nothing(folder, table):
    with pytest.raises(Cancelled):
        store(table, OPTIONS, ratings(), REPORT, cancelled=lambda: True)
    assert list(folder.iterdir()) == []
    store(table, OPTIONS, ratings(), REPORT)
    with pytest.raises(Cancelled):
        load_cached(table, OPTIONS, cancelled=lambda: True)
    assert load_cached(table, OPTIONS) is not None
