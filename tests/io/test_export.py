"""What stands in an exported workbook, looked at with openpyxl and in its XML."""

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from openpyxl.utils import rows_from_range

from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.models import predict_all
from cfgui.core.ratings import Ratings
from cfgui.io.expected_cells import expected_cells
from cfgui.io.sample import sample_document
from cfgui.io.solver_names import SOLVER_SETTINGS
from cfgui.io.workbook_export import TooLargeForExcel, write_workbook
from cfgui.io.workbook_layout import SheetLayout
from cfgui.io.workbook_size import count_formulas
from tests.io.documents import full_document, parts, random_document, random_net


@pytest.fixture(scope="module")
def formulas(exported):
    return openpyxl.load_workbook(exported)


@pytest.fixture(scope="module")
def values(exported):
    return openpyxl.load_workbook(exported, data_only=True)


def test_sheets_in_order(formulas):
    assert formulas.sheetnames == ["dotprod", "movielens_emb", "bias", "history", "predictions", "notes"]
    assert formulas.active.title == "dotprod"


def test_rmse_cells_hold_formula_and_exact_number(formulas, values):
    for sheet, cell, number in (
        ("dotprod", "V41", 2.8060620616483134),
        ("dotprod", "V42", 2.8060620616483134),
        ("bias", "V42", 2.018003803304626),
        ("bias", "V43", 2.018003803304626),
        ("movielens_emb", "AA3", 2.8060620616483134),
        ("movielens_emb", "AA6", 2.8060620616483134),
    ):
        assert formulas[sheet][cell].value.startswith("=SQRT(")
        assert values[sheet][cell].value == number


def test_every_prediction_stores_the_programs_bits(sample, formulas, values):
    rated = sample.ratings.rated
    for model in ("dot", "bias"):
        layout = SheetLayout(15, 15, 5, bias=model == "bias")
        expected = np.where(rated, predict_all(sample.factors[model]), 0.0)
        for user in range(15):
            for movie in range(15):
                address = layout.address("predictions", user, movie)
                assert values[layout.sheet][address].value == expected[user, movie]
                assert formulas[layout.sheet][address].value == layout.prediction_formula(user, movie)


def test_ratings_are_typed_and_unrated_is_blank(values):
    sheet = values["dotprod"]
    assert [sheet[cell].value for cell in ("H2", "I2", "J2", "H6")] == [3, 5, 1, 2.5]
    assert sheet["Q5"].value is None
    assert (sheet["H2"].number_format, sheet["H25"].number_format) == ("General", "#,##0.00")


def test_it_is_the_reference_workbook_cell_for_cell(reference, values):
    """Every typed cell of the original's dotprod sheet, notes aside, stands in ours at the same address."""
    original = openpyxl.load_workbook(reference, read_only=True, data_only=True)
    compared = 0
    for sheet in ("dotprod", "bias"):
        for row in original[sheet].iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)) and not (
                    sheet == "bias" and cell.row >= 26 and cell.column >= 8
                ):
                    # The bias sheet of 2016 adds the biases to unrated cells too and forgets COUNT.
                    assert values[sheet][cell.coordinate].value == pytest.approx(cell.value, abs=1e-12), cell.coordinate
                    compared += 1
    original.close()
    assert compared > 1000


def test_looks_of_the_original(formulas):
    sheet = formulas["dotprod"]
    assert sheet.sheet_view.zoomScale == 120
    assert sheet["H1"].font.bold
    assert sheet["H1"].fill.fgColor.rgb == "FFE6E6E6"
    assert sheet.column_dimensions["H"].width == pytest.approx(5.93, abs=0.8)
    assert sheet.column_dimensions["G"].width == pytest.approx(10.6, abs=0.8)
    assert sheet.freeze_panes == "H2"
    assert formulas["movielens_emb"].freeze_panes == "A3"
    assert [sheet["B19"].value, sheet["G20"].value, sheet["D22"].value] == ["Random numbers to begin with:", "→", "↓"]
    scales = {str(cells.sqref): rules for cells, rules in sheet.conditional_formatting._cf_rules.items()}
    assert {"H2:V16", "H25:V39", "H19:V23", "B25:F39"} <= set(scales)
    (rated,) = [cells for cells in scales if cells.startswith("H25") and " " in cells]
    coloured = {cell for part in rated.split() for row in rows_from_range(part) for cell in row}
    ratings = sample_document().ratings
    assert coloured == {
        sheet.cell(25 + int(user), 8 + int(movie)).coordinate for user, movie in np.argwhere(ratings.rated)
    }
    colours = [
        [colour.rgb for colour in rule.colorScale.color]
        for cells in ("H2:V16", rated)
        for rule in scales[cells]
        if rule.type == "colorScale"
    ]
    assert colours[0] == colours[1]


