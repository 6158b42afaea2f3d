"""Factors, recommendations and ratings as values: every format read back by another library, or by hand."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from pyarrow import parquet

from cfgui.core.factors import Factors, Layer
from cfgui.core.models import predict
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.recommend import recommend
from cfgui.core.starts import random_factors
from cfgui.io import value_workbook
from cfgui.io.atomic import SaveError
from cfgui.io.child import Cancelled
from cfgui.io.factors_export import (
    FACTOR_FORMATS,
    RATING_FORMATS,
    RECOMMENDATION_FORMATS,
    factor_paths,
    write_factors,
    write_ratings,
    write_recommendations,
)
from cfgui.io.table_options import Progress, TableError
from cfgui.io.value_arrays import id_array

TABLE = np.array([[5.0, 0.0, 3.5, 0.0], [2.0, 0.0, 2.5, 4.0]])
FACTORS = Factors(
    np.array([[1.0, 0.1], [0.5, -2.0]]),
    np.array([[2.0, 1 / 3], [1.0, 0.0], [5.0, 1e-7], [4.0, 1.0]]),
    np.array([0.5, -0.5]),
    np.array([0.25, 0.0, -1.0, np.nan]),
)


def small(titles: dict[str, str] | None = None, *, movie_ids: str = "1 2 30 4") -> Ratings:
    """2 users x 4 movies; user 007 rated the first and third movie, 8 these and the fourth, nobody the second."""
    ratings = Ratings.from_crosstab(["007", "8"], movie_ids.split(), TABLE, TABLE > 0, titles or {"1": "Heat, The"})
    object.__setattr__(ratings, "genres", {"1": "Action|Crime"})
    return ratings


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=delimiter))


def test_factors_as_csv(tmp_path: Path) -> None:
    written = write_factors(small(), FACTORS, tmp_path / "out.csv")
    assert [path.name for path in written] == ["out-users.csv", "out-movies.csv"]
    assert sorted(tmp_path.iterdir()) == sorted(written)
    assert rows_of(written[0]) == [
        ["id", "n_ratings", "mean_rating", "bias", "factor_1", "factor_2"],
        ["007", "2", "4.25", "0.5", "1", "0.1"],
        ["8", "3", repr((2 + 2.5 + 4) / 3), "-0.5", "0.5", "-2"],
    ]
    assert rows_of(written[1]) == [
        ["id", "title", "genres", "n_ratings", "mean_rating", "bias", "factor_1", "factor_2"],
        ["1", "Heat, The", "Action|Crime", "2", "3.5", "0.25", "2", repr(1 / 3)],
        ["2", "", "", "0", "", "0", "1", "0"],
        ["30", "", "", "2", "3", "-1", "5", "1e-7"],
        ["4", "", "", "1", "4", "", "4", "1"],
    ]


def test_only_what_is_asked_for_in_its_order_with_facts_about_all(tmp_path: Path) -> None:
    users, movies = np.array([1], dtype=np.int32), np.array([2, 0], dtype=np.int32)
    paths = write_factors(small(), FACTORS, tmp_path / "out.csv", users=users, movies=movies)
    assert [row[:2] for row in rows_of(paths[0])] == [["id", "n_ratings"], ["8", "3"]]
    assert [(row[0], row[3]) for row in rows_of(paths[1])[1:]] == [("30", "2"), ("1", "2")]
    with np.load(write_factors(small(), FACTORS, tmp_path / "out.npz", users=users, movies=movies)[0]) as found:
        assert found["movie_ids"].tolist() == ["30", "1"]
        assert found["movie_factors"].tolist() == [[5.0, 1e-7], [2.0, 1 / 3]]
        assert found["user_bias"].tolist() == [-0.5]
    ratings = write_ratings(small(), tmp_path / "r.csv", users=users, movies=movies)[0]
    assert rows_of(ratings)[1:] == [["8", "1", "2"], ["8", "30", "2.5"]]


def test_every_bit_survives_csv_and_parquet(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    factors = Factors(
        rng.normal(size=(2, 3)) * 10.0 ** rng.integers(-300, 300, (2, 3)), rng.normal(size=(4, 3)), None, None
    )
    for ending in (".csv", ".parquet"):
        users, movies = write_factors(small(), factors, tmp_path / f"out{ending}")
        for path, weights in ((users, factors.user_factors), (movies, factors.movie_factors)):
            if ending == ".csv":
                found = np.array([[float(cell) for cell in row[-3:]] for row in rows_of(path)[1:]])
            else:
                found = parquet.read_table(path).select(["factor_1", "factor_2", "factor_3"]).to_pandas().to_numpy()
            assert np.array_equal(found, weights)
            assert "bias" not in path.read_text(encoding="utf-8", errors="replace").splitlines()[0]


def test_factors_as_parquet(tmp_path: Path) -> None:
    users, movies = write_factors(small(), FACTORS, tmp_path / "out.parquet")
    assert parquet.read_table(users).to_pylist()[0] == {
        "id": "007",
        "n_ratings": 2,
        "mean_rating": 4.25,
        "bias": 0.5,
        "factor_1": 1.0,
        "factor_2": 0.1,
    }
    found = parquet.read_table(movies).to_pydict()
    assert found["id"] == [1, 2, 30, 4]
    assert found["title"] == ["Heat, The", None, None, None]
    assert found["bias"] == [0.25, 0.0, -1.0, None]


def test_factors_as_npz_load_without_pickle(tmp_path: Path) -> None:
    (path,) = write_factors(small(), FACTORS, tmp_path / "out.npz")
    with np.load(path, allow_pickle=False) as found:
        assert found["user_ids"].tolist() == ["007", "8"]
        assert found["user_ids"].dtype.kind == "U"
        assert found["movie_ids"].tolist() == ["1", "2", "30", "4"]
        for name in ("user_factors", "movie_factors", "user_bias", "movie_bias"):
            np.testing.assert_array_equal(found[name], getattr(FACTORS, name))
        assert (str(found["model"]), int(found["n_ratings"]), float(found["rating_mean"])) == ("bias", 5, 3.4)
    first = path.read_bytes()
    write_factors(small(), FACTORS, path)
    assert path.read_bytes() == first, "the same factors are the same file"


def test_a_dot_model_has_no_biases(tmp_path: Path) -> None:
    factors = random_factors(2, 4, 3, bias=False)
    with np.load(write_factors(small(), factors, tmp_path / "out.npz")[0]) as found:
        assert str(found["model"]) == "dot"
        assert not {"user_bias", "movie_bias"} & set(found.files)


NET = Factors(
    FACTORS.user_factors,
    np.array([[2.0], [1.0], [5.0], [4.0]]),
    layers=(
        Layer(np.array([[0.5, 1 / 3], [1.0, -1.0], [0.25, 0.0]]), np.array([0.1, 0.2])),
        Layer(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-1.0, 1.0])),
    ),
    classes=(1.0, 2.5),
)


def test_a_net_as_npz_says_all_that_a_prediction_needs(tmp_path: Path) -> None:
    users = np.array([1, 0], dtype=np.int32)
    (path,) = write_factors(small(), NET, tmp_path / "out.npz", users=users)
    with np.load(path, allow_pickle=False) as found:
        assert (str(found["model"]), str(found["range"])) == ("ordinal", "none")
        hidden = np.concatenate([found["user_factors"][0], found["movie_factors"][2]])
        for number in (1, 2):
            hidden = np.maximum(hidden, 0.0) if number == 2 else hidden
            hidden = hidden @ found[f"layer{number}.weights"] + found[f"layer{number}.bias"]
        shares = np.exp(hidden) / np.exp(hidden).sum()
        pair = np.array([1], dtype=np.int32), np.array([2], dtype=np.int32)
        assert shares @ found["classes"] == pytest.approx(predict(NET, *pair)[0], abs=1e-12)


def test_a_range_and_a_mean_as_npz(tmp_path: Path) -> None:
    factors = replace(FACTORS, range=RatingRange("tanh", 0.5, 5.0), global_mean=3.4)
    (path,) = write_factors(small(), factors, tmp_path / "out.npz")
    with np.load(path, allow_pickle=False) as found:
        kept = [found[name][()] for name in ("range", "low", "high", "global_mean")]
        score = found["user_factors"][0] @ found["movie_factors"][1] + found["user_bias"][0] + found["movie_bias"][1]
    assert kept == ["tanh", 0.5, 5.0, 3.4]
    pair = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    assert predict(factors, *pair)[0] == pytest.approx(np.tanh(score + 3.4) * 2.25 + 2.75, abs=1e-12)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_what_is_no_factor_is_a_table_of_its_own(tmp_path: Path, ending: str) -> None:
    ranged = replace(FACTORS, range=RatingRange("clip", 0.5, 5.0), global_mean=1 / 3)
    paths = write_factors(small(), ranged, tmp_path / f"r{ending}")
    assert paths == factor_paths(tmp_path / f"r{ending}", ranged)
    lines = [
        ("global_mean", None, None, 1 / 3),
        ("range.clip.low", None, None, 0.5),
        ("range.clip.high", None, None, 5),
    ]
    assert model_lines(paths[-1]) == lines
    lines = model_lines(write_factors(small(), NET, tmp_path / f"n{ending}")[-1])
    assert lines[:3] == [("class", None, 1, 1), ("class", None, 2, 2.5), ("layer1.weights", 1, 1, 0.5)]
    assert lines[3] == ("layer1.weights", 1, 2, 1 / 3)
    assert lines[7:10] == [("layer1.weights", 3, 2, 0), ("layer1.bias", None, 1, 0.1), ("layer1.bias", None, 2, 0.2)]
    assert lines[-1] == ("layer2.bias", None, 2, 1)
    assert len(lines) == 2 + 6 + 2 + 4 + 2


def model_lines(path: Path) -> list[tuple[object, ...]]:
    """The lines of the table of a model, as Python values."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["users", "movies", "model"]
        return list(book["model"].iter_rows(min_row=2, values_only=True))
    assert path.stem.endswith("-model")
    if path.suffix == ".parquet":
        return [tuple(row.values()) for row in parquet.read_table(path).to_pylist()]
    assert rows_of(path)[0] == ["name", "row", "column", "value"]
    return [(row[0], *(float(cell) if cell else None for cell in row[1:])) for row in rows_of(path)[1:]]


