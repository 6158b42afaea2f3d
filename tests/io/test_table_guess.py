"""How tables are understood from their first rows, and the sentences where they cannot be."""

import gzip
import re

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfgui.io.table_guess import guess_table
from cfgui.io.table_head import NO_CHOICES
from cfgui.io.table_options import TableChoices, TableError

ML = b"userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,31,4,1260759182\n"


def summary(source, choices=NO_CHOICES):
    guess = guess_table(source, choices)
    options = guess.options
    return options.layout, options.separator, options.header, (options.user, options.movie, options.rating), guess.scale


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ML, ("long", ",", True, (0, 1, 2), (2.5, 4, 0.5))),
        (b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n", ("long", "\t", False, (0, 1, 2), (3, 3, 1))),
        (b"1::1193::5::978300760\n1::661::3::978302109\n", ("long", "::", False, (0, 1, 2), (3, 5, 1))),
        (b"user;item;rating\na;x;3,5\nb;y;4\n", ("long", ";", True, (0, 1, 2), (3.5, 4, 0.5))),
        (b"1;10;3,5\n1;11;4,0\n2;10;2,5\n", ("long", ";", False, (0, 1, 2), (2.5, 4, 0.5))),
        (b"1 10 3.5\n1  11 4\n2 10   5\n", ("long", "whitespace", False, (0, 1, 2), (3.5, 5, 0.5))),
        (b"u|i|r\na|x|1.25\nb|x|1.5\n", ("long", "|", True, (0, 1, 2), (1.25, 1.5, 0.25))),
        (b"Score,Title,Who\n3.5,Heat,ann\n4,Alien,bob\n", ("long", ",", True, (2, 1, 0), (3.5, 4, 0.5))),
        (b"ann,Heat,3.5\nbob,Alien,4\n", ("long", ",", False, (0, 1, 2), (3.5, 4, 0.5))),
        (b"time,user_id,stars,product_id\n1,7,5,9\n2,8,4,9\n", ("long", ",", True, (1, 3, 2), (4, 5, 1))),
        (b"a,b,1\n", ("long", ",", False, (0, 1, 2), (1, 1, 1))),
        (b"userId,movieId,rating\r1,2,3\r1,3,4\r", ("long", ",", True, (0, 1, 2), (3, 4, 1))),
        (b"user,item,rating\n1,2,77.123\n1,3,12.9\n", ("long", ",", True, (0, 1, 2), (12.9, 77.123, 0))),
        (b'id,user,item,rating,genres\n1,5,9,3,"a;b;c"\n2,6,9,2,"d;e;f"\n', ("long", ",", True, (1, 2, 3), (2, 3, 1))),
        (b",userId,movieId,rating\n0,1,31,2.5\n1,1,32,3\n", ("long", ",", True, (1, 2, 3), (2.5, 3, 0.5))),
        (b",10,20,30\n1,5,,3\n2,,4,1\n", ("wide", ",", True, (0, 0, 1), (1, 5, 1))),
        (b"user,Toy Story,Heat,Alien\nann,5,4,3\nbob,1,,2\n", ("wide", ",", True, (0, 0, 1), (1, 5, 1))),
        (b"10\t20\t30\nann\t5\t4\t3\nbob\t1\t\t2\n", ("wide", "\t", True, (0, 0, 1), (1, 5, 1))),
        (b";a;b;c\nu;3,5;;4\nv;;2,5;1\n", ("wide", ";", True, (0, 0, 1), (1, 4, 0.5))),
        (b"\tmovieId\t27\t49\nuserId\t14\t3\t5\n\t29\t5\t5\n", ("wide", "\t", True, (1, 1, 2), (3, 5, 1))),
        # one movie; a row too long, under a corner that is blank; tabs and spaces at once
        (b",m1\nann,3\nbob,4.5\n", ("wide", ",", True, (0, 0, 1), (3, 4.5, 0.5))),
        (b",a,b\nu,1,2\nv,3,4,5\n", ("wide", ",", True, (0, 0, 1), (1, 5, 1))),
        (b"1  10\t3.5\n1  11\t 4\n", ("long", "whitespace", False, (0, 1, 2), (3.5, 4, 0.5))),
        (b"\tm1\nAnn Lee\t3\nBob Ray\t4\n", ("wide", "\t", True, (0, 0, 1), (3, 4, 1))),
        (b"movieId\t27\t49\t57\n14\t3\t5\t1\n29\t5\t\t5\n", ("wide", "\t", True, (0, 0, 1), (1, 5, 1))),
    ],
)
def test_layout_separator_header_roles_and_scale(text, expected):
    assert summary(text) == expected
    assert summary(text.decode()) == expected


