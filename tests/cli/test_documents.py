"""``cfgui info``, ``export`` and ``verify``; and what they say about bad input."""

from __future__ import annotations

import dataclasses
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from cfgui import cli
from cfgui.cli.documents import facts
from cfgui.cli.output import print_json
from cfgui.core.ratings import Ratings
from cfgui.io.sample import sample_document
from cfgui.io.workbook_import import read_workbook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a workbook."""
    path = tmp_path_factory.mktemp("books") / "sample.xlsx"
    assert cli.main(["export", str(path)]) == 0
    return path


def sentence(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr with which a command fails."""
    assert cli.main(list(words)) == 1
    printed = capsys.readouterr()  # verify prints its failed check, nothing else has a result to print
    assert (printed.out == "") is (words[0] != "verify")
    (line,) = printed.err.splitlines()
    assert "Traceback" not in line
    return line


def test_info_as_json(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    assert cli.main(["info", str(book), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    keys = [
        "n_users",
        "n_movies",
        "n_ratings",
        "n_users_with_facts",
        "density",
        "rating_min",
        "rating_max",
        "rating_mean",
        "duplicates",
        "rejected",
        "format",
        "encoding",
        "n_factors",
        "rmse",
        "active",
        "remarks",
    ]
    assert list(found) == keys
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (15, 15, 206)
    assert found["density"] == pytest.approx(206 / 225)
    assert (found["rating_min"], found["rating_max"]) == (1.0, 5.0)
    assert found["rating_mean"] == pytest.approx(sum(sample_document().ratings.values.tolist()) / 206)
    assert found["n_factors"] == {"dot": 5, "bias": 5}
    assert found["rmse"]["dot"] == pytest.approx(2.8060620616483134, abs=1e-13)
    assert found["rmse"]["bias"] == pytest.approx(2.018003803304626, abs=1e-13)
    assert found["active"] == "dot"
    assert (found["duplicates"], found["rejected"], found["encoding"]) == (0, {}, None)
    assert found["format"] == "Excel workbook"


def test_info_in_words(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    assert cli.main(["info", str(book)]) == 0
    text = capsys.readouterr().out
    assert "15 users x 15 movies, 206 ratings: 91.6% of all cells" in text
    assert "ratings 1 to 5, mean " in text
    assert "dot: 5 factors, RMSE 2.80606206164831" in text
    assert "(active)" in text


def test_info_of_the_original(capsys: pytest.CaptureFixture[str], shared: Path) -> None:
    assert cli.main(["info", str(shared / "reference" / "collab_filter_2016.xlsx"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_ratings"] == 206
    assert found["rmse"]["dot"] == pytest.approx(2.8060620616483134, abs=1e-12)


def test_facts_without_ratings_have_no_numbers_to_invent(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Ratings.from_crosstab(["1"], ["2"], np.zeros((1, 1)), np.zeros((1, 1), dtype=bool))
    factors = {name: own.view_of(own.flat()) for name, own in sample_document().factors.items()}
    print_json(facts(dataclasses.replace(sample_document(), ratings=nothing, factors=factors)))
    found = json.loads(capsys.readouterr().out)
    assert (found["rating_mean"], found["rmse"]["dot"]) == (None, None)


def test_export_is_the_identity(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "again.xlsx"
    assert cli.main(["export", str(book), str(out)]) == 0
    assert f"wrote {out}" in capsys.readouterr().out
    first, again = read_workbook(book), read_workbook(out)
    for model in ("dot", "bias"):
        assert again.factors[model].equals(first.factors[model])
    assert np.array_equal(again.ratings.crosstab, sample_document().ratings.crosstab)


def test_values_only_has_no_formulas(tmp_path: Path) -> None:
    out = tmp_path / "values.xlsx"
    assert cli.main(["export", "--values-only", str(out)]) == 0
    with zipfile.ZipFile(out) as archive:
        assert all(b"<f>" not in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
    assert read_workbook(out).factors["dot"].equals(sample_document().factors["dot"])


def test_only_the_top_users_and_movies(tmp_path: Path) -> None:
    out = tmp_path / "top.xlsx"
    assert cli.main(["export", str(out), "--top-users", "14", "--top-movies", "3"]) == 0
    ratings, whole = read_workbook(out).ratings, sample_document().ratings
    rated = whole.rated.sum(axis=1)
    assert len(ratings.user_ids) == 14
    assert set(whole.user_ids) - set(ratings.user_ids) == {whole.user_ids[int(14 - np.argmin(rated[::-1]))]}
    counts = whole.rated.sum(axis=0)
    best = sorted(range(15), key=lambda movie: (-counts[movie], movie))[:3]
    assert ratings.movie_ids == tuple(whole.movie_ids[movie] for movie in sorted(best))


def test_verify_prints_a_line_a_check(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    assert cli.main(["verify", str(book)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("ok ") for line in lines)


def test_verify_fails_where_a_check_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, book: Path
) -> None:
    from cfgui.io.workbook_verify import Check

    checks = [Check("layout", True, ""), Check("values", False, "dotprod!V41 shows 3, not 2.8")]
    monkeypatch.setattr("cfgui.io.workbook_verify.verify_workbook", lambda path: checks)
    assert cli.main(["verify", str(book)]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["ok     layout", "FAILED values: dotprod!V41 shows 3, not 2.8"]
    assert printed.err == f"cfgui: {book}: 1 of 2 checks failed: values.\n"


@pytest.mark.parametrize("command", ["info", "train", "verify"])
def test_no_such_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    assert "missing.xlsx" in sentence(capsys, command, str(tmp_path / "missing.xlsx"))


@pytest.mark.parametrize("command", ["info", "train", "verify"])
def test_not_a_workbook(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    text = tmp_path / "notes.xlsx"
    text.write_text("not a workbook")
    assert "notes.xlsx" in sentence(capsys, command, str(text))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert sentence(capsys, "info", str(tmp_path / "pipe.xlsx")).startswith("cfgui: pipe.xlsx is not a file. Choose ")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("four", "H2"), (None, "no ratings")],
)
def test_bad_cells_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, cell: str | None, expected: str
) -> None:
    path = tmp_path / "crosstab.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("dotprod")
    sheet.write_row("G1", ["movieId", 27])
    sheet.write_row("F2", ["userId", 14, cell])
    book.close()
    line = sentence(capsys, "train", str(path))
    assert "crosstab.xlsx" in line
    assert expected in line


def test_export_into_a_missing_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "there is no folder" in sentence(capsys, "export", str(tmp_path / "no" / "out.xlsx"))


def test_export_onto_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert "it is not a file" in sentence(capsys, "export", str(tmp_path / "folder.xlsx"))