def test_the_factors_of_a_net_may_differ_in_number(tmp_path: Path) -> None:
    users, movies, _ = write_factors(small(), NET, tmp_path / "out.csv")
    assert rows_of(users)[0][-2:] == ["factor_1", "factor_2"]
    assert rows_of(movies)[0][-2:] == ["mean_rating", "factor_1"]
    assert len(write_factors(small(), NET, tmp_path / "out.tsv")) == 4, "the Projector shows embeddings only"


def test_factors_as_a_workbook_of_values(tmp_path: Path) -> None:
    seen: list[Progress] = []
    (path,) = write_factors(
        small({"1": "=1+1"}, movie_ids="1 9007199254740993 =x 07"), FACTORS, tmp_path / "o.xlsx", report=seen.append
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["users", "movies"]
    users, movies = ([[cell.value for cell in row] for row in book[name].iter_rows()] for name in book.sheetnames)
    assert users[1:] == [["007", 2, 4.25, 0.5, 1, 0.1], [8, 3, (2 + 2.5 + 4) / 3, -0.5, 0.5, -2]]
    assert [row[0] for row in movies] == ["id", 1, "9007199254740993", "=x", "07"]
    assert movies[1][1:] == ["=1+1", "Action|Crime", 2, 3.5, 0.25, 2, 1 / 3]
    assert movies[4][5] is None, "NaN is an empty cell"
    assert book["movies"]["B2"].data_type == "s", "text that looks like a formula stays text"
    assert seen[-1].done <= seen[-1].total
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_the_embedding_projector_gets_vectors_and_labels(tmp_path: Path) -> None:
    ratings = small({"1": 'A "quoted"\tname', "2": "=cmd"})
    paths = write_factors(ratings, FACTORS, tmp_path / "out.tsv")
    assert [path.name for path in paths] == [
        "out-users.tsv",
        "out-users-metadata.tsv",
        "out-movies.tsv",
        "out-movies-metadata.tsv",
    ]
    vectors = [line.split("\t") for line in paths[2].read_text().splitlines()]
    assert [[float(cell) for cell in row] for row in vectors] == FACTORS.movie_factors.tolist()
    labels = [line.split("\t") for line in paths[3].read_text(encoding="utf-8").splitlines()]
    assert labels[:3] == [
        ["title", "id", "genres", "n_ratings", "mean_rating", "bias"],
        ['A "quoted" name', "1", "Action|Crime", "2", "3.5", "0.25"],
        ["'=cmd", "2", "", "0", "", "0"],
    ]
    assert [row[0] for row in labels[3:]] == ["30", "4"], "without a title the id is the label"
    assert paths[1].read_text().splitlines()[1] == "007\t2\t4.25\t0.5"
    broken = Factors(np.array([[1.0], [np.inf]]), np.ones((4, 1)))
    with pytest.raises(TableError, match=r"not finite numbers.*choose CSV"):
        write_factors(ratings, broken, tmp_path / "broken.tsv")
    assert not list(tmp_path.glob("*broken*"))


@pytest.mark.parametrize("ending", RECOMMENDATION_FORMATS)
def test_recommendations(tmp_path: Path, ending: str) -> None:
    """Dot products: user 007 has not seen movies 2 (1) and 4 (4.1); user 8 has not seen 2 (0.5)."""
    factors = Factors(FACTORS.user_factors, FACTORS.movie_factors)
    (path,) = write_recommendations(small({"4": "Four"}), factors, tmp_path / f"r{ending}", 3)
    expected = [["007", 1, 4, "Four", 4.1], ["007", 2, 2, None, 1.0], ["8", 1, 2, None, 0.5]]
    if ending == ".csv":
        assert rows_of(path) == [
            ["user", "rank", "movie", "title", "prediction"],
            *[
                ["" if value is None else f"{value:g}" if value == 1.0 else str(value) for value in row]
                for row in expected
            ],
        ]
    elif ending == ".parquet":
        assert [list(row.values()) for row in parquet.read_table(path).to_pylist()] == expected
    else:
        expected[2][0] = 8  # in a workbook each id that can be a number is one
        rows = [list(row) for row in openpyxl.load_workbook(path)["recommendations"].iter_rows(values_only=True)]
        assert rows == [["user", "rank", "movie", "title", "prediction"], *expected]


def test_recommendations_of_some_users_in_their_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rated = rng.random((40, 60)) < 0.3
    ratings = Ratings.from_crosstab([str(u) for u in range(40)], [str(m) for m in range(60)], rated * 3.0, rated)
    factors, users = random_factors(40, 60, 4, bias=True, seed=2), np.array([30, 2, 17], dtype=np.int32)
    (path,) = write_recommendations(ratings, factors, tmp_path / "r.csv", 5, users=users)
    movies, predictions = recommend(factors, ratings, users, 5)
    found = rows_of(path)[1:]
    assert [row[0] for row in found] == ["30"] * 5 + ["2"] * 5 + ["17"] * 5
    assert [int(row[2]) for row in found] == movies.ravel().tolist()
    assert [float(row[4]) for row in found] == predictions.ravel().tolist()


@pytest.mark.parametrize("ending", RATING_FORMATS)
def test_ratings(tmp_path: Path, ending: str) -> None:
    (path,) = write_ratings(small(), tmp_path / f"r{ending}")
    expected = [("007", 1, 5.0), ("007", 30, 3.5), ("8", 1, 2.0), ("8", 30, 2.5), ("8", 4, 4.0)]
    if ending == ".csv":
        assert rows_of(path)[0] == ["userId", "movieId", "rating"]
        assert [(row[0], int(row[1]), float(row[2])) for row in rows_of(path)[1:]] == expected
    else:
        assert [tuple(row.values()) for row in parquet.read_table(path).to_pylist()] == expected


def test_text_that_a_spreadsheet_would_calculate_is_guarded_in_csv(tmp_path: Path) -> None:
    titles = {"1": "=1+1", "2": "@x", "30": "-5 degrees", "4": "'=y"}
    (_, path) = write_factors(small(titles), FACTORS, tmp_path / "out.csv")
    assert [row[1] for row in rows_of(path)[1:]] == ["'=1+1", "'@x", "'-5 degrees", "''=y"]
    (_, path) = write_factors(
        small({"a": "\tx", "+b": "+1", "-5": "-5", "'d": "a\x00\ud800b"}, movie_ids="a +b -5 'd"),
        FACTORS,
        tmp_path / "out.csv",
    )
    assert [row[0] for row in rows_of(path)[1:]] == ["a", "'+b", "-5", "'d"]
    assert [row[1] for row in rows_of(path)[1:]] == ["'\tx", "'+1", "-5", "ab"]


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["1", "20", "-3", "0"], "int64"),
        (["9007199254740992"], "int64"),
        (["1", "9007199254740993"], "string"),
        (["7", "007"], "string"),
        (["1", ""], "string"),
        (["1", "1.0"], "string"),
        ([], "string"),
    ],
)
def test_ids_are_numbers_only_where_all_of_them_can_be(ids: list[str], kind: str) -> None:
    array = id_array(ids)
    assert str(array.type) == kind
    assert [str(value) for value in array.to_pylist()] == ids


