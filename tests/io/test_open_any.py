"""One door for every file, and what comes out of it."""

import gzip
import subprocess
import sys
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.core.starts import random_factors
from cfgui.io import open_any
from cfgui.io.child import Cancelled
from cfgui.io.open_any import describe, open_ratings, open_text
from cfgui.io.report_text import line_ranges, report_text
from cfgui.io.table_options import TableChoices, TableError
from tests.io.test_movielens import CSV_RATINGS, CSV_TITLES, EDITIONS, make_folder, make_zip
from tests.io.test_wide_table import as_dict

LONG = {("ann", "7"): 3.5, ("ann", "007"): 4.0, ("bob", "7"): 1.0}
LONG_CSV = "user,item,rating,when\nann,7,3.5,1\nann,007,4,2\nbob,7,1,3\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))


def write(path, kind):
    """The same ratings as a file of some kind."""
    rows = [line.split(",") for line in LONG_CSV.splitlines()]
    if kind == "parquet":
        columns = list(zip(*rows[1:], strict=True))
        numbers = [float(text) for text in columns[2]]
        pq.write_table(pa.table({"user": columns[0], "item": columns[1], "rating": numbers}), path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([*row[:2], float(row[2]) if row[2] != "rating" else "rating"])
        book.save(path)
    elif kind == "wide xlsx":
        book = openpyxl.Workbook()
        for row in [[None, 7, "007", 5], ["ann", 3.5, 4, None], ["bob", 1, None, None]]:
            book.active.append(row)
        book.save(path)
    else:
        text = {
            "csv": LONG_CSV,
            "tsv": LONG_CSV.replace(",", "\t"),
            "semicolon": LONG_CSV.replace(",", ";").replace("3.5", "3,5"),
            "dat": "".join(line.replace(",", "::") + "\n" for line in LONG_CSV.splitlines()[1:]),
            "blanks": LONG_CSV.replace(",", "  "),
            "gzip": LONG_CSV,
            "utf-16": LONG_CSV,
            "wide csv": ",7,007,5\nann,3.5,4,\nbob,1,,\n",
        }[kind]
        data = text.encode("utf-16" if kind == "utf-16" else "utf-8")
        path.write_bytes(gzip.compress(data) if kind == "gzip" else data)
    return path


KINDS = ["csv", "tsv", "semicolon", "dat", "blanks", "gzip", "utf-16", "parquet", "xlsx", "wide csv", "wide xlsx"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_ratings_from_every_kind_of_file(tmp_path, kind):
    path = write(tmp_path / "table", kind)
    guess = describe(path)
    assert guess is not None
    assert guess.options.layout == ("wide" if "wide" in kind else "long")
    document = open_ratings(path)
    assert as_dict(document.ratings) == LONG
    assert document.report is not None
    assert (document.report.file, document.report.n_rows, document.report.n_rejected) == ("table", 3, 0)
    assert document.remarks == document.report.remarks


def test_the_weights_of_a_table_are_always_the_same(tmp_path):
    document = open_ratings(write(tmp_path / "table", "csv"))
    assert list(document.factors) == ["dot", "bias"]
    for name, factors in document.factors.items():
        assert factors.equals(random_factors(2, 2, 5, bias=name == "bias", init="uniform", seed=42))
    assert document.active == "dot"
    assert document.natural_order == "id"


def test_a_workbook_of_the_courses_kind_needs_no_dialog(exported, reference):
    for path in (exported, reference):
        assert describe(path) is None
        document = open_ratings(path)
        assert document.ratings.n_ratings == 206
        assert document.report is None
    assert open_ratings(exported).factors["dot"].equals(open_ratings(reference).factors["dot"])


def test_a_sheet_of_such_a_workbook_as_a_table(exported):
    with pytest.raises(TableError, match="There is no sheet budget"):
        open_ratings(exported, TableChoices(sheet="budget"))


def test_a_long_table_with_the_courses_words_is_a_table(tmp_path):
    book = openpyxl.Workbook()
    for row in [["userId", "movieId", "rating"], [1, 2, 3], [1, 3, 4.5]]:
        book.active.append(row)
    book.save(tmp_path / "long.xlsx")
    assert as_dict(open_ratings(tmp_path / "long.xlsx").ratings) == {("1", "2"): 3, ("1", "3"): 4.5}


@pytest.mark.parametrize("zipped", [True, False])
def test_movielens_needs_no_dialog(tmp_path, zipped):
    if zipped:
        path = make_zip(tmp_path / "ml-25m.zip", EDITIONS["ml-25m"])
    else:
        path = make_folder(tmp_path / "ml-25m", EDITIONS["ml-25m"])
    assert describe(path) is None
    document = open_ratings(path)
    assert as_dict(document.ratings) == CSV_RATINGS
    assert document.ratings.titles == CSV_TITLES
    assert document.report is not None
    assert document.report.format.startswith("MovieLens 25M, ratings.csv")


@pytest.mark.parametrize("edition", ["ml-25m", "ml-1m", "ml-100k"])
def test_a_file_of_ratings_alone_gets_the_titles_beside_it(tmp_path, edition):
    folder = make_folder(tmp_path / edition, EDITIONS[edition])
    name = {"ml-25m": "ratings.csv", "ml-1m": "ratings.dat", "ml-100k": "u.data"}[edition]
    document = open_ratings(folder / name)
    assert describe(folder / name) is not None
    assert len(document.ratings.titles) == document.ratings.n_movies
    assert any(remark.startswith("The titles are those of ") for remark in document.remarks)


def test_titles_of_other_movies_are_left_alone(tmp_path):
    (tmp_path / "ratings.csv").write_text(LONG_CSV)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n12345,Nothing of ours,Drama\n")
    document = open_ratings(tmp_path / "ratings.csv")
    assert document.ratings.titles == {}
    assert not document.remarks


def test_the_movielens_file_at_hand(shared):
    document = open_ratings(shared / "data" / "ml-latest-small-2016" / "ratings.csv")
    assert document.ratings.n_ratings == 100_004
    assert len(document.ratings.titles) == 9066
    top = document.top(15, 15)
    assert top.ratings.n_ratings == 206
    assert "1198" in top.ratings.movie_ids
    assert "2858" not in top.ratings.movie_ids


def test_text_from_the_clipboard():
    document = open_text(LONG_CSV.replace(",", "\t"))
    assert as_dict(document.ratings) == LONG
    assert document.report is not None
    assert document.report.file == "the clipboard"
    wide = open_text("\tmovieId\t27\t49\nuserId\t14\t3\t5\n\t29\t\t4\n")
    assert as_dict(wide.ratings) == {("14", "27"): 3, ("14", "49"): 5, ("29", "49"): 4}
    odd = open_text("user\titem\trating\n\ud800\tx\t3\n")
    assert odd.ratings.n_ratings == 1


def test_a_text_that_is_no_table():
    for text, said in (("", "nothing but blanks"), ("hello", "only one column"), ("\0\0\0", "binary")):
        with pytest.raises(TableError, match=said):
            open_text(text)


def test_choices_reach_the_reader(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,d\n1,2,3,4\n1,2,5,4\n")
    choices = TableChoices(user="d", movie="1", rating="c", duplicates="mean")
    document = open_ratings(path, choices)
    assert as_dict(document.ratings) == {("4", "1"): 4}
    assert document.report is not None
    assert (document.report.n_duplicates, document.report.duplicates) == (1, "mean")


def test_folders_zips_and_names_without_ratings(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(TableError, match="The folder photos holds no ratings of MovieLens"):
        describe(tmp_path / "photos")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("sun.jpg", b"x")
    with pytest.raises(TableError, match=r"The zip archive photos\.zip holds no ratings of MovieLens"):
        open_ratings(tmp_path / "photos.zip")
    with pytest.raises(TableError, match=r"There is no file none\.csv"):
        open_ratings(tmp_path / "none.csv")


def test_cancelled_and_progress(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("user,item,rating\n" + "".join(f"{n},{n % 7},3\n" for n in range(1000)))
    seen = []
    assert open_ratings(path, report=seen.append).ratings.n_ratings == 1000
    assert seen
    with pytest.raises(Cancelled):
        open_ratings(path, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), r"t\.csv needs more memory than there is: choose a smaller table\."),
        (PermissionError(13, "Permission denied"), r"t\.csv cannot be read: Permission denied\."),
        (
            ImportError("no", name="pyarrow"),
            r"t\.csv cannot be read without the package pyarrow, which is not installed",
        ),
        (KeyError("x"), r"t\.csv could not be read: KeyError at an unforeseen place in it\."),
    ],
)
def test_what_nobody_foresaw_is_one_sentence_too(tmp_path, monkeypatch, error, said):
    path = write(tmp_path / "t.csv", "csv")

    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(open_any, "_read_table", fail)
    with pytest.raises(TableError, match=said):
        open_ratings(path)
    monkeypatch.setattr(open_any, "_look", fail)
    with pytest.raises(TableError, match=said):
        describe(path)


def test_importing_the_door_loads_nothing_heavy(project):
    code = (
        "import sys; import cfgui.io.open_any, cfgui.io.report_text;"
        "print([n for n in ('openpyxl', 'pandas', 'pyarrow', 'numba', 'torch', 'requests') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# The import report as text


def test_a_report_as_text_and_as_data():
    rejected = (
        RejectedRows("rating_not_a_number", 4, np.array([2, 3, 4, 9]), "5 stars"),
        RejectedRows("missing_user", 200_000, np.array([7]), ""),
    )
    report = ImportReport(
        "t.csv", "CSV, one rating a line", "cp1252", 300_000, 12, "mean", rejected, ("One remark.", "Another.")
    )
    assert report_text(report) == (
        "Import report of t.csv\n\nRead as: CSV, one rating a line\nEncoding: Western (Windows-1252)\n"
        "Read: 300,000 rows\nLeft out: 200,004\nGiven more than once: 12 (their mean counts)\n\n"
        "the rating is not a number: 4\n  for example: 5 stars\n  lines 2-4, 9\n\n"
        "no user id: 200,000\n  line 7, … (the first 1 are known)\n\nRemarks:\n- One remark.\n- Another.\n"
    )


def test_a_report_of_nothing_unusual():
    assert report_text(ImportReport("x.xlsx", "Excel workbook, sheet A, crosstab", n_rows=6)) == (
        "Import report of x.xlsx\n\nRead as: Excel workbook, sheet A, crosstab\nRead: 6 cells with something in them\n"
        "Left out: 0\nGiven more than once: 0\n"
    )


def test_line_numbers_as_ranges():
    assert line_ranges([]) == []
    assert line_ranges([5]) == ["5"]
    assert line_ranges([1, 2, 3, 5, 7, 8]) == ["1-3", "5", "7-8"]


def test_a_file_of_weights_is_told_from_a_zip_of_ratings(tmp_path):
    np.savez(tmp_path / "w.npz", movie_factors=np.ones((3, 2)))
    for look in (describe, open_ratings):
        with pytest.raises(TableError, match=r"^w\.npz holds weights and no ratings: choose a table or a workbook"):
            look(tmp_path / "w.npz")
