"""``cfgui biases`` and ``cfgui neighbours``: what is printed, written and returned, against loops written plainly."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.app.documents import export_document
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.io.factors_export import write_factors
from cfgui.io.sample import sample_document


@pytest.fixture(scope="module")
def document() -> Document:
    """The sample with some weights of its bias model."""
    document = sample_document()
    rng = np.random.default_rng(8)
    factors = Factors(*(rng.normal(size=shape) for shape in ((15, 5), (15, 5), 15, 15)))
    return Document(document.ratings, {**document.factors, "bias": factors}, active="bias")


@pytest.fixture(scope="module")
def workbook(document: Document, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("biases") / "t.xlsx"
    export_document(document, path)
    return str(path)


def asked(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert cli.main(list(words)) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


@pytest.mark.parametrize("side", ["movies", "users"])
def test_biases_as_json(capsys: pytest.CaptureFixture[str], workbook: str, document: Document, side: str) -> None:
    found = json.loads(asked(capsys, "biases", workbook, "--side", side, "--json"))
    ratings, factors = document.ratings, document.factors["bias"]
    bias = factors.movie_bias if side == "movies" else factors.user_bias
    ids = ratings.movie_ids if side == "movies" else ratings.user_ids
    axis = 0 if side == "movies" else 1
    means = ratings.crosstab.sum(axis=axis) / ratings.rated.sum(axis=axis)
    ranks = [[(sum(b < a for b in own) + sum(b <= a for b in own) + 1) / 2 for a in own] for own in (bias, means)]
    assert found["rank_correlation"] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-12)
    assert [it["id"] for it in found["lowest"]] == [ids[place] for place in bias.argsort()[:5]]
    assert [it["id"] for it in found["highest"]] == [ids[place] for place in bias.argsort()[::-1][:5]]
    assert (found["model"], found["side"], found["n"], found["n_rated"], found["sort"]) == (
        "bias",
        side,
        15,
        15,
        "bias",
    )
    off = bias - np.polyval(np.polyfit(means, bias, 1), means)
    order = np.argsort(-np.abs(off))[:10]
    assert [it["id"] for it in found["differ_most"]] == [ids[place] for place in order]
    for it, place in zip(found["differ_most"], order, strict=True):
        assert (it["mean"], it["bias"], it["departure"]) == pytest.approx((means[place], bias[place], off[place]))


def test_biases_in_words(capsys: pytest.CaptureFixture[str], workbook: str) -> None:
    said = asked(capsys, "biases", workbook, "-n", "2").splitlines()
    assert said[0].startswith("the weights of bias in t.xlsx; they predict these ratings worse than the mean")
    assert said[1] == "15 movies, 15 of them rated"
    assert said[2].startswith("Rank correlation of bias and mean: ")
    assert "lowest bias: movie_bias.argsort()[:2]" in said
    assert "highest bias: (-movie_bias).argsort()[:2]" in said
    counts = asked(capsys, "biases", workbook, "--side", "users", "--sort", "count", "-n", "1").splitlines()
    assert "lowest number of ratings" in counts
    assert not any("argsort" in line or "title" in line for line in counts)


def test_all_of_them_are_written(
    capsys: pytest.CaptureFixture[str], workbook: str, document: Document, tmp_path: Path
) -> None:
    out = tmp_path / "b.csv"
    assert f"wrote {out}" in asked(capsys, "biases", workbook, "--csv", str(out), "--sort", "mean")
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert list(rows[0])[:6] == ["movie", "title", "n_ratings", "mean", "bias", "departure"]
    assert [name for name in rows[0] if name.startswith("factor_")] == [f"factor_{number}" for number in range(1, 6)]
    means = [float(row["mean"]) for row in rows]
    assert means == sorted(means)
    places = [document.ratings.movie_ids.index(row["movie"]) for row in rows]
    factors = document.factors["bias"]
    assert [float(row["bias"]) for row in rows] == factors.movie_bias[places].tolist()
    assert [float(row["factor_3"]) for row in rows] == factors.movie_factors[places, 2].tolist()


def test_a_model_without_biases_is_refused(capsys: pytest.CaptureFixture[str], workbook: str, tmp_path: Path) -> None:
    said = asked(capsys, "biases", workbook, "--model", "dot", code=1)
    assert said == "cfgui: The model dot has no biases to compare with means: give --model bias.\n"
    assert "no folder" in asked(capsys, "biases", workbook, "--csv", str(tmp_path / "no" / "b.csv"), code=1)


def test_a_workbook_open_at_another_sheet_still_has_its_biases(
    capsys: pytest.CaptureFixture[str], document: Document, tmp_path: Path
) -> None:
    path = tmp_path / "dot.xlsx"
    export_document(Document(document.ratings, document.factors, active="dot"), path)
    assert json.loads(asked(capsys, "biases", str(path), "--json"))["model"] == "bias"


def test_weights_without_ratings_are_still_sorted(
    capsys: pytest.CaptureFixture[str], document: Document, tmp_path: Path
) -> None:
    path = tmp_path / "w.npz"
    write_factors(document.ratings, document.factors["bias"], path)
    found = json.loads(asked(capsys, "biases", str(path), "--json"))
    assert (found["rank_correlation"], found["n_rated"], found["differ_most"]) == (None, 0, [])
    assert found["lowest"][0]["mean"] is None
    near = json.loads(asked(capsys, "neighbours", str(path), "--user", document.ratings.user_ids[0], "--json"))
    assert len(near["neighbours"]) == 10


def naive_order(table: np.ndarray, place: int, measure: str) -> list[int]:
    def value(other: int) -> float:
        if measure == "distance":
            return math.dist(table[place], table[other])
        return -float(table[place] @ table[other]) / math.hypot(*table[place]) / math.hypot(*table[other])

    return sorted((other for other in range(len(table)) if other != place), key=value)


@pytest.mark.parametrize("measure", ["cosine", "distance"])
@pytest.mark.parametrize("side", ["movie", "user"])
def test_neighbours_as_json(
    capsys: pytest.CaptureFixture[str], workbook: str, document: Document, side: str, measure: str
) -> None:
    ratings, factors = document.ratings, document.factors["bias"]
    ids, table = (
        (ratings.movie_ids, factors.movie_factors) if side == "movie" else (ratings.user_ids, factors.user_factors)
    )
    words = ["neighbours", workbook, f"--{side}", ids[4], "-n", "4", "--measure", measure, "--json"]
    found = json.loads(asked(capsys, *words))
    order = naive_order(table, 4, measure)[:4]
    assert [row["id"] for row in found["neighbours"]] == [ids[place] for place in order]
    assert [row["rank"] for row in found["neighbours"]] == [1, 2, 3, 4]
    assert (found["id"], found["measure"], found["min_ratings"], found["n_among"]) == (ids[4], measure, 1, 14)


def test_a_movie_may_be_given_by_its_title(capsys: pytest.CaptureFixture[str], workbook: str) -> None:
    said = asked(capsys, "neighbours", workbook, "--movie", "pulp fiction", "--min-ratings", "12").splitlines()
    assert said[1].startswith("The 10 nearest to movie 49 · Pulp Fiction (1994) (13 ratings) by cosine, among ")
    assert said[1].endswith("with 12 ratings or more.")
    assert said[3].split() == ["rank", "movie", "cosine", "ratings", "mean", "bias", "title"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--movie", "9999"), "There is no movie 9999 among the 15 movies of these ratings."),
        (("--user", "nobody"), "There is no user nobody among the 15 users of these ratings."),
        (("--movie", "the"), "the may mean movie "),
    ],
)
def test_whom_there_is_not_is_said(
    capsys: pytest.CaptureFixture[str], workbook: str, words: tuple[str, str], said: str
) -> None:
    answer = asked(capsys, "neighbours", workbook, *words, code=1)
    assert answer.startswith(f"cfgui: {said}")
    assert answer.count("\n") == 1


def test_whom_there_is_not_is_said_before_any_training(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfgui.cli.trained._trained", lambda *_: pytest.fail("it trains in vain"))
    assert "There is no user 1 among" in asked(capsys, "neighbours", "--user", "1", "--optimizer", "adam", code=1)


def test_nobody_asked_for_is_wrong_usage(capsys: pytest.CaptureFixture[str], workbook: str) -> None:
    assert "--movie" in asked(capsys, "neighbours", workbook, code=2)
    assert "not allowed with" in asked(capsys, "neighbours", workbook, "--movie", "1", "--user", "2", code=2)


def test_the_bias_model_is_trained_where_options_name_none(capsys: pytest.CaptureFixture[str]) -> None:
    trained = ("--optimizer", "als", "--steps", "4", "--init", "uniform", "--json")
    assert asked(capsys, "biases", *trained) == asked(capsys, "biases", "--model", "bias", *trained)


def test_a_model_without_biases_is_refused_before_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = sample_document()
    write_factors(document.ratings, document.factors["dot"], tmp_path / "w.npz")
    said = asked(capsys, "biases", str(tmp_path / "w.npz"), code=1)
    assert said.endswith("no biases to compare with means: bring weights of the bias model.\n")
    monkeypatch.setattr("cfgui.cli.biases.trained_model", lambda *_: pytest.fail("trained"))
    assert "The model dot has no biases" in asked(capsys, "biases", "--model", "dot", code=1)
