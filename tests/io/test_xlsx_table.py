"""Tables on worksheets: every kind of cell, through a child process that says how far it is."""

import datetime
import time
import zipfile

import openpyxl
import pytest

from cfgui.io import child, xlsx_table
from cfgui.io.child import Cancelled, ChildTimeout, run_reporting_child
from cfgui.io.progress_note import NoteReader, NoteWriter
from cfgui.io.sheet_text import sheet_rows_job
from cfgui.io.table_guess import guess_table
from cfgui.io.table_options import Progress, TableChoices, TableError, TableOptions
from cfgui.io.xlsx_table import read_xlsx_table
from tests.io.test_wide_table import as_dict, left_out


def workbook(path, rows, *, title="Data"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def read(path, **choices):
    return read_xlsx_table(path, guess_table(path, TableChoices(**choices)).options)


def test_every_kind_of_cell_in_a_long_table(tmp_path):
    path = workbook(
        tmp_path / "long.xlsx",
        [
            ["user", "item", "rating", "when"],
            [1.0, "007", 5, datetime.datetime(2020, 1, 2, 3, 4)],
            [1, 7, "3,5", None],
            ["01", 2**53 - 1, 2.5, None],
            ["x", "a\nb", "4.0", None],
            [2, 1, True, None],
            [2, 2, "#N/A", None],
            [2, 3, "=1+1", None],
            [2, 4, datetime.date(2020, 1, 2), None],
            [2, 5, None, None],
            [None, 6, 1, None],
            [None, None, None, None],
            [2, None, 1, None],
            [2, 8, "nan", None],
        ],
    )
    ratings, report = read(path)
    assert as_dict(ratings) == {
        ("1", "007"): 5,
        ("1", "7"): 3.5,
        ("01", "9007199254740991"): 2.5,
        ("x", "a b"): 4,
    }
    found = left_out(report)
    assert found["rating_not_a_number"][:2] == (4, [6, 7, 8, 9])
    assert found["rating_not_a_number"][2] == "TRUE"
    assert found["missing_rating"][:2] == (1, [10])
    assert found["missing_user"][:2] == (1, [11])
    assert found["missing_movie"][:2] == (1, [13])
    assert found["rating_not_finite"][:2] == (1, [14])
    assert (report.file, report.encoding) == ("long.xlsx", "")
    assert report.format == "Excel workbook, sheet Data, one rating a line"
    assert report.remarks == ("1 rating was typed as text with a decimal comma and read as numbers.",)


def test_a_crosstab_below_a_title_and_right_of_a_margin(tmp_path):
    path = workbook(
        tmp_path / "wide.xlsx",
        [
            ["Our films"],
            [],
            [None, "user", 10, 20, "007"],
            [None, 1.0, 5, "3,5", None],
            [None, 2, "=1+1", True, 0],
            [],
            [None, "003", 0.5, "#N/A", 4.5],
        ],
        title="May",
    )
    guess = guess_table(path, TableChoices(layout="wide"))
    assert guess.columns == ("user", "10", "20", "007")
    assert guess.remarks == ("The first 2 rows of the sheet above the table were passed over.",)
    assert guess.scale == (0.0, 5.0, 0.5)
    ratings, report = read(path, layout="wide")
    assert as_dict(ratings) == {
        ("1", "10"): 5,
        ("1", "20"): 3.5,
        ("2", "007"): 0,
        ("003", "10"): 0.5,
        ("003", "007"): 4.5,
    }
    assert list(left_out(report)) == ["rating_not_a_number"]
    assert left_out(report)["rating_not_a_number"][:2] == (3, [5, 7])
    assert "formula" in left_out(report)["rating_not_a_number"][2]
    assert report.format == "Excel workbook, sheet May, crosstab"


def test_a_plain_crosstab_is_told_by_itself(tmp_path):
    path = workbook(tmp_path / "wide.xlsx", [[None, 1, 2, 3], ["ann", 5, None, 3], ["bob", None, 4, 1]])
    guess = guess_table(path)
    assert guess.options == TableOptions(
        kind="xlsx", layout="wide", encoding="", movie=0, rating=1, sheet="Data", user=0
    )
    ratings, _ = read(path)
    assert as_dict(ratings) == {("ann", "1"): 5, ("ann", "3"): 3, ("bob", "2"): 4, ("bob", "3"): 1}


def test_repeated_ids_name_the_rows_of_the_sheet(tmp_path):
    path = workbook(tmp_path / "twice.xlsx", [[None, 1, 2, 3], [7, 5, None, 3], [None], [7.0, None, 4, 1]])
    with pytest.raises(TableError, match=r"twice\.xlsx, line 4: repeats the user id 7 of line 2"):
        read(path, layout="wide")


def rewritten(path, out, old, new):
    """A copy of a workbook with something else in its sheet."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(old, new) if name.endswith("sheet1.xml") else data)
    return out


@pytest.fixture
def small(tmp_path):
    return workbook(tmp_path / "small.xlsx", [["user", "item", "rating"], [1, 2, 3], [4, 5, 4.5]])


def test_a_cell_that_claims_to_be_a_number_costs_only_itself(small, tmp_path):
    path = rewritten(small, tmp_path / "odd.xlsx", b"<v>3</v>", b"<v>three</v>")
    ratings, report = read(path)
    assert as_dict(ratings) == {("4", "5"): 4.5}
    assert left_out(report) == {"rating_not_a_number": (1, [2], "an unreadable cell")}


def test_rows_beyond_the_end_of_a_sheet(small, tmp_path):
    path = rewritten(small, tmp_path / "far.xlsx", b'<row r="3"', b'<row r="99999999999"')
    start = time.monotonic()
    with pytest.raises(TableError, match=r"far\.xlsx: The sheet Data numbers a row 99999999999 after row 2"):
        guess_table(path)
    assert time.monotonic() - start < 5


def test_a_gap_of_many_rows_is_no_trouble(small, tmp_path):
    path = rewritten(small, tmp_path / "gap.xlsx", b'<row r="3"', b'<row r="1048576"')
    ratings, report = read(path)
    assert as_dict(ratings) == {("1", "2"): 3, ("4", "5"): 4.5}
    assert (report.n_rows, report.n_rejected) == (2, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "bad.xlsx is empty: choose a table of ratings."),
        (b"PK\x03\x04" + bytes(99), "bad.xlsx is not a workbook. Choose a file that Excel saved as .xlsx."),
        (
            b"\xd0\xcf\x11\xe0" + bytes(99),
            "bad.xlsx is encrypted or in the old .xls format. Open it in Excel, take the password off, and save it as"
            " .xlsx.",
        ),
    ],
)
def test_files_that_are_no_workbook(tmp_path, data, said):
    path = tmp_path / "bad.xlsx"
    path.write_bytes(data)
    with pytest.raises(TableError) as caught:
        guess_table(path)
    assert str(caught.value) == said


def test_a_zip_of_something_else_and_an_empty_sheet(tmp_path):
    path = tmp_path / "photos.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    with pytest.raises(TableError, match=r"photos\.xlsx is not a workbook this program can read\."):
        guess_table(path)
    with pytest.raises(TableError, match=r"none\.xlsx: the sheet Data is empty\."):
        guess_table(workbook(tmp_path / "none.xlsx", []))


def test_a_workbook_that_unpacks_to_too_much(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(20 * 2**20))
    with pytest.raises(TableError, match="unpacks to 20 MB, which no workbook of this kind needs"):
        guess_table(path)


# Progress, time limit, cancel


def test_progress_comes_row_by_row(tmp_path):
    path = workbook(tmp_path / "long.xlsx", [["user", "item", "rating"], *([n, n, 1 + n % 5] for n in range(5000))])
    seen = []
    ratings, report = read_xlsx_table(path, guess_table(path).options, report=seen.append)
    assert (ratings.n_ratings, report.n_rows) == (5000, 5000)
    assert len(seen) > 2
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert {progress.total for progress in seen} == {1000}


def test_cancelling_ends_the_child(small):
    calls = []

    def cancelled():
        calls.append(1)
        return len(calls) > 1

    options = guess_table(small).options
    with pytest.raises(Cancelled):
        read_xlsx_table(small, options, cancelled=cancelled)


TALKER = """
import json, sys, time
sys.path[:] = {path!r}
from pathlib import Path
from cfgui.io.progress_note import NoteWriter
job = json.loads(sys.stdin.buffer.readline())
note = NoteWriter(Path(job["note"]))
for step in range(job["steps"]):
    time.sleep(job["pause"])
    note.tell(step + 1, job["steps"], 10 * step)
sys.stdout.write(json.dumps(dict(steps=job["steps"])) + chr(10))
"""


@pytest.fixture
def talker(monkeypatch):
    monkeypatch.setattr(child, "_START", TALKER)


def test_a_child_that_gets_on_may_take_longer_than_the_limit(talker):
    seen = []
    job = {"steps": 8, "pause": 0.25}
    described, _ = run_reporting_child(job, stall=1.5, report=seen.append, cancelled=lambda: False)
    assert described == {"steps": 8}
    assert 0 < len(seen) <= 8
    assert all(isinstance(progress, Progress) and progress.total == 8 for progress in seen)
    assert [progress.done for progress in seen] == sorted({progress.done for progress in seen})


def test_a_child_that_gets_nowhere_is_ended(talker):
    start = time.monotonic()
    with pytest.raises(ChildTimeout):
        run_reporting_child({"steps": 1, "pause": 60}, stall=0.4, report=lambda _: None, cancelled=lambda: False)
    assert time.monotonic() - start < 10


def test_a_reader_that_gets_nowhere_gives_a_sentence(small, monkeypatch):
    options = guess_table(small).options
    monkeypatch.setattr(child, "_START", "import time; time.sleep(60)  # {path!r}")
    monkeypatch.setattr(xlsx_table, "STALL_SECONDS", 0.3)
    for action in (lambda: guess_table(small), lambda: read_xlsx_table(small, options)):
        with pytest.raises(TableError, match=r"small\.xlsx needs more time or memory to read than a workbook should"):
            action()


def test_a_note_half_written_is_no_news(tmp_path):
    note = tmp_path / "note"
    reader, writer = NoteReader(note), NoteWriter(note)
    assert reader.news() is None
    writer.tell(1, 2, 3)
    assert reader.news() == Progress(1, 2, 3)
    assert reader.news() is None
    note.write_bytes(b"7 8")
    assert reader.news() is None
    note.write_bytes(b"")
    assert reader.news() is None


def test_a_sheet_that_does_not_say_its_size_is_not_measured(tmp_path, monkeypatch):
    def measured(*_):
        raise AssertionError("the whole sheet would be gone through")

    book = openpyxl.Workbook(write_only=True)  # such a sheet has no dimension
    sheet = book.create_sheet("R")
    for row in (["user", "item", "rating"], [1, 2, 3.5]):
        sheet.append(row)
    path = tmp_path / "unsized.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        assert b"<dimension" not in archive.read("xl/worksheets/sheet1.xml")
    monkeypatch.setattr("openpyxl.worksheet._reader.WorkSheetParser.parse_dimensions", measured)
    assert sheet_rows_job({"path": str(path), "sheet": ""})["rows"] == [["user", "item", "rating"], ["1", "2", "3.5"]]


def test_errors_are_no_ids(tmp_path):
    rows = [["user", "item", "rating"], ["#N/A", 1, 3], ["=1+1", 2, 3], [5, "#REF!", 3], [5, 6, 4], [5, "NA", 2]]
    ratings, report = read(workbook(tmp_path / "long.xlsx", rows))
    assert as_dict(ratings) == {("5", "6"): 4, ("5", "NA"): 2}
    assert left_out(report)["missing_user"][:2] == (2, [2, 3])
    assert left_out(report)["missing_movie"][:2] == (1, [4])
    rows = [[None, "a", "b", "#N/A", "c"], ["u", 1, "#N/A", 3, 2], ["=1+1", 1, 2, None, 2], ["v", 3, 3, None, 3]]
    ratings, report = read(workbook(tmp_path / "wide.xlsx", rows))
    assert as_dict(ratings) == {
        ("u", "a"): 1, ("u", "c"): 2, ("v", "a"): 3, ("v", "b"): 3, ("v", "c"): 3,
    }  # fmt: skip
    found = left_out(report)
    assert found["missing_user"][:2] == (3, [3])
    assert found["missing_movie"][:2] == (1, [2])
    assert found["rating_not_a_number"][:2] == (1, [2])
