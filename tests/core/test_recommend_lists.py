"""Lists for everyone: filters and diversity, a few users at a time, as for each one alone."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.exports import ExportSource, ValueExport, export_values
from cfgui.core import recommend_lists
from cfgui.core.diversity import directions, diverse, pool_size
from cfgui.core.factors import Factors
from cfgui.core.movie_facts import facts_of
from cfgui.core.movie_filter import MovieFilter
from cfgui.core.ratings import Ratings
from cfgui.core.recommend import recommend
from cfgui.core.recommend_lists import ListTally, lists_in_chunks
from cfgui.core.starts import random_factors
from cfgui.io.table_options import TableError


@pytest.fixture
def made() -> tuple[Ratings, Factors]:
    rng = np.random.default_rng(2)
    rated = rng.random((30, 200)) < 0.2
    movie_ids = [str(i) for i in range(200)]
    ratings = Ratings.from_crosstab([str(i) for i in range(30)], movie_ids, np.full(rated.shape, 3.0), rated)
    genres = {raw_id: ("Comedy", "Drama")[int(raw_id) % 2] for raw_id in movie_ids}
    return replace(ratings, genres=genres), random_factors(30, 200, 5, bias=True, init="normal", seed=3)


def test_each_list_is_that_of_the_user_alone(made: tuple[Ratings, Factors], monkeypatch: pytest.MonkeyPatch) -> None:
    ratings, factors = made
    monkeypatch.setattr(recommend_lists, "POOL_CELLS", 4 * 60 * 5)  # four users at once
    candidates = np.random.default_rng(5).random(200) < 0.6
    users = np.arange(30, dtype=np.int32)
    parts = list(lists_in_chunks(factors, ratings, users, 6, candidates, 0.4))
    assert [part.start for part in parts] == list(range(0, 30, 4))
    movies = np.concatenate([part.movies for part in parts])
    predictions = np.concatenate([part.predictions for part in parts])
    units = directions(factors.movie_factors)
    for user in users.tolist():
        pool = recommend(factors, ratings, users[user : user + 1], pool_size(6), candidates=candidates)
        best, own = diverse(*pool, units, 6, 0.4)
        assert movies[user].tolist() == best[0].tolist()
        np.testing.assert_array_equal(predictions[user], own[0])


def test_without_diversity_they_are_the_highest_predictions(made: tuple[Ratings, Factors]) -> None:
    ratings, factors = made
    users = np.array([7, 3], dtype=np.int32)
    (part,) = lists_in_chunks(factors, ratings, users, 4)
    assert part.movies.tolist() == recommend(factors, ratings, users, 4)[0].tolist()


def test_a_file_for_everyone_obeys_filter_and_diversity(made: tuple[Ratings, Factors], tmp_path: Path) -> None:
    ratings, factors = made
    only = MovieFilter(genres=("drama",), min_ratings=3)
    candidates = only.candidates(facts_of(ratings))
    tally = ListTally(candidates, int(candidates.sum()))
    choice = ValueExport("recommendations", n=5, only=only, diversity=0.5)
    (path,) = export_values(ExportSource(ratings, factors), choice, tmp_path / "r.csv", tally=tally)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    users = np.arange(30, dtype=np.int32)
    expected = np.concatenate([part.movies for part in lists_in_chunks(factors, ratings, users, 5, candidates, 0.5)])
    assert [int(row["movie"]) for row in rows] == expected.ravel().tolist()
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4, 5] * 30
    assert tally.popularity_share == 1.0, "all of them are candidates"
    assert tally.coverage == len(np.unique(expected)) / candidates.sum()


def test_a_workbook_is_judged_by_the_lines_that_the_filter_leaves(
    made: tuple[Ratings, Factors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, factors = made
    monkeypatch.setattr("cfgui.io.value_workbook.MAX_ROWS", 100)
    source = ExportSource(ratings, factors)
    with pytest.raises(TableError, match="rows"):
        export_values(source, ValueExport("recommendations", n=5, ending=".xlsx"), tmp_path / "r.xlsx")
    few = facts_of(ratings).counts.max()
    choice = ValueExport("recommendations", n=5, ending=".xlsx", only=MovieFilter(min_ratings=int(few)))
    assert export_values(source, choice, tmp_path / "r.xlsx") == (tmp_path / "r.xlsx",)
