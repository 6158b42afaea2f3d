"""LibreOffice calculates every formula from nothing and must get the program's numbers."""

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from cfgui.core.document import Document
from cfgui.core.factors import Factors, Layer
from cfgui.core.models import rmse
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.io.expected_cells import expected_cells
from cfgui.io.libreoffice import LibreOfficeError, convert, recalculated, strip_stored_values
from cfgui.io.net_layout import NetLayout
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook
from cfgui.io.workbook_layout import SheetLayout, embedding_layout
from cfgui.io.workbook_verify import Check, verify_workbook
from tests.io.documents import full_document, parts, random_document, rewrite, set_cell

TRICKY_USERS = ["7", "007", "=1+1", "1e5", "a", "A*", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
TRICKY_MOVIES = ["x?", "xy", "~", "9007199254740993"]


def calculated(path):
    """Every cell's value by (sheet, row, column), 0-based, as LibreOffice calculated it."""
    with recalculated(path) as result:
        workbook = openpyxl.load_workbook(result, data_only=True)
        return {
            (sheet.title, cell.row - 1, cell.column - 1): cell.value
            for sheet in workbook
            for row in sheet.iter_rows()
            for cell in row
        }


def assert_all_agree(document, path):
    found = calculated(path)
    expected = list(expected_cells(document))
    for cell in expected:
        number = found[cell.sheet, cell.row, cell.column]
        assert number == pytest.approx(cell.value, rel=0, abs=1e-9), cell
    return found, len(expected)


def test_the_sample(soffice, sample, exported):
    found, count = assert_all_agree(sample, exported)
    assert count == 3340
    # The cells V41, V42 and AA3 by hand, so that no mistake of the layout can hide.
    assert found["dotprod", 40, 21] == pytest.approx(2.80606206, abs=5e-9)
    assert found["bias", 41, 21] == pytest.approx(2.01800380, abs=5e-9)
    assert found["movielens_emb", 2, 26] == pytest.approx(2.80606206, abs=5e-9)
    assert found["movielens_emb", 2, 26] == pytest.approx(rmse(sample.factors["dot"], sample.ratings), abs=1e-12)


def test_seven_users_four_movies_three_factors_with_ids_that_confuse_lookups(soffice, tmp_path):
    document = random_document(7, 4, 3, seed=3, density=0.5, user_ids=TRICKY_USERS, movie_ids=TRICKY_MOVIES)
    assert not document.ratings.rated.all()
    write_workbook(document, tmp_path / "random.xlsx")
    assert_all_agree(document, tmp_path / "random.xlsx")


@pytest.mark.parametrize("kind", ["clip", "sigmoid", "tanh"])
def test_every_model_with_a_range(soffice, tmp_path, kind):
    document = full_document(7, 4, rating_range=RatingRange(kind, 0.5, 5.5), density=0.5, user_ids=TRICKY_USERS)
    write_workbook(document, tmp_path / "full.xlsx")
    found = calculated(tmp_path / "full.xlsx")
    for cell in expected_cells(document):
        assert found[cell.sheet, cell.row, cell.column] == pytest.approx(cell.value, rel=0, abs=1e-12), cell


def test_a_net_by_hand(soffice, tmp_path):
    """max(0, 2 x 0.5 + 3 x 1 + 0.25) = 4.25; 4.25 x 2 - 1 = 7.5, cut to 5; (4 - 5)^2 = 1."""
    ratings = Ratings.from_crosstab(["a"], ["b"], np.array([[4.0]]), np.array([[True]]))
    plain = random_document(1, 1, 1).factors
    layers = Layer(np.array([[0.5], [1.0]]), np.array([0.25])), Layer(np.array([[2.0]]), np.array([-1.0]))
    net = Factors(np.array([[2.0]]), np.array([[3.0]]), layers=layers, range=RatingRange("clip", 1.0, 5.0))
    write_workbook(Document(ratings, {**plain, "neural": net}), tmp_path / "hand.xlsx")
    with recalculated(tmp_path / "hand.xlsx") as result:
        sheet = openpyxl.load_workbook(result, data_only=True)["neural"]
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=sheet.max_row, min_col=3, max_col=13)]
        assert lines == [["a", "b", 4, 1, 1, 2, 3, 4.25, 7.5, 5, 1]]
        assert [sheet[cell].value for cell in ("D2", "D7", "D9", "D10")] == [4, 5, 1, 1]


