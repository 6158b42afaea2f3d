"""Crosstabs as text: every cell in its place, bad ones counted, nothing dropped silently."""

import csv
import gzip
import io
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from cfgui.io import text_blocks
from cfgui.io.child import Cancelled
from cfgui.io.table_options import TableError, TableOptions
from cfgui.io.wide_table import read_wide

WIDE = TableOptions(layout="wide", movie=0, rating=1)


def as_dict(ratings):
    return {
        (ratings.user_ids[user], ratings.movie_ids[movie]): value
        for user, movie, value in zip(
            ratings.users.tolist(), ratings.movies.tolist(), ratings.values.tolist(), strict=True
        )
    }


def left_out(report):
    return {rows.reason: (rows.count, rows.lines.tolist(), rows.example) for rows in report.rejected}


def sentence(data, options=WIDE):
    with pytest.raises(TableError) as caught:
        read_wide(data, options)
    return str(caught.value)


def test_a_blank_is_unrated_and_a_zero_is_a_rating():
    ratings, report = read_wide(b",10,20,30\nann,1,,3.5\nbob, ,0,\n", WIDE)
    assert (ratings.user_ids, ratings.movie_ids) == (("ann", "bob"), ("10", "20", "30"))
    assert as_dict(ratings) == {("ann", "10"): 1, ("ann", "30"): 3.5, ("bob", "20"): 0}
    assert (report.n_rows, report.n_rejected, report.format, report.remarks) == (3, 0, "CSV, crosstab", ())


def test_ids_keep_their_text():
    ratings, _ = read_wide(b'x,007,7,9007199254740993,"a, b","say ""hi"""\nNA,1,2,3,4,5\n1.0,5,4,3,2,1\n', WIDE)
    assert ratings.movie_ids == ("007", "7", "9007199254740993", "a, b", 'say "hi"')
    assert ratings.user_ids == ("NA", "1.0")


def test_users_and_movies_without_ratings_stay():
    ratings, _ = read_wide(b",a,b\nu,,\nv,,3\n", WIDE)
    assert (ratings.n_users, ratings.n_movies, as_dict(ratings)) == (2, 2, {("v", "b"): 3})


def test_bad_cells_are_counted_by_reason_with_their_lines():
    text = b"""user,10,20,30,,
ann,5 stars,2,nan

bob,1e400,"3,5",TRUE,8
,4,,
cid,1,2,3,4,5,6
dan,2020-01-02,inf,1,,
"""
    ratings, report = read_wide(text, WIDE)
    assert as_dict(ratings) == {
        ("ann", "20"): 2,
        ("cid", "10"): 1,
        ("cid", "20"): 2,
        ("cid", "30"): 3,
        ("dan", "30"): 1,
    }
    assert left_out(report) == {
        "missing_user": (1, [5], "4 (no user, movie 10)"),
        "rating_not_a_number": (4, [2, 4, 7], "5 stars (user ann, movie 10)"),
        "rating_not_finite": (3, [2, 4, 7], "nan (user ann, movie 30)"),
        "too_many_fields": (4, [4, 6], "8 (user bob, column 5)"),
    }
    assert report.n_rows == ratings.n_ratings + report.n_rejected


def test_a_rating_under_no_movie_id():
    _, report = read_wide(b",10,,30\nann,1,2,3\n", WIDE)
    assert left_out(report) == {"missing_movie": (1, [2], "2 (user ann, column 3)")}


def test_rows_that_end_early_are_said():
    _, report = read_wide(b",a,b,c\nu,1\nv,1,2,3\nw,1,2\n", WIDE)
    assert report.remarks == ("2 rows end early: the cells missing there were taken as unrated.",)


