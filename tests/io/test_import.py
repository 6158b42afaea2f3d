"""Reading both editions of the original, and exports that a person, Solver or LibreOffice changed."""

import dataclasses
import re

import numpy as np
import openpyxl
import pytest

from cfgui.core.models import predict_all, rmse
from cfgui.io.libreoffice import convert
from cfgui.io.sample import sample_document
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook, read_workbook_guarded
from cfgui.io.workbook_layout import SheetLayout
from tests.io.documents import assert_same, full_document, parts, random_document, rewrite, set_cell, sheet_part

SAMPLE_TITLES = "The movie titles are those of the built-in sample, whose users and movies these are."
WRONG_RMSE = "The RMSE cell V42 of the sheet bias shows 28.9638, the weights give 2.018: the weights count."


def test_the_edition_of_2016(reference):
    found = read_workbook(reference)
    assert_same(found, sample_document())
    assert set(found.remarks) == {SAMPLE_TITLES, WRONG_RMSE}


@pytest.fixture
def edition_2022(reference, tmp_path):
    """The later edition as SPREADSHEET.md describes it: SINGLE array formulas on bias and dynamic-array metadata."""
    document = sample_document()
    layout = SheetLayout(15, 15, 5, bias=True)
    table = np.where(document.ratings.rated, predict_all(document.factors["bias"]), 0.0)
    bias = sheet_part(reference, "bias")
    metadata = (
        '<?xml version="1.0"?><metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000"/></metadataTypes></metadata>'
    )

    def cell(user, movie):
        address = layout.address("predictions", user, movie)
        formula = layout.prediction_formula(user, movie)[1:].replace('=""', "=&quot;&quot;")
        formula = re.sub(r",0,(.*)\)$", r",0,_xlfn.SINGLE(\1))", formula)
        value = float(table[user, movie])
        return f'<c r="{address}" s="5" cm="1"><f t="array" ref="{address}">{formula}</f><v>{value!r}</v></c>'

    def change(name, data):
        if name == bias:
            for user in range(15):
                for movie in range(15):
                    address = layout.address("predictions", user, movie)
                    data, count = re.subn(rf'<c r="{address}".*?</c>'.encode(), cell(user, movie).encode(), data)
                    assert count == 1
            data = re.sub(rb"(<c r=\"V42\".*?<v>)[^<]*", rb"\g<1>2.018003803304626", data)
        if name == "[Content_Types].xml":
            kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
            override = b'<Override PartName="/xl/metadata.xml" ContentType="' + kind + b'"/></Types>'
            data = data.replace(b"</Types>", override)
        return metadata.encode() if name == "xl/metadata.xml" else data

    path = rewrite(reference, tmp_path / "collab_filter_2022.xlsx", change)
    assert b"_xlfn.SINGLE" in parts(path)[bias]
    return path


def test_the_edition_of_2022(edition_2022):
    found = read_workbook_guarded(edition_2022)
    assert_same(found, sample_document())
    assert found.remarks == (SAMPLE_TITLES,)


def test_weights_that_solver_changed(exported, sample, tmp_path):
    path = set_cell(exported, tmp_path / "solved.xlsx", "dotprod", "B25", 1.25)
    path = set_cell(path, tmp_path / "solved2.xlsx", "dotprod", "V23", -0.5)
    found = read_workbook(path)
    assert found.factors["dot"].user_factors[0, 0] == 1.25
    assert found.factors["dot"].movie_factors[14, 4] == -0.5
    changed = found.factors["dot"].flat() != sample.factors["dot"].flat()
    assert np.count_nonzero(changed) == 2
    assert found.factors["bias"].equals(sample.factors["bias"])
    assert any(remark.startswith("The RMSE cell V41 of the sheet dotprod shows 2.80606") for remark in found.remarks)
    assert any("dotprod and movielens_emb hold different weights" in remark for remark in found.remarks)


def test_adding_one_to_b25_gives_the_known_rmse(exported, tmp_path):
    start = sample_document().factors["dot"].user_factors[0, 0]
    path = set_cell(exported, tmp_path / "nudged.xlsx", "dotprod", "B25", start + 1)
    found = read_workbook(path)
    assert rmse(found.factors["dot"], found.ratings) == pytest.approx(2.770036614, abs=1e-9)