def test_solver_opens_ready(exported):
    workbook = parts(exported)["xl/workbook.xml"].decode()
    names = re.findall(r'<definedName name="(solver_\w+)" localSheetId="(\d)" hidden="1">([^<]*)<', workbook)
    found = {(name, int(sheet)): meaning for name, sheet, meaning in names}
    assert found["solver_adj", 0] == "dotprod!$H$19:$V$23,dotprod!$B$25:$F$39"
    assert found["solver_adj", 1] == "movielens_emb!$C$4:$G$18,movielens_emb!$C$22:$G$36"
    assert found["solver_adj", 2] == "bias!$H$19:$V$24,bias!$A$26:$F$40"
    assert [found["solver_opt", sheet] for sheet in range(3)] == ["dotprod!$V$41", "movielens_emb!$AA$3", "bias!$V$42"]
    assert len(found) == 3 * (2 + len(SOLVER_SETTINGS)) == 3 * 27
    assert workbook.count("solver_") == len(names), "every one is hidden and local"


def test_solver_settings_are_those_of_the_original(reference):
    original = parts(reference)["xl/workbook.xml"].decode()
    stored = dict(re.findall(r'<definedName name="(solver_\w+)" localSheetId="0" hidden="1">([^<]*)<', original))
    assert {name: stored[name] for name in SOLVER_SETTINGS} == SOLVER_SETTINGS
    assert set(stored) == {*SOLVER_SETTINGS, "solver_adj", "solver_opt"}


def test_too_many_weights_for_solver_are_left_out_with_the_reason(tmp_path):
    write_workbook(random_document(30, 30, 3), tmp_path / "many.xlsx")  # dot 180, bias 240
    workbook = parts(tmp_path / "many.xlsx")["xl/workbook.xml"].decode()
    assert set(re.findall(r"solver_opt.*?>(\w+)!", workbook)) == {"dotprod", "movielens_emb"}
    assert "bias carries no settings for Solver: it has 240 weights" in notes(tmp_path / "many.xlsx")


def notes(path):
    sheet = openpyxl.load_workbook(path)["notes"]
    return "\n".join(str(row[0]) for row in sheet.iter_rows(values_only=True) if row[0])


def test_notes_say_where_the_data_comes_from(exported, tmp_path):
    text = notes(exported)
    assert "https://doi.org/10.1145/2827872" in text
    assert "Data > Solver" in text
    write_workbook(random_document(3, 3, 2), tmp_path / "other.xlsx")
    assert "MovieLens" not in notes(tmp_path / "other.xlsx")


