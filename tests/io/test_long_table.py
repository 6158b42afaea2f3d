"""Long tables as text: every separator, encoding and oddity, and the fast parsers against the exact one."""

import csv
import gzip
import io
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfgui.io import clean_parser, id_coding, rating_order, rejections, text_source, text_table
from cfgui.io.child import Cancelled
from cfgui.io.long_table import read_long
from cfgui.io.table_options import TableError, TableOptions
from tests.io.long_tables import read, rejected, triples

GOOD = {("u1", "07"): 3.5, ("u2", "7"): 4.0}
ROWS = [("u1", "07", "3.5", "99"), ("u2", "7", "4", "98")]


def joined(separator: str, rows=ROWS, end: str = "\n") -> str:
    return "".join(separator.join(row) + end for row in [("user", "movie", "rating", "time"), *rows])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "::"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_separator_and_line_end(tmp_path, separator, end):
    ratings, report = read(tmp_path, joined(separator, end=end), separator=separator)
    assert triples(ratings) == GOOD
    assert (report.n_rows, report.n_rejected) == (2, 0)


@pytest.mark.parametrize(
    "text", ["u1 07 3.5 9\nu2 7 4 8\n", "  u1\t 07   3.5\t9 \r\n\r\n u2 7 4 8", "u1\t07\t3.5\nu2\t7\t4"]
)
def test_runs_of_blanks_separate(tmp_path, text):
    ratings, _ = read(tmp_path, text, separator="whitespace", header=False)
    assert triples(ratings) == GOOD


def test_quoted_words_between_blanks(tmp_path):
    text = '"the user" "the movie" "rating"\n"A B"  "07"  3.5\n'
    ratings, _ = read(tmp_path, text, separator="whitespace")
    assert triples(ratings) == {("A B", "07"): 3.5}


@pytest.mark.parametrize(
    ("encoding", "option"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
        ("koi8-r", "koi8-r"),
        ("shift_jis", "shift_jis"),
    ],
)
def test_each_encoding(tmp_path, encoding, option):
    name = {"koi8-r": "Ёж", "shift_jis": "表示"}.get(encoding, "Zoë")
    data = f"user,movie,rating\n{name},7,3\nBob,8,4\n".encode(encoding)
    ratings, report = read(tmp_path, data, encoding=option)
    assert triples(ratings) == {(name, "7"): 3.0, ("Bob", "8"): 4.0}
    assert report.encoding == option


def test_gzip_columns_in_any_order_and_decimal_commas(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"9;3,5;x;07;u1\n9;4;y;7;u2\n"))
    options = TableOptions(gzipped=True, separator=";", decimal=",", header=False, user=4, movie=3, rating=1)
    ratings, report = read_long(path, options)
    assert triples(ratings) == GOOD
    assert report.format == "gzipped CSV with semicolons, one rating a line"


def test_ids_keep_their_text(tmp_path):
    ids = ["7", "007", "NA", "9007199254740993", "9007199254740992", "0", "00", "-1", "+1", "1.0", "1e3", "0x1F", " 7"]
    ids += ["99999999999999999999", "123456789012345678", "nan", "True", "null", "ид"]
    text = "user,movie,rating\n" + "".join(f"{name},{name},3\n" for name in ids)
    ratings, _ = read(tmp_path, text)
    assert ratings.user_ids == ratings.movie_ids == tuple(ids)


def test_numbers_that_turn_into_words_later_stay_one_user(tmp_path, monkeypatch):
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 4096)
    rows = [f"{i % 50},{i},3\n" for i in range(2000)] + ["word,1,3\n", "49,5000,3\n", "20000000000,5,3\n", "0,7001,3\n"]
    ratings, _ = read(tmp_path, "".join(rows), header=False)
    assert ratings.user_ids == (*(str(i) for i in range(50)), "word", "20000000000")
    assert ratings.n_ratings == 2004


