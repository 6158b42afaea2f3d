"""Every bad file gets one plain sentence that names file, sheet and cell."""

import re
import time
import zipfile
from pathlib import Path

import pytest

from cfgui.io.errors import WorkbookError
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook, read_workbook_guarded
from tests.io.documents import full_document, parts, rewrite, set_cell, sheet_part
from tests.io.test_import import DOT_ROWS, built


def sentence(path):
    with pytest.raises(WorkbookError) as caught:
        read_workbook(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert "Traceback" not in text
    assert path.name in text
    return text


def test_no_such_file(tmp_path):
    assert sentence(tmp_path / "none.xlsx") == "There is no file none.xlsx. Check the name and the folder."


def test_a_folder(tmp_path):
    assert "is a folder" in sentence(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello, world", "is not a workbook"),
        (b"PK\x03\x04 and then nothing", "is not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "encrypted or in the old .xls format"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, says):
    (tmp_path / "bad.xlsx").write_bytes(content)
    assert says in sentence(tmp_path / "bad.xlsx")


def test_a_zip_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.xlsx", "w") as archive:
        archive.writestr("holiday.txt", "sun")
    assert "is not a workbook this program can read" in sentence(tmp_path / "photos.xlsx")


def test_a_truncated_workbook(exported, tmp_path):
    (tmp_path / "half.xlsx").write_bytes(exported.read_bytes()[:30000])
    assert "is not a workbook" in sentence(tmp_path / "half.xlsx")


def test_no_ratings_in_it(tmp_path):
    assert "has no ratings in it" in sentence(built(tmp_path, {"Sheet1": [["budget", 2024]]}))
    empty = [[None, None, "movieId", 1], [None, "userId", 5, None]]
    assert "sheet dotprod: has no ratings in it" in sentence(built(tmp_path, {"dotprod": empty}))


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "kind", "says"),
    [
        ("dotprod", "H2", "five stars", "inlineStr", 'dotprod, cell H2: holds "five stars" where a rating belongs'),
        ("dotprod", "B25", "x", "inlineStr", 'dotprod, cell B25: holds "x" where a weight of a user belongs'),
        ("bias", "H19", "nan", "inlineStr", 'bias, cell H19: holds "nan" where a weight of a movie belongs'),
        ("dotprod", "H19", "1e400", "n", "dotprod, cell H19: holds inf where a weight of a movie belongs"),
        ("dotprod", "I3", "-1e400", "n", "dotprod, cell I3: holds -inf where a rating belongs"),
        ("dotprod", "H3", "nan", "n", "dotprod, cell H3: holds something that is no number"),
        ("dotprod", "H2", "#N/A", "e", "dotprod, cell H2: holds #N/A where a rating belongs"),
        ("dotprod", "H2", "1", "b", "dotprod, cell H2: holds TRUE where a rating belongs"),
        ("dotprod", "I1", "27", "n", "dotprod, cell I1: repeats the movie id 27 of H1"),
        ("dotprod", "G3", "14", "n", "dotprod, cell G3: repeats the user id 14 of G2"),
        ("dotprod", "C26", "", "inlineStr", "dotprod, cell C26: holds nothing where a weight of a user belongs"),
        ("dotprod", "K1", "", "inlineStr", "dotprod, cell K1: is empty where a movie id belongs"),
        ("dotprod", "G16", "", "inlineStr", "dotprod, cell H17: holds a number, but G16 names no user"),
    ],
)
def test_bad_cells_are_named(exported, tmp_path, sheet, cell, value, kind, says):
    path = set_cell(exported, tmp_path / "bad.xlsx", sheet, cell, value, kind)
    if cell == "G16":
        says = "dotprod, cell I16: holds a number, but G16 names no user"
    assert sentence(path).startswith(f"bad.xlsx, sheet {says}")


def test_a_date_where_a_rating_belongs(tmp_path):
    import datetime

    rows = [list(row) for row in DOT_ROWS]
    rows[1][3] = datetime.datetime(2024, 5, 1)
    assert "sheet dotprod, cell D2: holds 2024-05-01 00:00:00 where a rating belongs" in sentence(
        built(tmp_path, {"dotprod": rows})
    )


def test_a_formula_never_calculated_is_not_taken_for_unrated(tmp_path):
    rows = [list(row) for row in DOT_ROWS]
    rows[1][4] = "=2+2"
    assert "sheet dotprod, cell E2: holds a formula that was never calculated" in sentence(
        built(tmp_path, {"dotprod": rows})
    )


def test_a_blank_row_among_the_users_does_not_hide_the_rest(tmp_path):
    rows = [DOT_ROWS[0], DOT_ROWS[1], [], [None, None, "b", 1, 2]]
    assert "sheet dotprod, cell C4: comes after a blank row among the users" in sentence(
        built(tmp_path, {"dotprod": rows})
    )


def test_tables_of_weights_that_do_not_fit_each_other(tmp_path):
    rows = [list(row) for row in DOT_ROWS]
    rows[4] = [None, None, None, 1.0, 2.0]
    assert "the movies have 2 rows of weights" in sentence(built(tmp_path, {"dotprod": rows}))


def guarded(path):
    start = time.monotonic()
    with pytest.raises(WorkbookError) as caught:
        read_workbook_guarded(path)
    assert time.monotonic() - start < 8
    assert path.name in str(caught.value)
    return str(caught.value)


def test_a_zip_bomb_is_not_opened(exported, tmp_path):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(exported.read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(64 * 2**20))
    assert "unpacks to 6" in guarded(path)


@pytest.mark.parametrize("row", ["99999999999", "1048576", "-5", "1e3", "x"])
def test_absurd_row_numbers(exported, tmp_path, row):
    name = sheet_part(exported, "dotprod")

    def change(part, data):
        return data.replace(b'<row r="3"', f'<row r="{row}"'.encode(), 1) if part == name else data

    assert "bad-rows.xlsx" in guarded(rewrite(exported, tmp_path / "bad-rows.xlsx", change))


def test_a_huge_dimension_and_a_cell_in_the_last_corner_do_no_harm(exported, tmp_path):
    name = sheet_part(exported, "dotprod")

    def change(part, data):
        if part != name:
            return data
        data, count = re.subn(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:XFD1048576"/>', data)
        assert count == 1
        corner = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>hi</t></is></c></row></sheetData>'
        return data.replace(b"</sheetData>", corner)

    found = read_workbook_guarded(rewrite(exported, tmp_path / "huge.xlsx", change))
    assert found.ratings.n_ratings == 206


def test_entities_are_not_expanded(exported, tmp_path):
    name = "xl/sharedStrings.xml"
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'

    def change(part, data):
        if part != name:
            return data
        text = data.decode().replace("<sst", f"{laughs}<sst", 1).replace("movieId", "&c;", 1)
        return text.encode()

    assert "is not a workbook this program can read" in guarded(rewrite(exported, tmp_path / "laughs.xlsx", change))


def test_memory_is_limited(exported, tmp_path, monkeypatch):
    monkeypatch.setattr("cfgui.io.workbook_import.MEMORY_LIMIT", 60 * 2**20)
    assert "more memory" in guarded(exported)


def test_a_file_that_may_not_be_read(exported, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert sentence(exported) == "sample.xlsx cannot be read: Permission denied. Check that you may open it."


def test_random_damage_never_raises_anything_else(exported, tmp_path):
    """60 files with a few bytes changed inside one part: a document or one plain sentence, nothing else."""
    import random

    chance = random.Random(7)
    inside = parts(exported)
    names = [name for name in inside if name.endswith(".xml")]
    answers = set()
    for _ in range(60):
        victim = chance.choice(names)
        data = bytearray(inside[victim])
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = rewrite(
            exported, tmp_path / "damaged.xlsx", lambda name, old, v=victim, d=bytes(data): d if name == v else old
        )
        try:
            read_workbook(path)
            answers.add("read")
        except WorkbookError:
            answers.add("refused")
    assert answers == {"read", "refused"}


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "kind", "says"),
    [
        ("neural", "K3", "x", "inlineStr", 'neural, cell K3: holds "x" where a weight of a layer belongs'),
        ("neural", "K8", "1e400", "n", "neural, cell K8: holds inf where a bias of a layer belongs"),
        ("neural", "J8", "offset", "inlineStr", "neural, cell J1: begins layer 1, which needs unit numbers below"),
        ("neural", "J10", "stray", "inlineStr", "neural, cell J18: begins layer 2, which needs unit numbers below"),
        ("neural", "K21", "", "inlineStr", "neural, cell K21: holds nothing where a weight of a layer belongs"),
        ("neural", "H19", "cosine", "inlineStr", "neural, cell H19: holds no range. Type clip, sigmoid, tanh there"),
        ("dotprod", "G19", "3", "n", "dotprod, cell G19: holds no range"),
        ("dotprod", "G20", "", "inlineStr", "dotprod, cell G20: holds nothing where the low belongs"),
        ("bias", "G21", "5.5", "n", "bias, cell G20: needs numbers beside low and high below it"),
        ("bias", "G22", "1e9", "n", "bias, cell G20: needs numbers beside low and high below it"),
        ("bias", "G23", "high", "inlineStr", 'bias, cell G23: holds "high" where the mean belongs'),
        ("ordinal", "L18", "0.5", "n", "ordinal, cell J18: needs at most 100 ratings in rising order on its right"),
        ("ordinal", "M18", "", "inlineStr", "ordinal, cell M18: holds nothing where the rating that an output"),
    ],
)
def test_what_is_wrong_with_a_net_or_a_range(tmp_path, sheet, cell, value, kind, says):
    write_workbook(full_document(), tmp_path / "full.xlsx")
    assert says in sentence(set_cell(tmp_path / "full.xlsx", tmp_path / "bad.xlsx", sheet, cell, value, kind))