def test_a_first_row_without_a_corner():
    ratings, report = read_wide(b"a,b\nu,1,\nv,,2\n", WIDE)
    assert as_dict(ratings) == {("u", "a"): 1, ("v", "b"): 2}
    assert report.remarks == (
        "The first row has one cell less than the others: its movie ids stand over the later columns.",
    )
    ratings, report = read_wide(b"x,a,b\nu,1,2,\nv,3,4,\n", WIDE)
    assert as_dict(ratings) == {("u", "a"): 1, ("u", "b"): 2, ("v", "a"): 3, ("v", "b"): 4}
    assert report.remarks == ()


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("x\ta\tb\nu\t1,5\t\nv\t\t2\n", {"separator": "\t", "decimal": ","}),
        ("x;a;b\nu;1,5;\nv;;2\n", {"separator": ";", "decimal": ","}),
        ("x::a::b\nu::1.5::\nv::::2\n", {"separator": "::"}),
        ('"x"  a\tb\n  u 1.5 NA \n"v"  NA  2', {"separator": "whitespace"}),
        ("x,a,b\r\nu,1.5,\r\nv,,2\r\n", {}),
        ("x,a,b\ru,1.5,\rv,,2", {}),
        (' x ,"a" ,b\n"u", 1.5 ,\nv,\t,"2"\n', {}),
        ("\ufeffx,a,b\nu,1.5,\nv,,2\n", {"encoding": "utf-8-sig"}),
    ],
)
def test_separators_line_ends_blanks_and_quotes(text, changes):
    ratings, report = read_wide(text.encode(), replace(WIDE, **changes))
    assert as_dict(ratings) == {("u", "a"): 1.5, ("v", "b"): 2}
    assert report.n_rejected == (2 if "NA" in text else 0)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1", "utf-8-sig"])
def test_encodings_and_gzip(encoding, tmp_path):
    path = tmp_path / "crosstab.gz"
    path.write_bytes(gzip.compress("x,Amélie,Léon\nZoë,1,\nÅke,,2\n".encode(encoding)))
    options = TableOptions(layout="wide", gzipped=True, encoding=encoding)
    ratings, report = read_wide(path, options)
    assert as_dict(ratings) == {("Zoë", "Amélie"): 1, ("Åke", "Léon"): 2}
    assert (report.file, report.encoding, report.format) == ("crosstab.gz", encoding, "CSV, crosstab, gzip")


def test_columns_left_of_the_ids_do_not_count():
    text = b"\tmovieId\t27\t49\nuserId\t14\t3\t5\n\t29\t\t4\n"
    ratings, _ = read_wide(text, TableOptions(layout="wide", separator="\t", user=1))
    assert as_dict(ratings) == {("14", "27"): 3, ("14", "49"): 5, ("29", "49"): 4}


def test_labels_with_line_ends_and_odd_quotes():
    ratings, report = read_wide(b'x,"a\nb",5" nails\nu,1,\nv,oops,2\n', WIDE)
    assert ratings.movie_ids == ("a\nb", '5" nails')
    assert as_dict(ratings) == {("u", "a\nb"): 1, ("v", '5" nails'): 2}
    assert left_out(report)["rating_not_a_number"][1] == [4]


def test_repeated_ids_name_both_places():
    assert sentence(b"x,7,8,7\nu,1,2,3\n") == (
        "the text, line 1: the movie id 7 stands in column 2 and again in column 4. Give each movie its own id."
    )
    assert sentence(b"x,7,8\nu,1,2\n\nv,1,2\nu,3,3\n") == (
        "the text, line 5: repeats the user id u of line 2. Give each user one line, or read the table as one rating a"
        " line."
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x,a,b\n", "has a first row of movie ids but no users below it"),
        (b"\n\n", "has a first row of movie ids but no users below it"),
        (b"x\nu\n", "line 1: has no movie ids"),
        (b"x,a,b\nu,,\n", "has no ratings in its cells. Choose another table or layout."),
        (b"x,a,b\nu,?,no\n", "has no ratings in its cells: 2 cells were left out"),
        (b'x,a,b\nu,1,2\nv,"3,4\nw,5,6\n', 'the text, line 3: a quote (") begins there and never ends'),
        (b'x,a,b\nu,1,2\nv,"3"4"5,6\n', 'the text, line 3: a quote (") is out of place'),
        (b"x,a\xff,b\nu,1,2\n", "line 1: holds bytes that are no text. Choose another encoding."),
        (b"x,a,b\nu,1,2\n\xff,3,4\n", "line 3: holds bytes that are no text. Choose another encoding."),
    ],
)
def test_one_plain_sentence(data, said):
    assert said in sentence(data)


