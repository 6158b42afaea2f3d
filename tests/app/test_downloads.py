"""Editions as rows of a table, and the words of a download that goes on."""

from __future__ import annotations

from pathlib import Path

from cfgui.app.downloads import COLUMN_TIPS, COLUMNS, DownloadPace, edition_rows
from cfgui.io.table_options import Progress


def test_rows_tell_sizes_and_what_is_here(tmp_path: Path) -> None:
    (tmp_path / "ml-latest-small.zip").write_bytes(b"x")
    (tmp_path / "ml-1m.zip").write_bytes(b"too short to be it")
    rows = {row.edition.id: row for row in edition_rows(tmp_path)}
    assert rows["ml-25m"].cells == ("MovieLens 25M", "2019", "25,000,095", "162,541", "59,047", "262 MB", "")
    assert rows["ml-latest-small"].cells[-2:] == ("978 kB", "yes")
    assert rows["ml-latest"].cells[-2] == "about 351 MB"
    assert rows["ml-1m"].cells[-1] == ""
    assert str(tmp_path / "ml-latest-small.zip") in rows["ml-latest-small"].tip
    assert rows["ml-1m"].tip == "ml-1m: whole stars from 1 to 5."
    assert {len(row.cells) for row in rows.values()} == {len(COLUMNS)} == {len(COLUMN_TIPS)}


def test_a_pace_counts_bytes_and_starts_again_with_the_check() -> None:
    now = [100.0]
    pace = DownloadPace(clock=lambda: now[0])
    assert pace.words() == "Connecting…"
    pace.observe(Progress(0, 200_000_000))
    now[0] += 2.0
    pace.observe(Progress(50_000_000, 200_000_000))
    assert pace.words() == "50 MB of 200 MB · 25 MB/s · 6 s left"
    now[0] += 1.0
    pace.observe(Progress(1_000_000, 800_000_000))
    assert pace.words() == "1.0 MB of 800 MB"
