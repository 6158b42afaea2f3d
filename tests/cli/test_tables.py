"""``info``, ``train`` and ``export`` of tables: how they are read, what is shown of them, what does not fit Excel."""

from __future__ import annotations

import csv
import json
import signal
import statistics
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.cli.tables import check_fits
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from cfgui.io.child import Cancelled
from cfgui.io.open_any import table_document
from cfgui.io.sample import sample_document
from cfgui.io.workbook_import import read_workbook

LONG = """userId,movieId,rating,timestamp
ann,10,4.0,1
ann,20,3.5,2
bob,10,2.0,3
bob,30,,4
bob,10,5.0,5
cem,20,five,6
cem,30,1.5,7
"""
"""7 rows: 5 ratings, one of them given twice, and two rows that are none."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text(LONG)
    return path


def facts(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """The one JSON object that ``cfgui info ... --json`` prints."""
    assert cli.main(["info", *words, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line))


def sentence(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr with which a command fails."""
    assert cli.main(list(words)) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_info_counts_what_was_read_and_what_was_not(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    found = facts(capsys, str(table))
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (3, 3, 4)
    assert found["density"] == pytest.approx(4 / 9)
    assert (found["rating_min"], found["rating_max"], found["rating_mean"]) == (1.5, 5.0, 3.5)
    assert found["duplicates"] == 1
    assert found["rejected"] == {"missing_rating": 1, "rating_not_a_number": 1}
    assert found["encoding"] == "utf-8"
    assert "CSV" in str(found["format"])


def test_info_in_words_says_the_same(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    assert cli.main(["info", str(table)]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith("CSV")
    assert lines[0].endswith(", utf-8")
    assert lines[1] == "3 users x 3 movies, 4 ratings: 44.4% of all cells"
    assert lines[2] == "ratings 1.5 to 5, mean 3.5000"
    assert lines[3] == "1 rating given twice: the last one counts"
    assert sorted(lines[4:6]) == ["1 row left out: no rating", "1 row left out: the rating is not a number"]
    assert printed.err == ""


def test_duplicates_are_a_choice(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    assert facts(capsys, str(table), "--duplicates", "mean")["rating_mean"] == pytest.approx((4 + 3.5 + 3.5 + 1.5) / 4)
    line = sentence(capsys, "info", str(table), "--duplicates", "refuse")
    assert line.startswith("cfgui: ")
    for word in ("ratings.csv", "bob", "10", "4", "6"):
        assert word in line


def test_columns_separator_decimal_and_header_are_choices(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("when;stars;what;who\n9;3,5;m1;7\n9;1,5;m2;007\n9;4;m1;007\n", encoding="utf-16")
    words = ["--columns", "user=who,item=3,rating=stars", "--separator", "semicolon", "--decimal", ","]
    found = facts(capsys, str(path), *words, "--encoding", "utf-16", "--layout", "long")
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (2, 2, 3)
    assert found["rating_mean"] == 3.0
    assert "odd.txt has no column stars2" in sentence(capsys, "info", str(path), "--columns", "rating=stars2")


def test_a_crosstab_is_read_as_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "crosstab.csv"
    path.write_text("user,10,20,30,40\nann,4,,3.5,\nbob,,2,,1\n")
    found = facts(capsys, str(path))
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (2, 4, 4)
    assert found["rating_mean"] == pytest.approx(10.5 / 4)
    path.write_text("user,10,20,30,40\nann,4,x,3.5,\nbob,,2,y,1\n")
    assert cli.main(["info", str(path)]) == 0
    assert "2 cells left out: the rating is not a number" in capsys.readouterr().out


def test_the_part_with_the_most_ratings(capsys: pytest.CaptureFixture[str], table: Path) -> None:
    found = facts(capsys, str(table), "--top-users", "2", "--top-movies", "2")
    # ann 2, cem 1 and bob 1 rating, as bob's other two rows are a repetition and no rating: of equals the smaller id
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (2, 2, 3)


def test_training_on_all_and_on_what_is_visible(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path
) -> None:
    def trained(*words: str) -> dict[str, object]:
        assert cli.main(["train", str(table), "--steps", "3", "--gradient", "forward", "--json", *words]) == 0
        return dict(json.loads(capsys.readouterr().out))

    part = ["--top-users", "2", "--top-movies", "2"]
    out, seen = tmp_path / "out.xlsx", tmp_path / "seen.xlsx"
    everything = trained(*part, "--export", str(out))
    visible = trained(*part, "--train-on", "visible", "--export", str(seen))
    assert (everything["n_users"], everything["n_ratings"]) == (3, 4)
    assert (visible["n_users"], visible["n_ratings"]) == (2, 3)
    for path in (out, seen):
        ratings = read_workbook(path).ratings
        assert (ratings.user_ids, ratings.movie_ids, ratings.n_ratings) == (("ann", "bob"), ("10", "20"), 3)
    assert not read_workbook(out).factors["dot"].equals(read_workbook(seen).factors["dot"])


def test_too_large_for_excel_is_said_before_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("userId,movieId,rating\n" + "".join(f"{n},{n},{n % 5}\n" for n in range(400)))
    monkeypatch.setattr(Trainer, "advance", lambda *_words, **_more: pytest.fail("trained first"))
    line = sentence(capsys, "train", str(path), "--export", str(tmp_path / "out.xlsx"))
    formulas = 2 * 400 * 400 + 400 * (2 * 5 + 4) + 6
    assert line == (
        f"cfgui: out.xlsx was not written: this crosstab needs {formulas:,} formulas and Excel stays usable up to"
        " 200,000; give --top-users N --top-movies M, or --values-only."
    )
    assert "give --top-users N --top-movies M, or --values-only." in sentence(
        capsys, "export", str(path), str(tmp_path / "out.xlsx")
    )
    assert not (tmp_path / "out.xlsx").exists()


def test_values_only_of_a_trained_table(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    words = ["train", str(table), "--steps", "1", "--gradient", "forward", "--export", str(out), "--values-only"]
    assert cli.main(words) == 0
    with zipfile.ZipFile(out) as archive:
        assert all(b"<f>" not in archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
    assert read_workbook(out).ratings.n_ratings == 4


def test_values_only_fits_where_formulas_do_not() -> None:
    n = np.arange(400, dtype=np.int32)
    ids = tuple(map(str, n.tolist()))
    report = ImportReport("large.csv", "CSV")
    document = table_document(Ratings(ids, ids, n, n.copy(), np.ones(400)), report)
    check_fits(document, Path("out.xlsx"), values_only=True)
    with pytest.raises(ValueError, match=r"or --values-only\.$"):
        check_fits(document, Path("out.xlsx"), values_only=False)
    wide = tuple(map(str, range(20_000)))
    too_wide = table_document(Ratings(ids, wide, n, n.copy(), np.ones(400)), report)
    with pytest.raises(
        ValueError, match=r"columns and a sheet of Excel has 16,384; give --top-users N --top-movies M\.$"
    ):
        check_fits(too_wide, Path("out.xlsx"), values_only=True)


def test_layers_too_large_are_said_with_the_flag_that_helps() -> None:
    document = sample_document()
    choices = Hyperparameters(model="neural", hidden="9000,200")
    net = replace(document, factors={**document.factors, "neural": starting_weights(document.ratings, choices)})
    with pytest.raises(ValueError, match=r"have 1,899,401 weights .* 1,000,000; give smaller layers with --hidden\.$"):
        check_fits(net, Path("out.xlsx"), values_only=True)


def test_cancelling_while_reading_writes_nothing(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_arguments: object, **_more: object) -> None:
        raise Cancelled

    monkeypatch.setattr("cfgui.io.open_any.open_ratings", cancelled)
    out = tmp_path / "out.xlsx"
    for words in (["info", str(table)], ["export", str(table), str(out)], ["train", str(table), "--export", str(out)]):
        assert cli.main(words) == 130
        assert capsys.readouterr().err == "cfgui: interrupted.\n"
    assert not out.exists()


def test_a_wish_that_comes_too_late_for_the_reader_still_counts(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Ctrl+C between the reader's last look and the next step, which a real terminal hits by chance only."""
    out = tmp_path / "out.xlsx"
    monkeypatch.setattr("cfgui.io.open_any.open_ratings", interrupted)
    for words in (["info", str(table)], ["export", str(table), str(out)], ["train", str(table), "--export", str(out)]):
        assert cli.main(words) == 130
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "cfgui: interrupted.\n")
    assert not out.exists()


def interrupted(*_arguments: object, **_more: object) -> Document:
    signal.raise_signal(signal.SIGINT)
    return sample_document()


# Real data


@pytest.fixture(scope="module")
def movielens(shared: Path) -> Path:
    """The folder of ml-latest-small as it was in 2016."""
    return shared / "data" / "ml-latest-small-2016"


@pytest.mark.parametrize("name", ["", "ratings.csv"])
def test_info_of_movielens(capsys: pytest.CaptureFixture[str], movielens: Path, name: str) -> None:
    with (movielens / "ratings.csv").open() as file:
        values = [float(row["rating"]) for row in csv.DictReader(file)]
    found = facts(capsys, str(movielens / name))
    assert (found["n_users"], found["n_movies"], found["n_ratings"]) == (671, 9066, 100_004)
    assert found["density"] == pytest.approx(100_004 / (671 * 9066))
    assert (found["rating_min"], found["rating_max"]) == (0.5, 5.0)
    assert found["rating_mean"] == pytest.approx(statistics.fmean(values), abs=1e-12)
    assert (found["duplicates"], found["rejected"]) == (0, {})


def test_the_top_15_x_15_of_movielens_are_the_workbook_s(movielens: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert cli.main(["export", str(movielens), "--top-users", "15", "--top-movies", "15", str(out)]) == 0
    written, sample = read_workbook(out).ratings, sample_document().ratings
    assert written.n_ratings == 206
    assert columns(written) == columns(sample)
    assert "1198" in written.movie_ids
    assert "2858" not in written.movie_ids


def columns(ratings: Ratings) -> list[list[float]]:
    """The ratings of each movie, user by user, -1 where unrated; the spreadsheet numbers users and movies anew."""
    return sorted(np.where(ratings.rated, ratings.crosstab, -1.0).T.tolist())


def test_a_name_longer_than_any_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    name = "n" * 300 + ".csv"
    assert cli.main(["info", name]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"cfgui: {name} cannot be read: ")
    assert error.count("\n") == 1