def test_the_movielens_file_that_is_at_hand(shared):
    guess = guess_table(shared / "data" / "ml-latest-small-2016" / "ratings.csv")
    assert guess.columns == ("userId", "movieId", "rating", "timestamp")
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (0, 1, 2)
    assert guess.scale == (0.5, 5.0, 0.5)
    assert guess.rows[0] == ("1", "31", "2.5", "1260759144")
    assert len(guess.rows) == 50
    assert guess.n_bytes == 2_338_261
    assert guess.remarks == ()


def test_ratings_of_a_single_user_are_not_taken_from_the_users_column():
    text = b"".join(b"1,%d,%d\n" % (1000 + i, 1 + i % 5) for i in range(200))
    assert summary(text)[3] == (0, 1, 2)


@pytest.mark.parametrize(
    ("encoding", "named", "remark"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8-sig", "utf-8-sig", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16-le", "taken for UTF-16"),
        ("utf-16-be", "utf-16-be", "taken for UTF-16"),
        ("cp1252", "cp1252", "not UTF-8"),
    ],
)
def test_encodings(encoding, named, remark):
    data = "userId,title,rating\n1,Amélie,2\n2,Léon,3\n".encode(encoding)
    guess = guess_table(data)
    assert guess.options.encoding == named
    assert guess.columns == ("userId", "title", "rating")
    assert guess.rows[0] == ("1", "Amélie", "2")
    assert (remark in " ".join(guess.remarks)) if remark else guess.remarks == ()


def test_a_byte_that_windows_has_not_is_latin():
    assert guess_table(b"user,item,rating\n1,\x81\xe9,2\n").options.encoding == "latin-1"


def test_an_encoding_may_be_chosen_and_must_exist():
    data = "user,item,rating\n1,é,2\n".encode()
    assert guess_table(data, TableChoices(encoding="latin-1")).rows[0][1] == "Ã©"
    with pytest.raises(TableError, match="There is no encoding klingon: choose another"):
        guess_table(data, TableChoices(encoding="klingon"))
    with pytest.raises(TableError, match="There is no encoding base64"):
        guess_table(data, TableChoices(encoding="base64"))


def test_a_character_cut_by_the_end_of_the_head_is_no_other_encoding():
    line = "1,é,2\n".encode()
    data = b"user,item,rating\n" + b"1,a,2\n" * 43_688 + line * 100
    for shift in range(4):
        assert guess_table(b"x" * shift + data).options.encoding == "utf-8"