def test_an_ordinal_net_by_hand(soffice, tmp_path):
    """Logits ln 1, ln 3 and ln 4: the probabilities are 1/8, 3/8 and 4/8, their mean of 1, 3 and 5 is 3.75."""
    ratings = Ratings.from_crosstab(["a"], ["b"], np.array([[3.0]]), np.array([[True]]))
    plain = random_document(1, 1, 1).factors
    layer = Layer(np.zeros((2, 3)), np.log([1.0, 3.0, 4.0]))
    net = Factors(np.array([[2.0]]), np.array([[3.0]]), layers=(layer,), classes=(1.0, 3.0, 5.0))
    write_workbook(Document(ratings, {**plain, "ordinal": net}), tmp_path / "hand.xlsx")
    with recalculated(tmp_path / "hand.xlsx") as result:
        sheet = openpyxl.load_workbook(result, data_only=True)["ordinal"]
        (line,) = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=sheet.max_row, min_col=10))
    assert line[:3] == pytest.approx(np.log([1, 3, 4]).tolist())
    assert line[3:5] == pytest.approx([np.log(4), 2.0])
    assert line[5:] == pytest.approx([0.125, 0.375, 0.5, 3.75, 0.5625])


def test_changing_a_range_in_the_cells_changes_every_prediction(soffice, tmp_path):
    """The ends are cells, not numbers inside formulas; movielens_emb follows dotprod."""
    document = full_document(rating_range=RatingRange("tanh", 1.0, 5.0))
    write_workbook(document, tmp_path / "full.xlsx")
    layout = SheetLayout.of(4, 3, document.factors["dot"])
    path = set_cell(tmp_path / "full.xlsx", tmp_path / "high.xlsx", "dotprod", layout.address("high"), 9)
    changed = replace(document.factors["dot"], range=RatingRange("tanh", 1.0, 9.0))
    found, wanted = calculated(path), rmse(changed, document.ratings)
    assert abs(wanted - rmse(document.factors["dot"], document.ratings)) > 0.1
    assert found["dotprod", *layout.cell("rmse")] == pytest.approx(wanted, abs=1e-12)
    embedding = embedding_layout(4, 3, document.ratings.n_ratings, changed)
    assert found["movielens_emb", *embedding.cell("rmse")] == pytest.approx(wanted, abs=1e-12)
    assert read_workbook(path).factors["dot"].range == RatingRange("tanh", 1.0, 9.0)


def test_clearing_a_rating_takes_its_line_out_of_a_nets_rmse(soffice, tmp_path):
    document = full_document(density=1)
    write_workbook(document, tmp_path / "full.xlsx")
    net = document.factors["neural"]
    layout = NetLayout.of(4, 3, 12, net)
    path = set_cell(
        tmp_path / "full.xlsx", tmp_path / "less.xlsx", "neural", layout.address("ratings", 1, 2), "", "str"
    )
    found = calculated(path)
    wanted = rmse(net, document.ratings.with_ratings({(1, 2): None}))
    assert found["neural", *layout.cell("rmse")] == pytest.approx(wanted, abs=1e-12)
    assert found["neural", *layout.cell("rmse_check")] == pytest.approx(wanted, abs=1e-12)
    assert found["neural", *layout.cell("predictions", 1, 2)] == 0


def test_one_user_one_movie_one_factor(soffice, tmp_path):
    document = random_document(1, 1, 1)
    write_workbook(document, tmp_path / "tiny.xlsx")
    assert_all_agree(document, tmp_path / "tiny.xlsx")


def test_a_wrong_stored_value_is_not_believed(soffice, exported, tmp_path):
    def change(name, data):
        return data.replace(b"2.8060620616483134", b"9.99")

    path = rewrite(exported, tmp_path / "wrong.xlsx", change)
    assert openpyxl.load_workbook(path, data_only=True)["dotprod"]["V41"].value == 9.99
    assert calculated(path)["dotprod", 40, 21] == pytest.approx(2.80606206, abs=5e-9)


def test_stripping_takes_out_every_stored_value_and_nothing_else(exported, tmp_path):
    assert strip_stored_values(exported, tmp_path / "stripped.xlsx") == 3340
    before, after = openpyxl.load_workbook(exported), openpyxl.load_workbook(tmp_path / "stripped.xlsx", data_only=True)
    assert after["dotprod"]["H25"].value is None
    assert after["dotprod"]["B25"].value == before["dotprod"]["B25"].value
    assert set(parts(exported)) == set(parts(tmp_path / "stripped.xlsx"))