def test_weights_solved_on_the_lookup_sheet_count_when_it_is_open(exported, tmp_path):
    path = set_cell(exported, tmp_path / "emb.xlsx", "movielens_emb", "C4", 7.5)
    assert read_workbook(path).factors["dot"].user_factors[0, 0] == pytest.approx(0.19116638616919113)
    opened = rewrite(path, tmp_path / "open.xlsx", open_second_sheet)
    found = read_workbook(opened)
    assert found.factors["dot"].user_factors[0, 0] == 7.5
    assert found.active == "dot"
    assert "those of movielens_emb were read" in " ".join(found.remarks)


def open_second_sheet(name, data):
    if name != "xl/workbook.xml":
        return data
    data, count = re.subn(rb"<workbookView ", b'<workbookView activeTab="1" ', data)
    assert count == 1
    return data


def test_a_workbook_saved_by_openpyxl_after_a_person_edited_it(tmp_path):
    document = random_document(4, 3, 2)
    write_workbook(document, tmp_path / "export.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "export.xlsx")
    sheet = workbook["bias"]
    layout = SheetLayout(4, 3, 2, bias=True)
    sheet[layout.address("user_bias", 2)] = 0.125
    sheet[layout.address("movie_bias", 0, 1)] = -0.25
    workbook.save(tmp_path / "edited.xlsx")
    found = read_workbook(tmp_path / "edited.xlsx")
    assert found.factors["bias"].user_bias[2] == 0.125
    assert found.factors["bias"].movie_bias[1] == -0.25
    # openpyxl writes 16 digits.
    np.testing.assert_allclose(found.factors["dot"].flat(), document.factors["dot"].flat(), rtol=1e-15)
    assert found.history["dot"].steps.tolist() == [0, 1, 5]


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_saved_again_by_libreoffice(soffice, tmp_path, model):
    document = random_document(5, 4, 3, active=model, user_ids=["007", "=1+1", "7", "x y", "90"])
    write_workbook(document, tmp_path / "ours.xlsx")
    path = convert(soffice, tmp_path / "ours.xlsx", tmp_path / "out", profile=tmp_path / "profile")
    found = read_workbook(path)
    assert found.remarks == ()
    assert found.active == model
    assert found.ratings.user_ids == document.ratings.user_ids
    assert found.ratings.titles == document.ratings.titles
    np.testing.assert_array_equal(found.ratings.crosstab, document.ratings.crosstab)
    for name, factors in document.factors.items():
        # LibreOffice writes 15 digits.
        np.testing.assert_allclose(found.factors[name].flat(), factors.flat(), rtol=1e-14)
    assert found.history["dot"].steps.tolist() == [0, 1, 5]


@pytest.mark.parametrize("model", ["neural", "ordinal"])
def test_nets_and_ranges_saved_again_by_libreoffice(soffice, tmp_path, model):
    document = full_document(active=model)
    write_workbook(document, tmp_path / "ours.xlsx")
    found = read_workbook(convert(soffice, tmp_path / "ours.xlsx", tmp_path / "out", profile=tmp_path / "profile"))
    assert found.remarks == ()
    assert found.active == model
    for name, factors in document.factors.items():
        assert found.factors[name].description == factors.description
        # LibreOffice writes 15 digits.
        np.testing.assert_allclose(found.factors[name].flat(), factors.flat(), rtol=1e-14)


def test_a_layers_weight_that_a_person_typed(tmp_path):
    document = full_document(active="neural")
    write_workbook(document, tmp_path / "ours.xlsx")
    found = read_workbook(set_cell(tmp_path / "ours.xlsx", tmp_path / "typed.xlsx", "neural", "L4", -2.5))
    assert found.factors["neural"].layers[0].weights[1, 1] == -2.5
    changed = found.factors["neural"].flat() != document.factors["neural"].flat()
    assert np.count_nonzero(changed) == 1
    assert any(remark.startswith("The RMSE cell H16 of the sheet neural shows") for remark in found.remarks)


def test_a_sheet_called_neural_without_layers_gives_no_net(tmp_path):
    found = read_workbook(built(tmp_path, {"neural": DOT_ROWS}))
    assert set(found.factors) == {"dot", "bias"}
    assert found.active == "dot"


def built(tmp_path, sheets):
    """A workbook of lists of rows by sheet name, written plainly."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(tmp_path / "built.xlsx")
    return tmp_path / "built.xlsx"


DOT_ROWS = [
    [None, None, "movieId", 1, 2],
    [None, "userId", "a", 4, None],
    [None, None, "b", None, 2.5],
    [],
    [],
    [None, None, "movieId", 0.5, 1.5],
    [None, "userId", None, 1, 2],
    [None, 3.0, "a", None, None],
    [None, 4.0, "b", None, None],
]


def test_only_a_dot_sheet_gives_bias_its_factors_and_zero_biases(tmp_path):
    found = read_workbook(built(tmp_path, {"dotprod": DOT_ROWS}))
    assert found.ratings.user_ids == ("a", "b")
    assert found.ratings.crosstab.tolist() == [[4, 0], [0, 2.5]]
    assert found.factors["dot"].user_factors.tolist() == [[3], [4]]
    assert found.factors["dot"].movie_factors.tolist() == [[0.5], [1.5]]
    assert found.factors["bias"].user_factors.tolist() == [[3], [4]]
    assert found.factors["bias"].user_bias.tolist() == [0, 0]
    assert "zero biases" in " ".join(found.remarks)


def test_only_a_bias_sheet_gives_dot_its_factors(tmp_path):
    rows = [*DOT_ROWS[:5], [None, None, None, 0.1, 0.2], *DOT_ROWS[5:]]
    rows[-2], rows[-1] = [0.25, 3.0, "a"], [-1, 4.0, "b"]
    found = read_workbook(built(tmp_path, {"bias": rows}))
    assert found.active == "bias"
    assert found.factors["bias"].user_bias.tolist() == [0.25, -1]
    assert found.factors["bias"].movie_bias.tolist() == [0.1, 0.2]
    assert found.factors["dot"].movie_factors.tolist() == [[0.5], [1.5]]
    assert "it got the factors of bias" in " ".join(found.remarks)


def test_a_bare_crosstab_on_any_sheet_gets_random_weights(tmp_path):
    found = read_workbook(built(tmp_path, {"Sheet1": [["nothing"]], "My data": DOT_ROWS[:3]}))
    assert found.ratings.n_ratings == 2
    assert found.factors["dot"].n_factors == 5
    assert "random numbers (seed 42)" in " ".join(found.remarks)


def test_a_block_moved_down_and_right_is_found_by_its_labels(tmp_path):
    rows = [["my notes"], [], *[[None, None, *row] for row in DOT_ROWS]]
    found = read_workbook(built(tmp_path, {"dotprod": rows}))
    assert found.factors["dot"].user_factors.tolist() == [[3], [4]]
    assert found.ratings.crosstab.tolist() == [[4, 0], [0, 2.5]]


def test_decimal_commas_typed_as_text_are_numbers_with_a_remark(tmp_path):
    rows = [list(row) for row in DOT_ROWS]
    rows[1][3], rows[7][1] = "3,5", " -0.25 "
    found = read_workbook(built(tmp_path, {"dotprod": rows}))
    assert found.ratings.values[0] == 3.5
    assert found.factors["dot"].user_factors[0, 0] == -0.25
    assert "On the sheet dotprod 2 numbers were typed as text and read as numbers, first in D2." in found.remarks


def test_ratings_that_differ_between_the_sheets_are_told(exported, tmp_path):
    found = read_workbook(set_cell(exported, tmp_path / "changed.xlsx", "bias", "H2", 1))
    assert found.ratings.rating(0, 0) == 3
    expected = "1 rating differs between the sheets bias and dotprod: those on dotprod were read."
    assert expected in found.remarks


def test_spaces_count_as_unrated(exported, sample, tmp_path):
    found = read_workbook(set_cell(exported, tmp_path / "spaces.xlsx", "dotprod", "H2", "  ", "inlineStr"))
    assert found.ratings.rating(0, 0) is None
    assert found.ratings.n_ratings == sample.ratings.n_ratings - 1


def test_an_own_export_needs_no_remark(exported, sample):
    found = read_workbook(exported)
    assert found.remarks == ()
    assert_same(found, dataclasses.replace(sample, remarks=()))


def test_a_history_sheet_of_somebody_else_is_left_alone(tmp_path):
    found = read_workbook(built(tmp_path, {"dotprod": DOT_ROWS, "history": [["1066", "Hastings"]]}))
    assert found.history == {}
    broken = [["dotprod", "x"], ["step", "RMSE"], ["first", 2.0]]
    found = read_workbook(built(tmp_path, {"dotprod": DOT_ROWS, "history": broken}))
    assert found.history == {}
    assert "that curve was left out" in " ".join(found.remarks)