def test_indices_follow_the_first_appearance_and_rows_are_sorted(tmp_path):
    ratings, _ = read(tmp_path, "b,9,1\na,9,2\nb,3,4\na,1,5\nb,1,3\n", header=False)
    assert (ratings.user_ids, ratings.movie_ids) == (("b", "a"), ("9", "3", "1"))
    assert ratings.users.tolist() == [0, 0, 0, 1, 1]
    assert ratings.movies.tolist() == [0, 1, 2, 0, 2]
    assert ratings.values.tolist() == [1.0, 4.0, 3.0, 2.0, 5.0]
    assert (ratings.users.dtype, ratings.movies.dtype, ratings.values.dtype) == (np.int32, np.int32, np.float64)


def test_an_id_of_a_rejected_row_only_is_nobody(tmp_path):
    ratings, _ = read(tmp_path, "a,1,x\nb,2,3\n", header=False)
    assert (ratings.user_ids, ratings.movie_ids) == (("b",), ("2",))


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize(("duplicates", "value"), [("last", 2.0), ("mean", 3.0)])
def test_the_same_pair_again(tmp_path, duplicates, value, grouped):
    rows = (
        ["a,1,5", "a,2,1", "a,1,2", "b,1,4", "a,1,2"] if not grouped else ["a,1,5", "a,1,2", "a,2,1", "a,1,2", "b,1,4"]
    )
    ratings, report = read(tmp_path, "\n".join(rows), header=False, duplicates=duplicates)
    assert triples(ratings) == {("a", "1"): value, ("a", "2"): 1.0, ("b", "1"): 4.0}
    assert (report.n_duplicates, report.n_rows, report.duplicates) == (2, 5, duplicates)


def test_refused_duplicates_name_both_lines(tmp_path):
    with pytest.raises(TableError, match=r'movie "07" by user "Zoë" twice, in lines 3 and 6'):
        read(tmp_path, "u,m,r\nb,1,2\nZoë,07,1\n\n\nZoë,07,1\n", duplicates="refuse")
    ratings, _ = read(tmp_path, "u,m,r\nb,1,2\nb,2,1\n", duplicates="refuse")
    assert ratings.n_ratings == 2


def test_every_reason_with_its_lines(tmp_path):
    rows = {
        2: "a,1,3",
        3: ",1,3",
        4: "a,  ,3",
        5: "a,1,",
        6: "a,1,5 stars",
        7: "a,1,True",
        8: "a,1,2016-05-01",
        9: "a,1,nan",
        10: "a,1,-Infinity",
        11: "a,1,1e400",
        12: "a,1",
        13: "a,1,3,4,5",
        14: "a,1,3,4,",
        15: '"a","2",+2.5e0',
        16: "",
        17: "b,1, .5 ",
    }
    ratings, report = read(tmp_path, "\n".join(["user,movie,rating,time", *rows.values()]))
    assert rejected(report) == {
        "missing_user": [3],
        "missing_movie": [4],
        "missing_rating": [5],
        "rating_not_a_number": [6, 7, 8],
        "rating_not_finite": [9, 10, 11],
        "too_few_fields": [12],
        "too_many_fields": [13],
    }
    assert [rows.example for rows in report.rejected if rows.reason.startswith("rating")] == ["5 stars", "nan"]
    assert triples(ratings) == {("a", "1"): 3.0, ("a", "2"): 2.5, ("b", "1"): 0.5}
    assert (report.n_rows, report.n_duplicates) == (15, 1)


def test_decimal_marks_are_never_mixed_up(tmp_path):
    _, report = read(tmp_path, 'a,1,"3,5"\na,2,3\n', header=False)
    assert rejected(report) == {"rating_not_a_number": [1]}
    _, report = read(tmp_path, "a;1;3.5\na;2;3\n", header=False, separator=";", decimal=",")
    assert rejected(report) == {"rating_not_a_number": [1]}


def test_bytes_that_are_no_text(tmp_path):
    data = "user,movie,rating,note\né,1,2,x\n".encode() + b"a\xff,1,3,x\na,2,4,\xff\nb,\xe9,1,x\n"
    ratings, report = read(tmp_path, data)
    assert triples(ratings) == {("é", "1"): 2.0, ("a", "2"): 4.0}
    assert rejected(report) == {"bad_text": [3, 5]}
    assert report.rejected[0].example == "a?"