def test_a_program_that_fails_is_said(tmp_path):
    with pytest.raises(LibreOfficeError, match="did not convert"):
        convert(str(tmp_path / "no-such-program"), tmp_path / "a.xlsx", tmp_path, profile=tmp_path / "profile")


def test_verify_passes_our_own_export(soffice, exported):
    checks = verify_workbook(exported)
    assert [check.name for check in checks] == ["readable", "layout", "formulas", "stored values", "LibreOffice"]
    assert all(check.ok for check in checks), checks
    assert "All 3,340 recalculated values agree" in checks[-1].detail


def by_name(path):
    return {check.name: check for check in verify_workbook(path, libreoffice=False)}


def test_verify_finds_a_wrong_stored_value(exported, tmp_path):
    def change(_, data):
        return re.sub(rb'(<c r="H25"[^>]*><f>.*?</f><v>)[^<]*', rb"\g<1>0.5", data)

    checks = by_name(rewrite(exported, tmp_path / "x.xlsx", change))
    assert checks["formulas"].ok
    assert not checks["stored values"].ok
    assert checks["stored values"].detail.startswith("dotprod!H25 holds 0.5, the program computes 0.91")


def test_verify_finds_a_changed_formula(exported, tmp_path):
    def change(_, data):
        return data.replace(b"SUMXMY2(H2:V16,H25:V39)", b"SUMXMY2(H2:V15,H25:V38)", 1)

    checks = by_name(rewrite(exported, tmp_path / "x.xlsx", change))
    assert checks["stored values"].ok
    assert checks["formulas"].detail.startswith("dotprod!V41 should hold =SQRT(SUMXMY2(H2:V16,H25:V39)/COUNT(H2:V16))")


def test_verify_finds_weights_without_recalculation(exported, tmp_path):
    checks = by_name(set_cell(exported, tmp_path / "x.xlsx", "bias", "A26", 3))
    # User 14 rated all 15 movies: his 15 predictions, RMSE and check are stale.
    assert checks["stored values"].detail.startswith("bias!H26 holds")
    assert "16 more" in checks["stored values"].detail


def test_verify_finds_an_id_out_of_place(exported, tmp_path):
    checks = by_name(set_cell(exported, tmp_path / "x.xlsx", "movielens_emb", "B4", 15))
    assert checks["layout"] == Check("layout", False, "movielens_emb!B4 should hold the id 14.")


def test_verify_passes_every_model(soffice, tmp_path):
    write_workbook(full_document(active="neural"), tmp_path / "full.xlsx")
    checks = verify_workbook(tmp_path / "full.xlsx")
    assert all(check.ok for check in checks), checks
    assert "latent factors: dotprod 2, bias 2, neural 3 and 2, ordinal 3 and 2." in checks[1].detail


def test_verify_finds_a_layers_weight_without_recalculation(tmp_path):
    write_workbook(full_document(), tmp_path / "full.xlsx")
    layout = NetLayout.of(4, 3, 9, full_document().factors["ordinal"])
    cell = layout.address("layer1.weights", 0, 0)
    checks = by_name(set_cell(tmp_path / "full.xlsx", tmp_path / "x.xlsx", "ordinal", cell, 9))
    assert checks["formulas"].ok
    assert checks["stored values"].detail.startswith("ordinal!")


def test_verify_of_a_net_too_large_for_lines(tmp_path, monkeypatch):
    monkeypatch.setattr("cfgui.io.net_layout.MAX_LINE_FORMULAS", 10)
    write_workbook(full_document(), tmp_path / "values.xlsx", values_only=True)
    assert all(check.ok for check in verify_workbook(tmp_path / "values.xlsx"))


def test_verify_of_values_only_and_of_no_workbook(tmp_path):
    write_workbook(random_document(3, 3, 2), tmp_path / "values.xlsx", values_only=True)
    checks = by_name(tmp_path / "values.xlsx")
    assert checks["formulas"].detail == "Left out: the file was written as values only."
    assert checks["stored values"].ok
    missing = verify_workbook(tmp_path / "none.xlsx")
    assert missing == [Check("readable", False, "There is no file none.xlsx. Check the name and the folder.")]
