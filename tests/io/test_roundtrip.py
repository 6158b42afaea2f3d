"""Export then import is the identity, bit for bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings
from cfgui.io import appended_sheets
from cfgui.io.document_codec import decode_document, encode_document
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook, read_workbook_guarded, write_workbook_in_child
from tests.io.documents import assert_same, documents, full_document, random_document

ODD_IDS = ["007", "=1+1", "7", "9007199254740993", "\N{GREEK SMALL LETTER MU}", "a*", "A*", "1e5"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_export_then_import_is_the_identity(tmp_path, document):
    path = tmp_path / "any.xlsx"
    write_workbook(document, path)
    assert_same(read_workbook(path), document)


@settings(max_examples=40, deadline=None)
@given(document=documents())
def test_the_pipe_to_the_children_changes_nothing(document):
    found = decode_document(encode_document(document))
    assert_same(found, document)
    assert found.remarks == document.remarks


def test_ids_that_tables_usually_spoil(tmp_path):
    document = random_document(8, 8, 2, user_ids=ODD_IDS, movie_ids=list(reversed(ODD_IDS)))
    write_workbook(document, tmp_path / "odd.xlsx")
    assert_same(read_workbook(tmp_path / "odd.xlsx"), document)


def test_a_user_and_a_movie_without_ratings_survive(tmp_path):
    rated = np.array([[True, False], [False, False]])
    ratings = Ratings.from_crosstab(["1", "2"], ["3", "4"], np.full((2, 2), 4.5), rated)
    document = Document(ratings, random_document(2, 2, 1).factors, {})
    write_workbook(document, tmp_path / "lonely.xlsx")
    found = read_workbook(tmp_path / "lonely.xlsx")
    assert_same(found, document)
    assert (found.ratings.n_users, found.ratings.n_movies, found.ratings.n_ratings) == (2, 2, 1)


def test_numbers_that_sixteen_digits_lose(tmp_path):
    document = random_document(1, 1, 4, density=1)
    numbers = np.array([[0.1 + 0.2, 1 / 3, 2**-1074, -0.0]])
    assert float(f"{0.1 + 0.2:.16G}") != 0.1 + 0.2
    document.factors["dot"].user_factors[:] = numbers
    write_workbook(document, tmp_path / "digits.xlsx")
    assert read_workbook(tmp_path / "digits.xlsx").factors["dot"].user_factors.tobytes() == numbers.tobytes()


def test_in_children_both_ways(tmp_path):
    document = random_document(7, 4, 3, active="bias")
    write_workbook_in_child(document, tmp_path / "child.xlsx")
    found = read_workbook_guarded(tmp_path / "child.xlsx")
    assert_same(found, document)
    assert found.remarks == ()


def test_values_only_comes_back_the_same(tmp_path):
    document = random_document(7, 4, 3)
    write_workbook(document, tmp_path / "values.xlsx", values_only=True)
    assert_same(read_workbook(tmp_path / "values.xlsx"), document)


def test_a_large_values_only_file_is_written_row_by_row_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("cfgui.io.workbook_export._CONSTANT_MEMORY_CELLS", 10)
    document = random_document(9, 6, 2, user_ids=[*ODD_IDS, "last"])
    write_workbook(document, tmp_path / "large.xlsx")
    assert_same(read_workbook(tmp_path / "large.xlsx"), document)


def test_a_long_history_is_thinned_and_says_so(tmp_path, monkeypatch):
    for module in ("appended_sheets", "notes_sheet"):
        monkeypatch.setattr(f"cfgui.io.{module}.MAX_HISTORY_POINTS", 5)
    assert appended_sheets.kept_points(9).tolist() == [0, 2, 4, 6, 8]
    document = random_document(2, 2, 1)
    document.history["dot"] = Curve("long", range(9), [1 / (1 + i) for i in range(9)])
    write_workbook(document, tmp_path / "long.xlsx")
    found = read_workbook(tmp_path / "long.xlsx").history["dot"]
    assert found.steps.tolist() == [0, 2, 4, 6, 8]
    assert found.rmses.tolist() == [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9]


@pytest.mark.parametrize("active", ["dot", "bias", "neural", "ordinal"])
def test_the_open_sheet_comes_back(tmp_path, active):
    write_workbook(full_document(active=active), tmp_path / "active.xlsx")
    assert read_workbook(tmp_path / "active.xlsx").active == active


@pytest.mark.parametrize("kind", ["none", "clip", "sigmoid", "tanh"])
@pytest.mark.parametrize("values_only", [False, True])
def test_every_model_with_its_range_comes_back(tmp_path, kind, values_only):
    document = full_document(rating_range=RatingRange(kind, 0.1 + 0.2, 5.5) if kind != "none" else NO_RANGE)
    write_workbook(document, tmp_path / "full.xlsx", values_only=values_only)
    found = read_workbook(tmp_path / "full.xlsx")
    assert_same(found, document)
    assert found.remarks == ()


def test_a_net_too_large_for_lines_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("cfgui.io.net_layout.MAX_LINE_FORMULAS", 10)
    write_workbook(full_document(), tmp_path / "values.xlsx", values_only=True)
    assert_same(read_workbook(tmp_path / "values.xlsx"), full_document())


def test_every_model_in_children_both_ways(tmp_path):
    document = full_document(7, 4, active="ordinal")
    write_workbook_in_child(document, tmp_path / "child.xlsx")
    assert_same(read_workbook_guarded(tmp_path / "child.xlsx"), document)


def test_factors_may_differ_in_number_between_the_models(tmp_path):
    document = random_document(4, 3, 2)
    mixed = Document(
        document.ratings, {"dot": document.factors["dot"], "bias": random_document(4, 3, 6).factors["bias"]}
    )
    write_workbook(mixed, tmp_path / "mixed.xlsx")
    assert_same(read_workbook(tmp_path / "mixed.xlsx"), mixed)