def test_bytes_that_are_no_utf_16(tmp_path):
    data = "u,m,r\na,1,2\n".encode("utf-16") + b"\x00\xd8" + "b,1,2\n".encode("utf-16-le")
    ratings, report = read(tmp_path, data, encoding="utf-16")
    assert triples(ratings) == {("a", "1"): 2.0}
    assert rejected(report) == {"bad_text": [3]}


def test_quoted_fields_may_hold_separators_quotes_and_lines(tmp_path):
    text = 'user,note,movie,rating\n"a,b","line 1\nline ""2""",m,3\nc,"x\n\n\ny","d""e",x\nf,,g,4\n'
    ratings, report = read(tmp_path, text, movie=2, rating=3)
    assert triples(ratings) == {("a,b", "m"): 3.0, ("f", "g"): 4.0}
    assert rejected(report) == {"rating_not_a_number": [4]}
    assert report.rejected[0].lines.tolist() == [4]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,1,3\nb,2,"4\nc,3,5\n', 2),
        ('a,1,3\nb,2,"4\nc,3,5\nd,"4",2\n', 2),
        ('a,1,3\nb,2,3\n"c,3,5\nd,4",1,2\n', 3),
        ('"a,1,3\n' + "b,2,3\n" * 40_000, 1),
    ],
)
def test_an_open_quote_is_named(tmp_path, text, line):
    with pytest.raises(TableError, match=rf"^table\.csv has a quote in line {line} that is not closed"):
        read(tmp_path, text, header=False)


def test_a_quote_inside_a_field_is_a_letter(tmp_path):
    ratings, _ = read(tmp_path, 'a 12" disc,1,3\nb,"2"x,4\n', header=False)
    assert triples(ratings) == {('a 12" disc', "1"): 3.0, ("b", "2x"): 4.0}


def test_rows_longer_than_the_header_are_never_shifted_silently(tmp_path):
    shifted = "user,movie,rating\n0,a,1,3\n1,b,2,4\n"
    with pytest.raises(TableError, match="rows have 4 fields, but the first line names only 3"):
        read(tmp_path, shifted)
    ratings, _ = read(tmp_path, shifted, user=1, movie=2, rating=3)
    assert triples(ratings) == {("a", "1"): 3.0, ("b", "2"): 4.0}
    with pytest.raises(TableError, match="5 fields"):
        read(tmp_path, "user,movie,rating\n0,0,a,1,3\n", user=2, movie=3, rating=4)
    ratings, report = read(tmp_path, "user,movie,rating\na,1,3,,\nb,2,4,,\n")
    assert (ratings.n_ratings, report.n_rejected) == (2, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \r\n\n", "is empty"),
        (b"user,movie,rating\n", "has a header and no ratings"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "holds binary data"),
        (b"user,movie,rating\na,1,x\nb,2,y\n", r'has no ratings: the rating is not a number in line 2 \("x"\)'),
        (b"user,movie,rating\na;1;3\n", "has no ratings: fewer fields than the columns need in line 2"),
    ],
)
def test_nothing_to_read_is_one_sentence(tmp_path, data, sentence):
    with pytest.raises(TableError, match=f"^table\\.csv .*{sentence}") as caught:
        read(tmp_path, data)
    assert "\n" not in str(caught.value)


def test_other_refusals(tmp_path):
    with pytest.raises(TableError, match="no text encoding klingon"):
        read(tmp_path, "a,1,3\n", encoding="klingon")
    with pytest.raises(TableError, match="choose another encoding"):
        read(tmp_path, "a,1,3\n", encoding="utf-16")
    with pytest.raises(TableError, match="gzip data cannot be unpacked"):
        read(tmp_path, gzip.compress(os.urandom(10_000))[:5000], gzipped=True)
    with pytest.raises(TableError, match=r"nowhere\.csv cannot be read"):
        read_long(tmp_path / "nowhere.csv", TableOptions())


def test_too_many_ids_end_early(tmp_path, monkeypatch):
    monkeypatch.setattr(id_coding, "MAX_IDS", 99)
    for name in ("{}", "u{}", "{}00000000000"):
        text = "".join(f"{name.format(i)},1,3\n" for i in range(1, 100))
        assert read(tmp_path, text, header=False)[0].n_users == 99
        with pytest.raises(TableError, match="more than 5,000,000 users"):
            read(tmp_path, text + "more,1,3\n", header=False)