def test_gzip_is_told_by_its_bytes(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_bytes(gzip.compress(ML))
    guess = guess_table(path)
    assert guess.options.gzipped
    assert guess.options.kind == "text"
    assert guess.columns[2] == "rating"
    assert guess.n_bytes == path.stat().st_size


def test_parquet_is_told_by_its_bytes(tmp_path):
    path = tmp_path / "ratings.bin"
    table = pa.table({"when": [5, 6], "stars": [3.5, None], "item": ["007", "7"], "user": [9007199254740993, 1]})
    pq.write_table(table, path)
    guess = guess_table(path)
    assert guess.options.kind == "parquet"
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (3, 2, 1)
    assert guess.rows == (("5", "3.5", "007", "9007199254740993"), ("6", "", "7", "1"))
    with pytest.raises(TableError, match="is a Parquet file, which is read as one rating a line"):
        guess_table(path, TableChoices(layout="wide"))


def test_a_worksheet_by_choice(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "Notes"
    workbook.active.append(["nothing here"])
    for name, rating in (("May", 4), ("June", 2.5)):
        sheet = workbook.create_sheet(name)
        for row in (["user", "item", "rating"], [1.0, "007", rating]):
            sheet.append(row)
    path = tmp_path / "two.xlsx"
    workbook.save(path)
    guess = guess_table(path)
    assert (guess.options.kind, guess.options.sheet, guess.sheets) == ("xlsx", "May", ("Notes", "May", "June"))
    assert guess.rows == (("1", "007", "4"),)
    assert guess_table(path, TableChoices(sheet="June")).rows == (("1", "007", "2.5"),)
    with pytest.raises(TableError, match=r"There is no sheet July in the workbook\. It has: Notes, May, June"):
        guess_table(path, TableChoices(sheet="July"))


# Choices


def test_choices_override_the_guess():
    text = b"a;b;c;d\n1;2;3;4\n2;3;5;1\n"
    guess = guess_table(text, TableChoices(user="D", movie="3", rating="a", header=True, duplicates="mean"))
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (3, 2, 0)
    assert guess.options.duplicates == "mean"
    bare = guess_table(text, TableChoices(header=False))
    assert bare.columns == ("column 1", "column 2", "column 3", "column 4")
    assert bare.rows[0] == ("a", "b", "c", "d")
    assert guess_table(b"u,i,1\nv,j,2\n", TableChoices(header=True)).columns == ("u", "i", "1")
    assert guess_table(b"u;i;1,5\nv;j;2\n", TableChoices(separator=";", decimal=".")).options.decimal == "."


def test_a_column_that_is_not_there():
    with pytest.raises(TableError) as caught:
        guess_table(ML, TableChoices(rating="stars"))
    assert str(caught.value) == (
        "the text has no column stars for the rating: choose one of userId, movieId, rating, timestamp, or a number"
        " from 1."
    )
    with pytest.raises(TableError, match="no column 5 for the user"):
        guess_table(ML, TableChoices(user="5"))


def test_one_column_cannot_have_two_roles():
    with pytest.raises(TableError, match="must be three different columns"):
        guess_table(ML, TableChoices(user="1", movie="1"))


def test_a_named_column_goes_before_the_guess():
    guess = guess_table(b"rating,stars,user,item\n1,4,a,x\n2,5,b,y\n", TableChoices(rating="stars"))
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (2, 3, 1)


# Rows longer than the header


def test_row_numbers_without_a_name_move_the_header():
    guess = guess_table(b"userId,movieId,rating\n0,1,31,2.5\n1,1,32,3\n2,2,32,4.5\n")
    assert guess.columns == ("column 1", "userId", "movieId", "rating")
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (1, 2, 3)
    assert guess.remarks == (
        "Every row has one field more than the header: the first column was taken for row numbers without a name.",
    )


def test_separators_at_the_end_of_every_row_are_no_column():
    guess = guess_table(b"userId,movieId,rating\n5,1,2.5,\n5,2,3,\n")
    assert (guess.options.user, guess.options.movie, guess.options.rating) == (0, 1, 2)


def test_longer_rows_that_nobody_can_tell_are_refused():
    with pytest.raises(TableError, match="the rows have 4 fields, but the first line names only 3"):
        guess_table(b"userId,movieId,rating\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n")


# What is no table


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "bad.csv is empty: choose a table of ratings."),
        (b"  \n \n", "bad.csv holds nothing but blanks: choose a table of ratings."),
        (
            b"userId,movieId,rating\n",
            "bad.csv has a header but no rows below it: choose a table with ratings in it.",
        ),
        (bytes(range(256)) * 9, "bad.csv holds no text but binary data: choose a table of ratings."),
        (
            b"\xd0\xcf\x11\xe0" + bytes(99),
            "bad.csv is encrypted or in the old .xls format. Open it in Excel, take the password off, and save it as"
            " .xlsx.",
        ),
        (
            b'user,item,rating\n1,"2,3\n2,3,4\n',
            'bad.csv, line 2: a quote (") begins there and never ends. Close it or take it out.',
        ),
        (
            b"a\nb\nc\n",
            "bad.csv has only one column: a table of ratings needs a user, a movie and a rating in each line, separated"
            " by commas, semicolons, tabs or the like.",
        ),
        (
            b"user,item\n1,2\n3,4\n",
            "bad.csv has only two columns (user, item): a table of ratings needs users, movies and ratings.",
        ),
        (
            b"a,b,c\nd,e,f\n",
            "bad.csv has no column of numbers to take for ratings; its columns are column 1, column 2, column 3.",
        ),
        (
            b"user,item,rating\n1,2,5 stars\n",
            'bad.csv: the column rating holds no numbers to take for ratings but "5 stars": choose another of user,'
            " item, rating.",
        ),
        (
            b"1" * 200_000,
            "bad.csv has only one column: a table of ratings needs a user, a movie and a rating in each line, separated"
            " by commas, semicolons, tabs or the like.",
        ),
        (b"\x1f\x8b\x08\x00broken", "bad.csv is a damaged gzip file. Get it again."),
        (b"PAR1 and no more", "bad.csv is a damaged Parquet file. Get it or write it again."),
        (b"PK\x03\x04 and no more", "bad.csv is not a workbook. Choose a file that Excel saved as .xlsx."),
    ],
)
def test_one_plain_sentence(tmp_path, data, sentence):
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    with pytest.raises(TableError) as caught:
        guess_table(path)
    assert str(caught.value) == sentence


def test_a_quote_that_never_ends_in_a_long_file_is_named(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"user,item,rating\n" + b"1,2,3\n" * 500 + b'1,"2,3\n' + b"1,2,3\n" * 100_000)
    with pytest.raises(TableError, match=r"long\.csv, line 502: a quote"):
        guess_table(path)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(TableError, match=r"There is no file none\.csv\. Check the name and the folder\."):
        guess_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match=re.escape(f"{tmp_path.name} is a folder. Choose a table in it.")):
        guess_table(tmp_path)