def test_excel_limits_are_said_before_anything_is_written(tmp_path: Path) -> None:
    assert value_workbook.excel_problem("movies", 1_048_575, 16_384) == ""
    assert "1,048,577 rows and a sheet of Excel has 1,048,576" in value_workbook.excel_problem("movies", 1_048_576, 5)
    n = 1_100
    nothing = np.zeros((n, n))
    ratings = Ratings.from_crosstab([str(i) for i in range(n)], [str(i) for i in range(n)], nothing, nothing > 0)
    factors = random_factors(n, n, 1, bias=False)
    with pytest.raises(TableError, match=r"need 1,210,001 rows.*choose CSV or Parquet"):
        write_recommendations(ratings, factors, tmp_path / "r.xlsx", n)
    wide = Factors(np.ones((2, 16_400)), np.ones((4, 16_400)))
    with pytest.raises(TableError, match=r"users need 16,403 columns"):
        write_factors(small(), wide, tmp_path / "f.xlsx")
    assert not list(tmp_path.iterdir())


def large() -> tuple[Ratings, Factors]:
    rng = np.random.default_rng(0)
    rated = rng.random((900, 1200)) < 0.05
    ids = [str(i) for i in range(1200)]
    return Ratings.from_crosstab(ids[:900], ids, rated * 4.0, rated), random_factors(900, 1200, 400, bias=True)