def test_history_has_both_curves_and_its_chart(tmp_path):
    document = random_document(3, 3, 2)
    write_workbook(document, tmp_path / "history.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "history.xlsx")["history"]
    rows = [[cell.value for cell in row] for row in sheet["A1:E5"]]
    assert rows[0] == ["dotprod", "gd, rate 0.5", None, "bias", "adam"]
    assert rows[1] == ["step", "RMSE", None, "step", "RMSE"]
    assert rows[2] == [0, 2.5, None, 0, 2.0]
    assert rows[4] == [5, 0.1, None, None, None]
    chart = parts(tmp_path / "history.xlsx")["xl/charts/chart1.xml"].decode()
    assert "<a:t>Error by epoch</a:t>" in chart
    assert "history!$A$3:$A$5" in chart
    assert "<c:f>history!$E$3</c:f>" in chart


def test_predictions_of_every_cell_open_model_first(tmp_path):
    document = random_document(4, 3, 2, active="bias")
    write_workbook(document, tmp_path / "predictions.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "predictions.xlsx")["predictions"].iter_rows(values_only=True))
    assert rows[0][0].startswith("bias: ")
    assert rows[9][0].startswith("dotprod: ")
    assert rows[1][2:] == (100, 101, 102)
    assert rows[2][2] == "A title, The (1999)"
    np.testing.assert_array_equal(np.array([row[2:] for row in rows[3:7]]), predict_all(document.factors["bias"]))
    np.testing.assert_array_equal(np.array([row[2:] for row in rows[12:16]]), predict_all(document.factors["dot"]))


def test_nothing_private_and_nothing_that_runs(exported, tmp_path):
    inside = parts(exported)
    text = b"".join(inside.values()).decode(errors="replace")
    for unwanted in ("_xlfn", "absPath", "vbaProject", "sheetProtection", str(tmp_path.parent), "/home/", "/root"):
        assert unwanted not in text, unwanted
    core = inside["docProps/core.xml"].decode()
    assert re.search(r"<dc:creator>(.*?)</dc:creator>", core)[1] == ""
    assert not [name for name in inside if "comments" in name or "external" in name]


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    document = random_document(2, 2, 1, user_ids=["=1+1", "007"], movie_ids=['=HYPERLINK("x")', "b\x01\ud800c"])
    write_workbook(document, tmp_path / "text.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "text.xlsx")["dotprod"]
    assert [(sheet[cell].value, sheet[cell].data_type) for cell in ("C2", "C3", "D1", "E1")] == [
        ("=1+1", "s"),
        ("007", "s"),
        ('=HYPERLINK("x")', "s"),
        ("bc", "s"),
    ]


def test_an_overflowing_model_shows_an_error_not_a_wrong_number(tmp_path):
    document = random_document(1, 1, 2, density=1)
    document.factors["dot"].user_factors[:] = 1e200
    document.factors["dot"].movie_factors[:] = 1e200
    write_workbook(document, tmp_path / "overflow.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "overflow.xlsx", data_only=True)["dotprod"]
    assert (sheet["E8"].value, sheet["E10"].value) == ("#NUM!", "#NUM!")


def test_values_only_has_no_formula(tmp_path):
    document = random_document(4, 3, 2)
    write_workbook(document, tmp_path / "values.xlsx", values_only=True)
    inside = parts(tmp_path / "values.xlsx")
    sheets = [data for name, data in inside.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 6
    assert not any(b"<f>" in data for data in sheets)
    assert b"solver_" not in inside["xl/workbook.xml"]
    assert "values only" in notes(tmp_path / "values.xlsx")


def sized(n_users, n_movies, n_ratings, k=1):
    """A document of any size whose ratings fill its first cells."""
    cells = np.arange(n_ratings)
    ratings = Ratings(
        tuple(map(str, range(n_users))),
        tuple(map(str, range(n_movies))),
        (cells // n_movies).astype(np.int32),
        (cells % n_movies).astype(np.int32),
        np.full(n_ratings, 3.0),
    )
    return Document(
        ratings, random_document(n_users, n_movies, k, user_ids=ratings.user_ids, movie_ids=ratings.movie_ids).factors
    )


def test_formulas_are_counted():
    # 2 sheets of 15 x 15 predictions, 206 lines of 14 formulas, RMSE and check on three sheets.
    from cfgui.io.sample import sample_document

    assert count_formulas(sample_document()) == 2 * 225 + 206 * 14 + 6 == 3340


def test_formulas_of_nets_and_ranges_are_counted():
    document = full_document()
    n_ratings = document.ratings.n_ratings
    # Per rating: rating, 2 idx, 3 + 2 factors, then 4 + 3 + 1 units or 4 + 3 units, max, sum and 3 p, then 2.
    lines = n_ratings * (3 + 5 + 8 + 2) + n_ratings * (3 + 5 + 7 + 5 + 2)
    plain = 4 * 12 + n_ratings * (2 * 2 + 4) + 5 * 2 + 2
    assert count_formulas(document) == plain + lines == len(list(expected_cells(document)))


def test_a_range_and_a_mean_stand_in_labelled_cells_below_the_rmse(tmp_path):
    write_workbook(full_document(), tmp_path / "full.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "full.xlsx")
    bias, dot, embedding = (workbook[sheet] for sheet in ("bias", "dotprod", "movielens_emb"))
    # 4 users, 3 movies, 2 factors: the bias's RMSE is in G17, check in G18.
    labels = [[cell.value for cell in row] for row in bias["F20:G23"]]
    assert labels == [["range", "sigmoid"], ["low", 0], ["high", 5.5], ["mean", 3.1]]
    score = "MMULT($B12:$C12,E$9:E$10)+E$8+$A12+$G$23"
    assert bias["E12"].value == f'=IF(E2="",0,1/(1+EXP(-({score})))*($G$22-$G$21)+$G$21)'
    assert [[cell.value for cell in row] for row in dot["F19:G21"]] == labels[:3]
    score = "MMULT($B11:$C11,E$8:E$9)"
    assert dot["E11"].value == f'=IF(E2="",0,1/(1+EXP(-({score})))*($G$21-$G$20)+$G$20)'
    assert [embedding[cell].value for cell in ("R9", "R12")] == ["=dotprod!$G$20", "=dotprod!$G$21"]
    assert embedding["O3"].value == "=1/(1+EXP(-(SUMPRODUCT(J3:K3,M3:N3))))*($R$12-$R$9)+$R$9"


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("clip", "MIN($D$16,MAX($D$15,MMULT($B8:$B8,D$6:D$6)))"),
        ("tanh", "TANH(MMULT($B8:$B8,D$6:D$6))*($D$16-$D$15)/2+($D$16+$D$15)/2"),
    ],
)
def test_other_ranges(kind, formula):
    layout = SheetLayout(2, 1, 1, bias=False, range_kind=kind)
    assert layout.formula("predictions") == f'=IF(D2="",0,{formula})'


def test_without_a_range_nothing_is_added(exported):
    """What the sheets were before there were ranges: no cell more, no formula other."""
    workbook = openpyxl.load_workbook(exported)
    assert workbook["dotprod"].dimensions == "B1:V42"
    assert workbook["bias"].dimensions == "A1:V43"
    assert workbook["movielens_emb"]["AA9"].value is None
    assert workbook["history"]["G2"].value is None


def test_a_nets_sheet(tmp_path):
    document = full_document(active="neural", density=1)
    write_workbook(document, tmp_path / "full.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "full.xlsx")
    assert workbook.sheetnames[:5] == ["dotprod", "movielens_emb", "bias", "neural", "ordinal"]
    assert workbook.active.title == "neural"
    sheet = workbook["neural"]
    # 4 users, 3 movies, 3 and 2 factors: ratings F2:H5, movie factors F8:H9, predictions F11:H14, layers from J1.
    assert sheet["J1"].value == "layer 1: 5 x 4 weights and a bias each (hidden, ReLU)"
    assert [cell.value for cell in sheet["K2:N2"][0]] == [1, 2, 3, 4]
    assert [row[0].value for row in sheet["J3:J8"]] == ["user 1", "user 2", "user 3", "movie 1", "movie 2", "bias"]
    net = document.factors["neural"]
    assert [[cell.value for cell in row] for row in sheet["K3:N7"]] == net.layers[0].weights.tolist()
    assert [cell.value for cell in sheet["K8:N8"][0]] == net.layers[0].bias.tolist()
    assert sheet["J10"].value == "layer 2: 4 x 3 weights and a bias each (hidden, ReLU)"
    assert sheet["J18"].value == "layer 3: 3 x 1 weights and a bias each (output)"
    # Lines: three rows of headings below the last bias in row 23.
    assert [cell.value for cell in sheet["E26:I26"][0]] == ["userId", "movieId", "rating", "idx", "idx"]
    formulas = [cell.value for cell in sheet["E27:X27"][0]]
    assert formulas[:3] == [10, 100, '=IF(F2="","",F2)']
    assert formulas[3:6] == [
        "=MATCH($E27,$E$11:$E$14,0)",
        "=MATCH($F27,$F$10:$H$10,0)",
        "=INDEX($B$11:$D$14,$H27,J$26)",
    ]
    assert formulas[8] == "=INDEX($F$8:$H$9,M$26,$I27)"
    assert formulas[10] == "=MAX(0,MMULT($J27:$N27,$K$3:$K$7)+$K$8)"
    assert formulas[14] == "=MAX(0,MMULT($O27:$R27,$K$12:$K$15)+$K$16)"
    assert formulas[17] == "=MMULT($S27:$U27,$K$20:$K$22)+$K$23"
    assert formulas[18] == "=1/(1+EXP(-($V27)))*($H$21-$H$20)+$H$20"
    assert formulas[19] == '=IF($G27="","",($G27-$W27)^2)'
    assert sheet["F11"].value == '=IF(F2="",0,$W27)'
    assert [sheet["H16"].value, sheet["G19"].value] == ["=SQRT(AVERAGE(X27:X38))", "range"]


def test_an_ordinal_nets_line(tmp_path):
    write_workbook(full_document(density=1), tmp_path / "full.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "full.xlsx")["ordinal"]
    assert [cell.value for cell in sheet["J18:M18"][0]] == ["classes", 0.5, 3, 5]
    formulas = [cell.value for cell in sheet[sheet.max_row - 11]]
    n = sheet.max_row - 11
    start = formulas.index(f"=MMULT($O{n}:$R{n},$K$12:$K$15)+$K$16")
    assert formulas[start + 3 : start + 6] == [
        f"=MAX($S{n}:$U{n})",
        f"=SUMPRODUCT(EXP($S{n}:$U{n}-$V{n}))",
        f"=EXP($S{n}-$V{n})/$W{n}",
    ]
    assert formulas[start + 8] == f"=SUMPRODUCT($X{n}:$Z{n},$K$18:$M$18)"


def test_solver_on_the_sheets_of_nets(tmp_path):
    """Embeddings and layers are what Solver changes, where they are few enough; the notes say so."""
    write_workbook(full_document(), tmp_path / "full.xlsx")
    workbook = parts(tmp_path / "full.xlsx")["xl/workbook.xml"].decode()
    names = dict(re.findall(r'"(solver_(?:adj|opt))" localSheetId="3" hidden="1">([^<]*)<', workbook))
    layers = "neural!$K$3:$N$8,neural!$K$12:$M$16,neural!$K$20:$K$23"
    assert names == {"solver_adj": f"neural!$F$8:$H$9,neural!$B$11:$D$14,{layers}", "solver_opt": "neural!$H$16"}
    net = random_net(4, 3, (30, 1))
    write_workbook(replace(full_document(), factors={**full_document().factors, "neural": net}), tmp_path / "big.xlsx")
    text = notes(tmp_path / "big.xlsx")
    assert "neural carries no settings for Solver: it has 229 weights" in text
    assert "ordinal with 3 latent factors per user, 2 per movie and 4 and 3 units in its layers" in text
    assert "bias: the cell mean below the RMSE" in text
    assert "dotprod: a prediction is its score, sigmoid(score) × 5.5 + 0" in text


def test_history_of_nets(tmp_path):
    write_workbook(full_document(), tmp_path / "full.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "full.xlsx")["history"]
    assert [cell.value for cell in sheet["G1:K1"][0]] == ["neural", "adam", None, "ordinal", "adam"]
    assert [[cell.value for cell in row] for row in sheet["G3:H4"]] == [[0, 2], [2, 1]]


def test_hidden_layers_too_wide_for_a_line_go_as_values_only(tmp_path):
    document = random_document(2, 2, 1)
    wide = replace(document, factors={**document.factors, "neural": random_net(2, 2, (1200, 900, 1), k=(1, 1))})
    narrow = replace(document, factors={**document.factors, "neural": random_net(2, 2, (9000, 8, 8000, 1), k=(1, 1))})
    with pytest.raises(TooLargeForExcel, match=r"layers of the sheet neural have .* fewer hidden units, or export all"):
        write_workbook(wide, tmp_path / "wide.xlsx", values_only=True)
    with pytest.raises(TooLargeForExcel, match=r"line of formulas of the sheet neural needs 17,020 columns") as caught:
        write_workbook(narrow, tmp_path / "wide.xlsx")
    assert caught.value.values_only_fits
    assert list(tmp_path.iterdir()) == []


def test_too_many_formulas_are_refused_with_the_ways_out(tmp_path):
    with pytest.raises(TooLargeForExcel, match=r"needs 208,018 formulas .* values only, or only the users") as caught:
        write_workbook(sized(400, 260, 2), tmp_path / "big.xlsx")
    assert caught.value.values_only_fits
    assert list(tmp_path.iterdir()) == []


def test_too_many_columns_are_refused_even_as_values(tmp_path):
    with pytest.raises(TooLargeForExcel, match=r"needs 16,385 columns .* 16,384: export only the users") as caught:
        write_workbook(sized(1, 16_382, 1), tmp_path / "wide.xlsx", values_only=True)
    assert not caught.value.values_only_fits


def test_the_old_file_stays_when_writing_is_refused(tmp_path):
    path = tmp_path / "kept.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(TooLargeForExcel):
        write_workbook(sized(400, 260, 2), path)
    assert path.read_bytes() == b"old"


def test_a_curve_of_one_point_and_none_at_all_still_make_a_chart(tmp_path):
    document = random_document(2, 2, 1)
    for history in ({}, {"bias": Curve("one", [0], [1.5])}):
        write_workbook(Document(document.ratings, document.factors, history), tmp_path / "chart.xlsx")
        assert b"<c:ser>" in parts(tmp_path / "chart.xlsx")["xl/charts/chart1.xml"]
