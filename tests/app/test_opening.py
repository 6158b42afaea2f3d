"""Opening without a window: choices, roles, sentences, and where tables come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.opening import (
    cell_rating,
    clipboard_source,
    file_source,
    opened_sentence,
    report_sentence,
    role_of,
    scale_sentence,
    with_choice,
    with_role,
)
from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.core.ratings import Ratings
from cfgui.io.table_options import TableChoices, TableError, TableGuess, TableOptions, never, no_report

LONG = TableGuess(
    TableOptions(user=0, movie=1, rating=3),
    ("who", "what", "when", "stars"),
    (("1", "31", "1260759144", "2.5"), ("1", "1029", "1260759179", "3")),
    (2.5, 3.0, 0.5),
)
WIDE = TableGuess(TableOptions(layout="wide", decimal=","), ("", "31", "1029"), (("1", "3,5", ""),), (3.5, 3.5, 0.0))


class TestChoices:
    def test_a_choice_is_made(self) -> None:
        assert with_choice(TableChoices(), "duplicates", "mean") == TableChoices(duplicates="mean")

    def test_other_columns_leave_the_roles_to_the_guess_again(self) -> None:
        chosen = TableChoices(user="1", movie="2", rating="4", decimal=",")
        assert with_choice(chosen, "separator", ";") == TableChoices(separator=";", decimal=",")
        assert with_choice(chosen, "header", False) == TableChoices(
            user="1", movie="2", rating="4", decimal=",", header=False
        )

    def test_a_role_is_given_to_a_free_column(self) -> None:
        assert with_role(TableChoices(), LONG, "rating", 2) == TableChoices(user="1", movie="2", rating="3")

    def test_a_column_that_has_a_role_swaps_it(self) -> None:
        assert with_role(TableChoices(), LONG, "user", 1) == TableChoices(user="2", movie="1", rating="4")

    def test_giving_the_role_it_has_changes_no_place(self) -> None:
        assert with_role(TableChoices(), LONG, "movie", 1) == TableChoices(user="1", movie="2", rating="4")

    def test_columns_that_have_numbers_for_names_are_named_by_them(self) -> None:
        numbered = replace(LONG, columns=("3", "1", "4", "2"))
        assert with_role(TableChoices(), numbered, "rating", 2) == TableChoices(user="3", movie="1", rating="4")


class TestRoles:
    def test_of_a_long_table(self) -> None:
        assert [role_of(LONG, column) for column in range(4)] == ["user", "movie", None, "rating"]

    def test_of_a_crosstab(self) -> None:
        assert [role_of(WIDE, column) for column in range(3)] == ["user", "movie", "movie"]
        shifted = replace(WIDE, options=replace(WIDE.options, user=1, movie=1, rating=2))
        assert [role_of(shifted, column) for column in range(3)] == [None, "user", "movie"]

    def test_ratings_in_cells(self) -> None:
        assert cell_rating(LONG, 3, "2.5") == 2.5
        assert cell_rating(LONG, 3, "2,5") is None
        assert cell_rating(LONG, 3, "inf") is None
        assert cell_rating(LONG, 0, "1") is None
        assert cell_rating(WIDE, 1, "3,5") == 3.5
        assert cell_rating(WIDE, 2, "") is None
        assert cell_rating(WIDE, 0, "1") is None


def document(report: ImportReport | None) -> Document:
    ratings = Ratings.from_crosstab(["1", "2"], ["7"], np.ones((2, 1)), np.ones((2, 1), dtype=bool))
    return Document(ratings, {}, report=report)


class TestSentences:
    def test_what_was_opened(self) -> None:
        assert opened_sentence("a.xlsx", document(None)) == "a.xlsx: 2 ratings of 2 users and 1 movie."
        back = opened_sentence("a.xlsx", document(None), turns_back_to="gd")
        assert back == "a.xlsx: 2 ratings of 2 users and 1 movie. The optimizer is Gradient descent again."

    def test_what_was_left_out(self) -> None:
        lines = np.array([3, 4, 9], dtype=np.int64)
        report = ImportReport(
            "a.csv", "CSV", n_rows=6, n_duplicates=1, rejected=(RejectedRows("missing_rating", 3, lines),)
        )
        assert opened_sentence("a.csv", document(report)) == (
            "a.csv: 2 ratings of 2 users and 1 movie. 1 rating given twice: the last counts. 3 rows left out."
        )
        assert report_sentence("a.csv", report) == "a.csv: 6 rows, 3 of them left out."

    def test_the_scale(self) -> None:
        assert scale_sentence(LONG) == "Ratings from 2.5 to 3 in steps of 0.5 in the first rows."
        assert scale_sentence(WIDE) == "Every rating in the first rows is 3.5."
        assert scale_sentence(TableGuess(TableOptions(), (), ())) == ""


class TestSources:
    def test_a_file_has_a_name_and_a_size(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"1,2,3\n")
        source = file_source(path)
        assert (source.name, source.n_bytes, source.path) == ("a.csv", 6, path)
        assert file_source(tmp_path).n_bytes == 0
        assert file_source(tmp_path / "none.csv").n_bytes == 0

    def test_a_file_is_looked_at_and_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("user;item;stars\n007;x;3,5\n7;x;4\n007;y;4,5\n")
        source = file_source(path)
        guess = source.look(TableChoices())
        assert guess is not None
        assert (guess.options.separator, guess.options.decimal) == (";", ",")
        assert [role_of(guess, column) for column in range(3)] == ["user", "movie", "rating"]
        ratings = source.read(TableChoices(), no_report, never).ratings
        assert ratings.user_ids == ("007", "7")
        assert [ratings.rating(0, 0), ratings.rating(0, 1), ratings.rating(1, 0)] == [3.5, 4.5, 4.0]

    def test_roles_by_number_reach_the_reader(self, tmp_path: Path) -> None:
        """Three columns of small numbers, in an order that no guess can know."""
        path = tmp_path / "a.csv"
        path.write_text("a,b,c\n4,1,10\n3,2,10\n5,2,20\n")
        source = file_source(path)
        guess = source.look(TableChoices(user="2", movie="3", rating="1"))
        assert guess is not None
        ratings = source.read(with_role(TableChoices(), guess, "rating", 0), no_report, never).ratings
        assert (ratings.user_ids, ratings.movie_ids) == (("1", "2"), ("10", "20"))
        assert ratings.values.tolist() == [4.0, 3.0, 5.0]

    def test_the_clipboard_s_text(self) -> None:
        source = clipboard_source("user\tmovie\trating\n1\ta\t2\n2\ta\t3\n", None)
        assert source.path is None
        assert source.look(TableChoices()) is not None
        assert source.read(TableChoices(), no_report, never).ratings.values.tolist() == [2.0, 3.0]

    def test_the_clipboard_s_html_gives_every_digit(self) -> None:
        row = '<tr><td>{}</td><td>a</td><td sdval="3.25">3.3</td></tr>'
        html = f"<table><tr><td>user</td><td>movie</td><td>rating</td></tr>{row.format(1)}{row.format(2)}</table>"
        source = clipboard_source("user\tmovie\trating\n1\ta\t3.3\n2\ta\t3.3\n", html)
        assert source.read(TableChoices(), no_report, never).ratings.values.tolist() == [3.25, 3.25]

    def test_an_empty_clipboard_is_one_sentence(self) -> None:
        with pytest.raises(TableError, match="The clipboard holds no text: copy a table of ratings first"):
            clipboard_source(" \n", None).look(TableChoices())