Write = Callable[..., tuple[Path, ...]]


@pytest.mark.parametrize("ending", FACTOR_FORMATS)
def test_a_cancelled_export_leaves_what_was_there(tmp_path: Path, ending: str) -> None:
    ratings, factors = large()
    path = tmp_path / f"out{ending}"
    for old in factor_paths(path):
        old.write_text("old")
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        write_factors(ratings, factors, path, report=seen.append, cancelled=lambda: bool(seen) and seen[-1].done > 0)
    assert 0 < seen[-1].done < seen[-1].total
    assert sorted(tmp_path.iterdir()) == sorted(factor_paths(path))
    assert all(old.read_text() == "old" for old in factor_paths(path))


def test_a_workbook_is_cancelled_while_the_child_writes(tmp_path: Path) -> None:
    ratings, factors = large()
    made = 900 + 1200
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        write_factors(
            ratings,
            factors,
            tmp_path / "out.xlsx",
            report=seen.append,
            cancelled=lambda: bool(seen) and seen[-1].done > made,
        )
    assert made < seen[-1].done < seen[-1].total == 2 * made
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"^out.txt cannot be written: its name must end in .csv, .parquet, .npz"):
        write_factors(small(), FACTORS, tmp_path / "out.txt")
    with pytest.raises(TableError, match=r"must end in .csv, .parquet.$"):
        write_ratings(small(), tmp_path / "out.xlsx")
    for ending in FACTOR_FORMATS:
        with pytest.raises(SaveError, match="its folder does not exist"):
            write_factors(small(), FACTORS, tmp_path / "none" / f"out{ending}")