def test_bytes_that_are_no_text_in_a_cell():
    ratings, report = read_wide(b"x,a,b\nu,\xff,2\n", WIDE)
    assert as_dict(ratings) == {("u", "b"): 2}
    assert left_out(report)["bad_text"][:2] == (1, [2])


def test_bytes_that_are_no_utf_16():
    """Half of a surrogate pair, which other encodings than UTF-8 can hold."""
    data = "x,a,b\nu,1,?\nv,2,3\n".encode("utf-16-le").replace(b"?\x00", b"\x00\xd8")
    ratings, report = read_wide(data, replace(WIDE, encoding="utf-16-le"))
    assert as_dict(ratings) == {("u", "a"): 1, ("v", "a"): 2, ("v", "b"): 3}
    assert left_out(report)["bad_text"][:2] == (1, [2])


def test_a_replacement_character_is_text_like_any_other():
    ratings, _ = read_wide("x,\ufffd\nu\ufffd,1\n".encode(), WIDE)
    assert as_dict(ratings) == {("u\ufffd", "\ufffd"): 1}


def test_a_line_beyond_all_measure(monkeypatch):
    monkeypatch.setattr(text_blocks, "MAX_LINE", 2**21)
    assert "is longer than 2 MB" in sentence(b"x," + b"a" * 2**22)


def test_damaged_gzip(tmp_path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"x,a\nu,1\n" * 1000)[:-9])
    with pytest.raises(TableError, match=r"cut\.gz is a damaged gzip file"):
        read_wide(path, TableOptions(layout="wide", gzipped=True))


def test_a_file_that_changes_while_it_is_read(tmp_path):
    path = tmp_path / "live.csv"
    path.write_bytes(b"x,a\nu,1\n")

    def report(_progress):
        path.write_bytes(b"x,a\nu,1\nv,2\n")

    with pytest.raises(TableError, match=r"live\.csv changed while it was being read: open it again\."):
        read_wide(path, WIDE, report=report)


def random_table(seed, n_users=300, n_movies=400):
    """(text of several blocks, the ratings in it)."""
    rng = np.random.default_rng(seed)
    known, lines = {}, [["u\nser", *(f"m{movie}" for movie in range(n_movies))]]
    for user in range(n_users):
        row = [f"u,{user}" if user % 50 == 0 else f"u{user}"]
        for movie in range(n_movies):
            text = ["", "0", "3.5", "4", "12.25", "0.123456789", "1e-3", "+5"][rng.integers(8)]
            row.append(text)
            if text:
                known[row[0], f"m{movie}"] = float(text)
        lines.append(row)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue().encode(), known


def test_large_tables_cross_blocks_anywhere(monkeypatch):
    text, known = random_table(1)
    for chunk in (2**20, 4099):
        monkeypatch.setattr(text_blocks, "CHUNK", chunk)
        ratings, report = read_wide(text, WIDE)
        assert as_dict(ratings) == known
        assert report.n_rows == len(known)
        assert np.all(np.diff(ratings.users.astype(np.int64) * ratings.n_movies + ratings.movies) > 0)


def test_progress_and_cancel(monkeypatch):
    monkeypatch.setattr(text_blocks, "CHUNK", 20_000)
    text, _ = random_table(2)
    seen = []
    read_wide(text, WIDE, report=seen.append)
    assert seen[0].total == len(text)
    assert seen[-1].done == len(text)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert 100 < seen[-1].n_rows <= 300
    with pytest.raises(Cancelled):
        read_wide(text, WIDE, cancelled=lambda: True)


def test_other_threads_get_their_turn():
    """While a crosstab of 600,000 cells is read, another thread runs many times: no long hold of the interpreter."""
    rng = np.random.default_rng(3)
    rows = [",".join(np.char.mod("%d", rng.integers(1, 6, 1000))) for _ in range(600)]
    text = ("x," + ",".join(map(str, range(1000))) + "\n").encode()
    text += "".join(f"u{number},{row}\n" for number, row in enumerate(rows)).encode()
    worker = threading.Thread(target=read_wide, args=(text, WIDE))
    worker.start()
    turns = 0
    while worker.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 10
