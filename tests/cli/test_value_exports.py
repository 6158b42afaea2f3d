"""``cfgui export`` and ``cfgui train`` write factors, recommendations and ratings as values."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from cfgui import cli
from cfgui.app.exports import weights_for_all
from cfgui.cli.parser import parse
from cfgui.cli.value_exports import METAVARS, asked_for
from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.samples import Samples
from cfgui.io.factors_export import FACTOR_FORMATS, RATING_FORMATS, RECOMMENDATION_FORMATS
from cfgui.io.sample import sample_document
from cfgui.io.workbook_import import read_workbook


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_export_writes_values_of_the_built_in_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factors, ratings, best = tmp_path / "f.npz", tmp_path / "t.csv", tmp_path / "r.csv"
    words = ["export", "--factors", str(factors), "--ratings", str(ratings), "--recommendations", str(best), "-n", "1"]
    assert cli.main(words) == 0
    assert capsys.readouterr().out.splitlines() == [f"wrote {factors}", f"wrote {best}", f"wrote {ratings}"]
    sample = sample_document()
    with np.load(factors) as found:
        assert np.array_equal(found["user_factors"], sample.factors["dot"].user_factors)
        assert found["movie_ids"].tolist() == list(sample.ratings.movie_ids)
    assert len(lines(ratings)) == 1 + 206
    # 206 of the 225 cells are rated; every user who left one out gets one movie
    unrated = {sample.ratings.user_ids[user] for user in np.flatnonzero(~sample.ratings.rated.all(axis=1))}
    assert [row[0] for row in lines(best)[1:]] == [each for each in sample.ratings.user_ids if each in unrated]


def test_one_name_beside_values_is_the_file_to_read(tmp_path: Path) -> None:
    book, part, both = tmp_path / "book.xlsx", tmp_path / "part.parquet", tmp_path / "both.xlsx"
    assert cli.main(["export", str(book)]) == 0
    assert cli.main(["export", str(book), "--top-users", "4", "--top-movies", "3", "--factors", str(part)]) == 0
    assert parquet.read_table(tmp_path / "part-users.parquet").num_rows == 4
    assert parquet.read_table(tmp_path / "part-movies.parquet").num_rows == 3
    assert cli.main(["export", str(book), str(both), "--factors", str(tmp_path / "all.csv")]) == 0
    assert read_workbook(both).ratings.n_ratings == 206
    assert len(lines(tmp_path / "all-movies.csv")) == 16


def test_train_writes_the_trained_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, values = tmp_path / "book.xlsx", tmp_path / "values.npz"
    words = ["train", "--model", "bias", "--steps", "3", "--export", str(book), "--export-factors", str(values)]
    assert cli.main([*words, "--export-recommendations", str(tmp_path / "r.xlsx")]) == 0
    assert f"wrote {values}" in capsys.readouterr().out
    with np.load(values) as found:
        trained = read_workbook(book).factors["bias"]
        assert np.array_equal(found["movie_bias"], trained.movie_bias)
        assert np.array_equal(found["user_factors"], trained.user_factors)
    assert (tmp_path / "r.xlsx").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("export --factors f.txt", "must end in .csv"),
        ("export --recommendations f.npz", "must end in .csv, .xlsx, .parquet"),
        ("export --ratings f.xlsx", "must end in .csv, .parquet"),
        ("export --factors f.csv -n 0", "'0' is not a whole number from 1 up"),
        ("export --factors f.csv --ratings f.csv", "two outputs name the same file"),
        ("export in.xlsx f.xlsx --factors f.xlsx", "two outputs name the same file"),
        ("train --export f.xlsx --export-factors f.xlsx", "two outputs name the same file"),
        ("train --history f.csv --export-ratings f.csv", "two outputs name the same file"),
    ],
)
def test_wrong_usage_is_said(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words.split()) == 2
    assert said in capsys.readouterr().err


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command, flag in (("export", "--factors"), ("train", "--export-factors")):
        assert cli.main([command, flag, str(tmp_path / "none" / "f.csv")]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "there is no folder" in line


def test_a_failed_file_does_not_keep_the_others_from_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f-users.csv").mkdir()
    words = ["train", "--steps", "1", "--export-factors", str(tmp_path / "f.csv")]
    assert cli.main([*words, "--export-ratings", str(tmp_path / "t.csv")]) == 1
    printed = capsys.readouterr()
    assert "Could not save f-users.csv: it is not a file" in printed.err
    assert f"wrote {tmp_path / 't.csv'}" in printed.out
    assert not (tmp_path / "f-movies.csv").exists()


def test_the_help_names_every_format() -> None:
    for what, formats in (
        ("factors", FACTOR_FORMATS),
        ("recommendations", RECOMMENDATION_FORMATS),
        ("ratings", RATING_FORMATS),
    ):
        assert METAVARS[what] == f"OUT.{{{','.join(ending[1:] for ending in formats)}}}"


def test_flags_are_found_between_files() -> None:
    parsed = parse(["export", "in.xlsx", "--factors", "f.csv", "out.xlsx"])
    assert (parsed.file, parsed.out) == (Path("in.xlsx"), Path("out.xlsx"))
    assert asked_for(parsed) == {"factors": Path("f.csv")}


def test_of_gibbs_sampling_the_mean_of_the_draws_recommends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the newest draw and the plain mean over all draws, of the same seed."""
    taken: list[Samples] = []

    def kept(factors: Factors, samples: Samples) -> Factors:
        taken.append(samples)
        return weights_for_all(factors, samples)

    monkeypatch.setattr("cfgui.app.exports.weights_for_all", kept)
    words = ["train", "--model", "bias", "--optimizer", "gibbs", "--epochs", "30", "--seed", "3"]
    assert cli.main([*words, "--export-recommendations", str(tmp_path / "r.csv"), "-n", "15"]) == 0
    (samples,) = taken
    assert len(samples.draws) > 1
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text().splitlines()))
    ratings = sample_document().ratings
    assert rows
    for row in rows:
        user, movie = ratings.user_ids.index(row["user"]), ratings.movie_ids.index(row["movie"])
        each = [models.predict_all(draw)[user, movie] for draw in samples.draws]
        assert float(row["prediction"]) == pytest.approx(np.clip(np.mean(each), *samples.scale), abs=1e-6)
