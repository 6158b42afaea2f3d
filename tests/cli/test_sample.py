"""``cfgui sample``: the table it writes, read back by other means."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pyarrow.parquet
import pytest

from cfgui import cli
from cfgui.io.child import Cancelled

WORDS = ["--users", "40", "--movies", "30", "--ratings", "300"]


def rows(path: Path) -> list[tuple[str, ...]]:
    """(user, movie, rating) texts of a table."""
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path, columns=["userId", "movieId", "rating"])
        return [tuple(map(str, row.values())) for row in table.to_pylist()]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    header, *lines = csv.reader(content.decode().splitlines())
    assert header[:3] == ["userId", "movieId", "rating"]
    return [tuple(line[:3]) for line in lines]


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "OUT.parquet"])
def test_it_has_the_numbers_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    path = tmp_path / name
    assert cli.main(["sample", *WORDS, "--seed", "7", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}: 40 users x 30 movies, 300 ratings\n"
    found = rows(path)
    assert len(found) == len({row[:2] for row in found}) == 300
    assert (len({row[0] for row in found}), len({row[1] for row in found})) == (40, 30)
    assert {float(row[2]) * 2 for row in found} <= set(range(1, 11))


def test_the_seed_decides(tmp_path: Path) -> None:
    for name, seed in (("a.csv", "1"), ("b.csv", "1"), ("c.csv", "2")):
        assert cli.main(["sample", *WORDS, "--seed", seed, str(tmp_path / name)]) == 0
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv"))
    assert a == b != c


def test_numbers_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sample", "--users", "3", "--movies", "2", "--ratings", "7", str(tmp_path / "out.csv")]
    assert cli.main(words) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cfgui: ")
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_folder_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sample", *WORDS, str(tmp_path / "no" / "out.csv")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_cancelling_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_arguments: object, **_more: object) -> None:
        raise Cancelled

    monkeypatch.setattr("cfgui.io.synthetic.write_synthetic", cancelled)
    assert cli.main(["sample", *WORDS, str(tmp_path / "out.csv")]) == 130
    assert capsys.readouterr().err == "cfgui: interrupted.\n"
    assert list(tmp_path.iterdir()) == []
