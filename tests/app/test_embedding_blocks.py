"""Blocks of ``movielens_emb``: the same model as lookups, one line per rating."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfgui.app.edits import SetFactorCount, SetRatings, SetWeights
from cfgui.app.embedding_blocks import EmbeddingRmseBlock, LookupsBlock, MovieTableBlock, UserTableBlock
from cfgui.app.session import Session

KINDS = (UserTableBlock, MovieTableBlock, LookupsBlock, EmbeddingRmseBlock)


@pytest.mark.parametrize(
    ("kind", "row", "column", "address"),
    [
        (UserTableBlock, 0, 0, "A4"),
        (UserTableBlock, 0, 1, "B4"),
        (UserTableBlock, 0, 2, "C4"),
        (UserTableBlock, 14, 6, "G18"),
        (MovieTableBlock, 0, 1, "B22"),
        (MovieTableBlock, 14, 6, "G36"),
        (LookupsBlock, 0, 0, "I3"),
        (LookupsBlock, 0, 2, "K3"),
        (LookupsBlock, 0, 3, "L3"),
        (LookupsBlock, 0, 4, "M3"),
        (LookupsBlock, 0, 9, "R3"),
        (LookupsBlock, 0, 10, "S3"),
        (LookupsBlock, 0, 15, "X3"),
        (LookupsBlock, 0, 16, "Y3"),
        (LookupsBlock, 205, 16, "Y208"),
        (EmbeddingRmseBlock, 0, 0, "AA3"),
    ],
)
def test_addresses_are_the_spreadsheets(session: Session, kind, row: int, column: int, address: str) -> None:
    assert kind(session).address(row, column) == address


@pytest.mark.parametrize("n_factors", [1, 5, 7])
def test_place_is_the_inverse_of_address(session: Session, n_factors: int) -> None:
    session.restore(SetFactorCount("dot", n_factors, 1).apply(session.state))
    blocks = [kind(session) for kind in KINDS]
    for block in blocks:
        n_rows, n_columns = block.shape
        # Every column, and of the 206 alike lines of lookups some.
        for row in {*range(0, n_rows, 1 if n_rows < 20 else 41), n_rows - 1}:
            for column in range(n_columns):
                found = block.layout.block_at(block.address(row, column))
                assert found is not None
                assert block.place(*found) == (row, column)
                assert [other.name for other in blocks if other.place(*found)] == [block.name]


def test_lines_are_the_ratings_in_reading_order(small: Session) -> None:
    block = LookupsBlock(small)
    assert block.shape == (5, 11)
    lines = block.values()
    assert np.isnan(lines[:, :2]).all()
    assert lines[:, 2:].tolist() == [
        [5.0, 1.0, 1.0, 2.0, 1.0, 2.0, 1.0, 4.0, 1.0],
        [1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 0.0, 1.0, 0.0],
        [3.0, 1.0, 1.0, 2.0, 3.0, 5.0, 0.0, 5.0, 4.0],
        [2.0, 2.0, 0.5, 0.5, 1.0, 2.0, 1.0, 1.5, 0.25],
        [2.5, 2.0, 0.5, 0.5, 3.0, 5.0, 0.0, 2.5, 0.0],
    ]
    assert [block.text(3, column) for column in range(11)] == [
        "b", "x", "2", "2", "0.50", "0.50", "1", "2.00", "1.00", "1.50", "0.25",
    ]  # fmt: skip
    assert [block.column_header(column) for column in range(11)] == [
        "userId", "movieId", "rating", "u idx", "u1", "u2", "m idx", "m1", "m2", "predict", "error^2",
    ]  # fmt: skip
    assert (block.row_header(3), block.row_tip(3)) == ("b · x", "user b · Xanadu")


@pytest.mark.parametrize("n_factors", [1, 5])
def test_columns_are_named_as_in_the_layout(session: Session, n_factors: int) -> None:
    session.restore(SetFactorCount("dot", n_factors, 1).apply(session.state))
    block = LookupsBlock(session)
    assert tuple(block._column_name(column) for column in range(block.shape[1])) == block.layout.line_columns
    assert all(block.column_tip(column) for column in range(block.shape[1]))


def test_lines_are_the_rated_cells_in_row_order(session: Session) -> None:
    block = LookupsBlock(session)
    cells = [block.cell_of(line) for line in range(block.shape[0])]
    assert cells == [tuple(cell) for cell in np.argwhere(session.ratings.rated)]
    assert len(cells) == 206


def test_errors_average_to_the_rmse(session: Session) -> None:
    block = LookupsBlock(session)
    errors = block.values()[:, -1]
    assert math.sqrt(errors.mean()) == pytest.approx(2.8060620616483134, abs=1e-13)
    assert EmbeddingRmseBlock(session).value(0, 0) == session.rmse("dot")
    before = errors.copy()
    session.restore(SetWeights("dot", {("user_factors", 0, 0): 5.0}).apply(session.state))
    n_first = int((session.ratings.users == 0).sum())
    moved = block.values()[:, -1] != before
    assert moved[:n_first].all()
    assert not moved[n_first:].any()


def test_full_text_keeps_every_digit(session: Session) -> None:
    block = LookupsBlock(session)
    cells = {("user_factors", 0, factor): 0.0 for factor in range(1, 5)} | {("user_factors", 0, 0): 1e16 + 2.0}
    cells |= {("movie_factors", 0, 0): 1.0, ("movie_factors", 1, 0): 12345678e-16}
    session.restore(SetWeights("dot", cells).apply(session.state))
    for line, column in np.ndindex(block.shape[0], block.shape[1]):
        if column >= 2:
            assert float(block.full_text(line, column)) == block.values()[line, column]
    assert (block.full_text(0, 0), block.full_text(0, 1)) == ("14", "27")
    session.restore(SetWeights("dot", {("user_factors", 0, 0): 1234567.0}).apply(session.state))
    assert block.full_text(0, block.layout.line_column("predict")) == "1234567"


def test_only_the_rating_of_a_line_can_be_edited(session: Session) -> None:
    block = LookupsBlock(session)
    assert [block.can_edit(0, column) for column in range(17)] == [column == 2 for column in range(17)]
    user, movie = block.cell_of(30)
    edit = block.edit({(30, 2): 1.5})
    assert edit == SetRatings({(user, movie): 1.5})
    with pytest.raises(ValueError, match="embeddings are edited in their tables"):
        block.edit({(0, 2): 1.5, (0, 4): 1.0})
    session.restore(block.edit({(30, 2): None}).apply(session.state))
    assert block.shape[0] == 205
    assert (user, movie) not in [block.cell_of(line) for line in range(205)]


@pytest.mark.parametrize(("kind", "table"), [(UserTableBlock, "user_factors"), (MovieTableBlock, "movie_factors")])
def test_tables_edit_the_weights_of_dotprod(session: Session, kind, table: str) -> None:
    block = kind(session)
    assert [block.can_edit(0, column) for column in range(7)] == [False, False, *[True] * 5]
    assert block.edit({(3, 4): 0.5}) == SetWeights("dot", {(table, 3, 2): 0.5})
    with pytest.raises(ValueError, match="idx and id columns are fixed"):
        block.edit({(0, 1): 1.0})
    with pytest.raises(ValueError, match="only ratings may be left blank"):
        block.edit({(0, 2): None})
    session.restore(block.edit({(3, 4): 0.5}).apply(session.state))
    assert (block.value(3, 4), block.text(3, 4), block.full_text(3, 4)) == (0.5, "0.50", "0.5")
    assert getattr(session.sheet("dot").factors, table)[3, 2] == 0.5


def test_tables_show_idx_id_and_embedding(small: Session) -> None:
    block = MovieTableBlock(small)
    assert [block.text(0, column) for column in range(4)] == ["1", "x", "2.00", "1.00"]
    assert (block.value(2, 0), block.value(2, 1), block.value(2, 2)) == (3.0, None, 5.0)
    assert [block.column_header(column) for column in range(4)] == ["idx", "id", "1", "2"]
    assert np.array_equal(block.values()[:, 2:], [[2.0, 1.0], [1.0, 0.0], [5.0, 0.0]])
    assert block.row_tip(0) == "movie x · Xanadu"
    assert UserTableBlock(small).row_tip(1) == "user b"


def test_nothing_rated_is_no_line(small: Session) -> None:
    cells = zip(small.ratings.users.tolist(), small.ratings.movies.tolist(), strict=True)
    small.restore(SetRatings(dict.fromkeys(cells, None)).apply(small.state))
    assert LookupsBlock(small).shape == (0, 11)
    assert LookupsBlock(small).values().shape == (0, 11)
    assert EmbeddingRmseBlock(small).value(0, 0) is None
