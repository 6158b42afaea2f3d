"""``cfgui recommend``: lists, reasons, why not, everyone, and what is said of unknown ids and genres."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cfgui import cli
from cfgui.core.models import predict
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.io.factors_export import write_factors

TITLES = ("Heat (1995)", "Big (1988)", "Alien (1979)", "Up (2009)", "Jaws (1975)", "Antz (1998)")
GENRES = ("Action|Crime", "Comedy", "Horror|Sci-Fi", "Animation|Comedy", "Horror", "Animation|Comedy")
RATED = {("1", 0): 5.0, ("1", 2): 2.0, ("2", 1): 4.0, ("2", 2): 4.5, ("3", 0): 3.0, ("3", 1): 1.0, ("3", 4): 5.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ratings with titles and genres as MovieLens has them, and weights for them."""
    lines = [f"{user},{movie + 1},{value}" for (user, movie), value in RATED.items()]
    lines += [f"4,{movie},3" for movie in range(1, 7)]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n" + "\n".join(lines) + "\n")
    rows = [f'{i},"{title}",{genre}' for i, (title, genre) in enumerate(zip(TITLES, GENRES, strict=True), start=1)]
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(rows) + "\n")
    ratings = Ratings(("1", "2", "3", "4"), tuple("123456"), *(np.zeros(0, np.int32),) * 2, np.zeros(0))
    write_factors(ratings, random_factors(4, 6, 3, bias=True, init="normal", seed=4), tmp_path / "weights.npz")
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], folder: Path, *words: str, code: int = 0) -> str:
    files = (str(folder / "ratings.csv"), "--weights", str(folder / "weights.npz"))
    assert cli.main(["recommend", *files, *words]) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


def as_json(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(asked(capsys, folder, *words, "--json"))
    return found


def prediction(user: int, movie: int) -> float:
    factors = random_factors(4, 6, 3, bias=True, init="normal", seed=4)
    return float(predict(factors, np.array([user]), np.array([movie]))[0])


def test_the_unseen_movies_by_prediction_with_reasons(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    found = as_json(capsys, folder, "--user", "1", "-n", "3")
    order = sorted((1, 3, 4, 5), key=lambda movie: -prediction(0, movie))[:3]
    rows = found["recommendations"]
    assert [(row["rank"], row["id"]) for row in rows] == [(i + 1, str(m + 1)) for i, m in enumerate(order)]
    assert [row["prediction"] for row in rows] == pytest.approx([prediction(0, movie) for movie in order], rel=1e-14)
    assert [row["title"] for row in rows] == [TITLES[movie] for movie in order]
    assert rows[0]["genres"] == GENRES[order[0]].split("|")
    assert rows[0]["year"] == int(TITLES[order[0]][-5:-1])
    assert {near["rating"] for near in rows[0]["near"]} == {5.0, 2.0}
    assert all(each["value"] > 0 for each in rows[0]["addends"])
    assert (found["known"], found["n_unknown"], found["n_unseen"], found["n_candidates"]) == (True, 0, 4, 4)
    assert found["why"] is None


def test_every_filter_of_the_command_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    def ids(*words: str) -> set[str]:
        return {row["id"] for row in as_json(capsys, folder, "--user", "1", *words)["recommendations"]}

    assert ids() == {"2", "4", "5", "6"}
    assert ids("--genre", "comedy") == {"2", "4", "6"}
    assert ids("--genre", "Comedy", "--genre", "Horror", "--not-genre", "Animation") == {"2", "5"}
    assert ids("--from-year", "1988", "--to-year", "1998") == {"2", "6"}
    assert ids("--min-ratings", "3") == {"2"}
    assert ids("--diversity", "1") == {"2", "4", "5", "6"}


def test_why_not(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    found = as_json(capsys, folder, "--user", "1", "--genre", "Horror", "--why", "Up (2009)")["why"]
    assert (found["id"], found["objections"], found["rating"]) == ("4", ["it is not Horror"], None)
    assert found["prediction"] == pytest.approx(prediction(0, 3), rel=1e-14)
    seen = as_json(capsys, folder, "--user", "1", "--why", "1")["why"]
    assert (seen["rating"], seen["rank"]) == (5.0, None)
    assert "User 1 has rated it already: 5." in asked(capsys, folder, "--user", "1", "--why", "1")


def test_people_get_a_table(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    said = asked(capsys, folder, "--user", "2", "-n", "2", "--genre", "Comedy", "--diversity", "0.5").splitlines()
    assert said[0] == "the weights of bias in weights.npz"
    assert said[1:3] == ["user 2 has rated 2 of 6 movies", "wished: Comedy, diversity 0.5"]
    assert said[5].startswith("rank  movie")
    assert len(said) == 8


def test_an_unknown_user_gets_what_the_mean_user_would(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    found = as_json(capsys, folder, "--user", "nobody", "-n", "6")
    assert (found["known"], found["n_unknown"], found["n_unseen"]) == (False, 1, 6)
    factors = random_factors(4, 6, 3, bias=True, init="normal", seed=4)
    mean = factors.movie_factors @ factors.user_factors.mean(axis=0) + factors.movie_bias + factors.user_bias.mean()
    assert [row["prediction"] for row in found["recommendations"]] == pytest.approx(sorted(mean, reverse=True))
    said = asked(capsys, folder, "--user", "nobody")
    assert "user nobody is not in the table, so the mean of 4 users stands in" in said


def test_everyone(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out = folder / "all.csv"
    found = as_json(capsys, folder, "--all-users", str(out), "-n", "2", "--genre", "Comedy")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["user"] for row in rows} == {"1", "2", "3"}, "user 4 has rated everything"
    assert all("Comedy" in GENRES[int(row["movie"]) - 1] for row in rows)
    assert (found["n_users"], found["n_recommendations"], found["n_candidates"]) == (4, len(rows), 3)
    assert found["coverage"] == len({row["movie"] for row in rows}) / 3
    assert found["file"] == str(out)
    assert f"wrote {out}" in asked(capsys, folder, "--all-users", str(out))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "one of the arguments --user --all-users is required"),
        (("--user", "1", "--all-users", "x.csv"), 2, "not allowed with"),
        (("--all-users", "x.txt"), 2, "must end in .csv, .xlsx, .parquet"),
        (("--all-users", "x.csv", "--why", "1"), 2, "--why needs --user"),
        (("--user", "1", "--diversity", "2"), 2, "must be from 0 to 1"),
        (("--user", "1", "-n", "0"), 2, "at least 1"),
        (("--user", "1", "--genre", "Noir"), 1, "No movie has the genre 'Noir': choose among Action, Animation"),
        (("--user", "1", "--why", "Nothing"), 1, "Nothing"),
        (("--all-users", "none/x.csv"), 1, "there is no folder none"),
    ],
)
def test_what_cannot_be_is_said(
    capsys: pytest.CaptureFixture[str], folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in asked(capsys, folder, *words, code=code)


def test_what_cannot_be_is_said_before_training(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfgui.cli.trained._trained", lambda *_: pytest.fail("trained"))
    assert cli.main(["recommend", "--user", "14", "--why", "no such film"]) == 1
    assert "There is no movie no such film" in capsys.readouterr().err
    assert cli.main(["recommend", "--user", "14", "--genre", "War"]) == 1
    assert "no genre of any movie is known" in capsys.readouterr().err
    assert cli.main(["recommend", "--user", "14", "--from-year", "2000", "--to-year", "1990"]) == 2
    assert "exchange --from-year and --to-year" in capsys.readouterr().err