def test_a_file_that_changes_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,1,3\nb,2,4\n")

    def write(_progress):
        path.write_text("a,1,3\n")

    with pytest.raises(TableError, match=r"^table\.csv changed while it was being read: open it again\.$"):
        read_long(path, TableOptions(header=False), report=write)


def test_progress_and_cancel(tmp_path, monkeypatch):
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 1000)
    path = tmp_path / "table.csv"
    path.write_text("".join(f"{i},1,3\n" for i in range(2000)))
    seen = []
    read_long(path, TableOptions(header=False), report=seen.append)
    assert {progress.total for progress in seen} == {path.stat().st_size}
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert (seen[-1].done, seen[-1].n_rows) == (path.stat().st_size, 2000)
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 5

    with pytest.raises(Cancelled):
        read_long(path, TableOptions(header=False), cancelled=cancelled)


def test_the_real_table(shared):
    folder = shared / "data" / "ml-latest-small-2016"
    ratings, report = read_long(folder / "ratings.csv", TableOptions())
    with (folder / "ratings.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert triples(ratings) == {(user, movie): float(rating) for user, movie, rating, _ in rows}
    assert ratings.movie_ids == tuple(dict.fromkeys(row[1] for row in rows))
    assert (ratings.n_users, ratings.n_movies, ratings.n_ratings, report.n_rejected) == (671, 9066, 100_004, 0)


@pytest.fixture
def in_small_steps(monkeypatch):
    """Blocks, pieces and segments so small that a few rows pass through all of the paths; compiled from byte one."""
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 64)
    monkeypatch.setattr(text_table, "PIECE_BYTES", 16)
    monkeypatch.setattr(text_table, "COMPILED_ABOVE", 0)
    monkeypatch.setattr(text_table, "_BREATH_SECONDS", 0.0)
    monkeypatch.setattr(rating_order, "SEGMENT_ROWS", 7)


def test_clean_rows_are_compiled_in_any_blocks(tmp_path, in_small_steps, monkeypatch):
    refused = []
    original = clean_parser.parse_clean_block

    def spied(*arguments):
        block = original(*arguments)
        refused.append(block is None)
        return block

    monkeypatch.setattr(text_table, "parse_clean_block", spied)
    rng = np.random.default_rng(1)
    users, movies, stars = np.sort(rng.integers(0, 40, 500)), rng.integers(0, 60, 500), rng.integers(1, 11, 500) / 2
    rows = [f"{u}::{m}::{s:g}::1:2\r\n" for u, m, s in zip(users, movies, stars, strict=True)]
    ratings, report = read(tmp_path, "".join(rows), header=False, separator="::")
    expected = {(str(u), str(m)): s for u, m, s in zip(users, movies, stars.tolist(), strict=True)}
    assert triples(ratings) == expected
    assert report.n_duplicates == 500 - len(expected)
    assert len(refused) > 50
    assert not any(refused)


field = st.one_of(
    st.sampled_from(
        ["1", "2", "3", "07", "7", "0", "u", "é", "", " ", " 1", "1234567890123", "x,y", 'q"q', "n\nn", "-1"]
    ),
    st.integers(0, 12).map(str),
)
number = st.one_of(
    st.sampled_from(
        ["", "x", "3,5", "nan", "inf", "1e400", "1e-400", "5 stars", ".5", "5.", "+1", " 2 ", "0.1", "1_0"]
    ),
    st.integers(1, 10).map(lambda half: str(half / 2)),
)
table = st.lists(st.tuples(field, field, number, field), min_size=1, max_size=25)


