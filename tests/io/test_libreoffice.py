"""LibreOffice calculates every formula from nothing and must get the program's numbers."""

import re

import openpyxl
import pytest

from cfgui.core.models import rmse
from cfgui.io.expected_cells import expected_cells
from cfgui.io.libreoffice import LibreOfficeError, convert, recalculated, strip_stored_values
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_verify import Check, verify_workbook
from tests.io.documents import parts, random_document, rewrite, set_cell

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


def test_verify_of_values_only_and_of_no_workbook(tmp_path):
    write_workbook(random_document(3, 3, 2), tmp_path / "values.xlsx", values_only=True)
    checks = by_name(tmp_path / "values.xlsx")
    assert checks["formulas"].detail == "Left out: the file was written as values only."
    assert checks["stored values"].ok
    missing = verify_workbook(tmp_path / "none.xlsx")
    assert missing == [Check("readable", False, "There is no file none.xlsx. Check the name and the folder.")]