def test_one_endless_id_does_not_fill_the_memory(tmp_path: Path) -> None:
    n = 9000
    ratings = Ratings.from_crosstab(
        ["u"], ["x" * 32_000, *map(str, range(n - 1))], np.ones((1, n)), np.ones((1, n)) > 0
    )
    with pytest.raises(TableError, match=r"One id has 32,000 characters.*choose Parquet"):
        write_factors(ratings, random_factors(1, n, 1, bias=False), tmp_path / "out.npz")


WITHOUT_PANDAS = """
import sys
from pathlib import Path
from cfgui.io import factors_export
heavy = ("pyarrow", "pandas", "xlsxwriter")
print([name for name in heavy if name in sys.modules])
from cfgui.io.sample import sample_document
document, folder = sample_document(), Path(sys.argv[1])
for ending in factors_export.FACTOR_FORMATS:
    factors_export.write_factors(document.ratings, document.factors["bias"], folder / f"f{ending}")
for ending in factors_export.RECOMMENDATION_FORMATS:
    factors_export.write_recommendations(document.ratings, document.factors["bias"], folder / f"r{ending}", 3)
for ending in factors_export.RATING_FORMATS:
    factors_export.write_ratings(document.ratings, folder / f"t{ending}")
print([name for name in heavy if name in sys.modules])
"""


def test_importing_the_writers_loads_no_heavy_library_and_using_them_no_pandas(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_PANDAS, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["[]", "['pyarrow']"]