def plainly(rows, duplicates):
    """What the rows mean, by the shortest code there is: ratings by pair, and how many rows have none."""
    values, n_bad = {}, 0
    for user, movie, text, _ in rows:
        try:
            value = float(text.strip().replace("_", "no"))
        except ValueError:
            value = np.nan
        if not user.strip() or not movie.strip() or not np.isfinite(value):
            n_bad += 1
        else:
            values.setdefault((user, movie), []).append(value)
    chosen = {pair: found[-1] if duplicates == "last" else sum(found) / len(found) for pair, found in values.items()}
    return chosen, n_bad


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table, st.sampled_from(["last", "mean"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from([40, 200, 10_000]))
def test_any_rows_come_back(tmp_path, in_small_steps, monkeypatch, rows, duplicates, end, size):
    monkeypatch.setattr(text_source, "BLOCK_BYTES", size)
    # A line end in an id or rating is an open quote to the reader; in the last column it is text.
    rows = [(u.replace("\n", ""), m.replace("\n", ""), r, note) for u, m, r, note in rows]
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerows([("user", "movie", "rating", "note"), *rows])
    expected, n_bad = plainly(rows, duplicates)
    if not expected:
        with pytest.raises(TableError):
            read(tmp_path, stream.getvalue(), duplicates=duplicates)
        return
    ratings, report = read(tmp_path, stream.getvalue(), duplicates=duplicates)
    assert triples(ratings) == pytest.approx(expected, rel=1e-15)
    assert (report.n_rows, report.n_rejected) == (len(rows), n_bad)
    assert report.n_duplicates == len(rows) - n_bad - len(expected)
    keys = ratings.users.astype(np.int64) * ratings.n_movies + ratings.movies
    assert (np.diff(keys) > 0).all()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.sampled_from(["1", "07", "3.5", "u", "", " ", '"', '"a"', "\xff", "9" * 20]), max_size=6),
        max_size=20,
    ),
    st.sampled_from([",", "\t", "::", "whitespace"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_the_fast_parsers_agree_with_the_exact_one(tmp_path, in_small_steps, lines, separator, header, end):
    data = end.join((" " if separator == "whitespace" else separator).join(line) for line in lines).encode("latin-1")
    outcomes = []
    for exact in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if exact:
                patch.setattr(text_table, "parse_columns", lambda *_: None)
                patch.setattr(text_table, "parse_clean_block", lambda *_: None)
            try:
                ratings, report = read(tmp_path, data, separator=separator, header=header)
                outcomes.append((ratings.user_ids, triples(ratings), rejected(report), report.n_rows))
            except TableError as error:
                outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


def test_reading_loads_neither_pandas_nor_numba(tmp_path, project):
    path = tmp_path / "table.csv"
    path.write_text("u,m,r\n1,a,3\n99999999999,b,2\n")
    code = (
        "import sys; from pathlib import Path; from cfgui.io.long_table import read_long;"
        "from cfgui.io.table_options import TableOptions; before = 'pyarrow' in sys.modules;"
        "read_long(Path(sys.argv[1]), TableOptions());"
        "print(before, [name for name in ('pandas', 'numba', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False ['pyarrow']"


def test_the_mark_that_an_export_puts_before_formulas_is_taken_away(tmp_path):
    ratings, _ = read(tmp_path, "user,item,rating\n'=1+1,''-x,1\n'a,-1,2\n")
    assert ratings.user_ids == ("=1+1", "'a")
    assert ratings.movie_ids == ("'-x", "-1")


def test_ids_that_only_that_mark_tells_apart_keep_it(tmp_path):
    ratings, _ = read(tmp_path, "user,item,rating\n'+1,a,1\n+1,a,2\n")
    assert ratings.user_ids == ("'+1", "+1")


def test_counts_stay_exact_where_lines_are_no_longer_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(rejections, "MAX_LINES", 5)
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 64)
    text = "a,1,3\n" + "".join(f"a,{i},x{i}\n" for i in range(2, 42))
    _, report = read(tmp_path, text, header=False)
    (rows,) = report.rejected
    assert (rows.count, rows.lines.tolist(), rows.example) == (40, [2, 3, 4, 5, 6], "x2")


def test_nothing_but_bytes_that_are_no_text_asks_for_another_encoding(tmp_path):
    with pytest.raises(TableError, match=r"^table\.csv has no ratings: .* in line 2 .*; choose another encoding\.$"):
        read(tmp_path, "user,item,rating\né,1,2\nü,1,3\n".encode("latin-1"))
