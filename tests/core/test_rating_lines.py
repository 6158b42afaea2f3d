"""Rating lines: the same as the ratings sorted by row and column of the view."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.rating_lines import RatingLines
from cfgui.core.ratings import Ratings
from cfgui.core.view import View, visible_ratings


@pytest.fixture
def table() -> Ratings:
    """4 users x 3 movies; the third user has rated nothing."""
    values = np.array([[5.0, 0.0, 3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 4.0, 0.5]])
    return Ratings.from_crosstab(["a", "b", "c", "d"], ["x", "y", "z"], values, values > 0.0)


def _view(users: list[int], movies: list[int]) -> View:
    return View(np.array(users, dtype=np.int32), np.array(movies, dtype=np.int32), 4, 3)


def test_lines_stand_in_the_order_of_the_view(table: Ratings) -> None:
    lines = RatingLines(table, _view([3, 2, 0, 1], [1, 2, 0]))
    rows, columns, values = lines.part(0, len(lines))
    assert len(lines) == 6
    assert rows.tolist() == [0, 0, 0, 2, 2, 3]
    assert columns.tolist() == [0, 1, 2, 1, 2, 0]
    assert values.tolist() == [4.0, 0.5, 1.0, 3.0, 5.0, 2.0]
    assert [lines.cell(line) for line in range(6)] == list(zip(rows.tolist(), columns.tolist(), strict=True))


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (0, 1), (1, 3), (2, 5), (4, 6), (5, 6)])
def test_a_part_is_that_part_of_all(table: Ratings, start: int, stop: int) -> None:
    lines = RatingLines(table, _view([3, 2, 0, 1], [1, 2, 0]))
    for part, whole in zip(lines.part(start, stop), lines.part(0, 6), strict=True):
        assert part.tolist() == whole[start:stop].tolist()


def test_without_a_view_lines_are_the_ratings(table: Ratings) -> None:
    rows, columns, values = RatingLines(table).part(0, 6)
    assert (rows.tolist(), columns.tolist(), values.tolist()) == (
        table.users.tolist(),
        table.movies.tolist(),
        table.values.tolist(),
    )


def test_any_order_gives_what_sorting_everything_gives() -> None:
    rng = np.random.default_rng(3)
    rated = rng.random((30, 20)) < 0.3
    table = Ratings.from_crosstab([str(u) for u in range(30)], [str(m) for m in range(20)], rng.random((30, 20)), rated)
    view = View(rng.permutation(30).astype(np.int32), rng.permutation(20).astype(np.int32), 30, 20)
    lines, sorted_ratings = RatingLines(table, view), visible_ratings(table, view)
    rows, columns, values = lines.part(0, len(lines))
    assert np.array_equal(rows, sorted_ratings.users)
    assert np.array_equal(columns, sorted_ratings.movies)
    assert np.array_equal(values, sorted_ratings.values)


def test_edited_ratings_are_not_put_together(table: Ratings) -> None:
    edited = EditedRatings(table, {(2, 1): 2.5, (0, 0): None, (1, 1): 4.0})
    rows, columns, values = RatingLines(edited, _view([0, 1, 2, 3], [0, 1, 2])).part(0, 6)
    assert rows.tolist() == [0, 1, 2, 3, 3, 3]
    assert columns.tolist() == [2, 1, 1, 0, 1, 2]
    assert values.tolist() == [3.0, 4.0, 2.5, 1.0, 4.0, 0.5]
    assert "_arrays" not in vars(edited)
