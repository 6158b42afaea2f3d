"""Tables as strange as people and machines make them: the right ratings or one plain sentence, soon."""

import csv
import gzip
import io
import random
import time
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfgui.io.errors import WorkbookError
from cfgui.io.open_any import describe, open_ratings, open_text
from cfgui.io.table_head import NO_CHOICES
from cfgui.io.table_options import TableChoices, TableError
from tests.io.test_wide_table import as_dict, left_out

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))


def written(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def sentence(path, choices=NO_CHOICES):
    with pytest.raises(TableError) as caught:
        open_ratings(path, choices)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert "Traceback" not in text
    assert path.name in text
    return text


# Every case that the readers promise an answer for


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"userId,movieId,rating\n", "has a header but no rows below it"),
        (random.Random(1).randbytes(5000), "holds no text but binary data"),
        (b'user,item,rating\n1,2,3\n1,"3,4\n2,3,4\n', "line 3: a quote"),
        (b"userId,movieId,rating\n1,31,2.5,126\n1,1029,3.0,127\n", "the rows have 4 fields"),
        (b"user,item,rating\n1,2,nan\n1,3,inf\n1,4,1e400\n", "no numbers to take for ratings"),
        (b"user,item,rating\n1,2,5 stars\n1,3,4 stars\n", "no numbers to take for ratings"),
        (b"user,item,rating\n1,2,True\n1,3,False\n", "no numbers to take for ratings"),
        (b"user,item,rating\n1,2,2020-01-02\n1,3,2021-01-02\n", "no numbers to take for ratings"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is encrypted or in the old .xls format"),
        (b"PK\x03\x04" + bytes(600), "is a damaged zip archive"),
        (gzip.compress(b"user,item,rating\n" + b"1,2,3\n" * 100)[:-12], "gzip"),
        (gzip.compress(gzip.compress(b"user,item,rating\n1,2,3\n")), "is packed twice or holds no text"),
    ],
)
def test_one_plain_sentence_each(tmp_path, data, said):
    assert said in sentence(written(tmp_path / "bad.csv", data))


@pytest.mark.parametrize("head", [b"user,item,rating\n1,2,3\n", b",a,b\nu,1,2\n"])
def test_a_gzip_bomb_is_not_unpacked(tmp_path, head):
    bomb = written(tmp_path / "bomb.csv.gz", gzip.compress(head + b"\n" * 40_000_000))
    assert "unpacks to more than 200 times its size" in sentence(bomb)


def test_rows_that_are_no_ratings_are_counted(tmp_path):
    rows = [
        "user,item,rating",
        "1,10,4.5",
        "1,11,nan",
        "1,12,inf",
        "1,13,1e400",
        "1,14,5 stars",
        '1,15,"3,5"',
        "1,16,True",
        "1,17,2020-01-02",
        "1,18",
        "1,19,",
        ",20,3",
        "1,,3",
        "",
        "2,10,2,extra,more",
        "2,11,2.5",
    ]
    document = open_ratings(written(tmp_path / "mixed.csv", "\n".join(rows)))
    found = {reason: lines for reason, (_, lines, _) in left_out(document.report).items()}
    assert as_dict(document.ratings) == {("1", "10"): 4.5, ("2", "11"): 2.5}
    assert found == {
        "rating_not_finite": [3, 4, 5],
        "rating_not_a_number": [6, 7, 8, 9],
        "too_few_fields": [10],
        "missing_rating": [11],
        "missing_user": [12],
        "missing_movie": [13],
        "too_many_fields": [15],
    }
    assert document.report.n_rows == 2 + document.report.n_rejected == 14


def test_numbers_with_commas_are_numbers_where_all_are(tmp_path):
    document = open_ratings(written(tmp_path / "de.csv", 'user,item,rating\na,x,"3,5"\na,y,"4,0"\n'))
    assert as_dict(document.ratings) == {("a", "x"): 3.5, ("a", "y"): 4}


def test_the_wrong_encoding_chosen_is_said(tmp_path):
    path = written(tmp_path / "odd.csv", b"user,item,rating\n1,2,3\n")
    with pytest.raises(TableError):
        open_ratings(path, TableChoices(encoding="utf-16"))
    assert open_ratings(path, TableChoices(encoding="ascii")).ratings.n_ratings == 1


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("user,item,rating\nann,1,4\nann,2,4\nann,3,5\n", (1, 3, 3)),
        ("user,item,rating\nann,1,4\nbob,1,4\ncid,1,5\n", (3, 1, 3)),
        ("user,item,rating\nann,1,4\nbob,2,4\n", (2, 2, 2)),
        ("user,item,rating\nann,1,4\n", (1, 1, 1)),
    ],
)
def test_one_user_one_movie_one_value(tmp_path, text, shape):
    document = open_ratings(written(tmp_path / "t.csv", text))
    assert (document.ratings.n_users, document.ratings.n_movies, document.ratings.n_ratings) == shape


def test_ids_that_look_alike_stay_apart(tmp_path):
    text = "user,item,rating\n007,NA,1\n7,null,2\n9007199254740993,1.0,3\n9007199254740992,1,4\n1e3,nan,5\n"
    ratings = open_ratings(written(tmp_path / "t.csv", text)).ratings
    assert ratings.user_ids == ("007", "7", "9007199254740993", "9007199254740992", "1e3")
    assert ratings.movie_ids == ("NA", "null", "1.0", "1", "nan")


def test_a_file_that_changes_while_it_is_read(tmp_path):
    path = written(tmp_path / "live.csv", "user,item,rating\n" + "1,2,3\n" * 10)

    def report(_progress):
        path.write_text("user,item,rating\n4,5,1\n")

    with pytest.raises(TableError, match=r"live\.csv changed while it was being read: open it again\."):
        open_ratings(path, report=report)


# Tables that hypothesis makes

IDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)
VALUES = st.sampled_from([0.0, 0.5, 1.0, 2.5, 3.0, 4.5, 5.0])
RATINGS = st.dictionaries(st.tuples(IDS, IDS), VALUES, min_size=1, max_size=25)


@QUICK
@given(
    RATINGS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]), st.booleans()
)
def test_long_tables_come_back(tmp_path_factory, known, separator, encoding, packed):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(["userId", "movieId", "rating"])
    writer.writerows([user, movie, value] for (user, movie), value in known.items())
    data = out.getvalue().encode(encoding)
    path = written(tmp_path_factory.mktemp("made") / "t", gzip.compress(data) if packed else data)
    assert as_dict(open_ratings(path).ratings) == known


@QUICK
@given(RATINGS, st.sampled_from([",", ";", "\t", "|"]))
def test_crosstabs_come_back(known, separator):
    users, movies = (list(dict.fromkeys(pair[place] for pair in known)) for place in (0, 1))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(["", *movies])
    writer.writerows([user, *(known.get((user, movie), "") for movie in movies)] for user in users)
    choices = TableChoices(layout="wide", separator=separator)
    document = open_text(out.getvalue(), choices)
    assert as_dict(document.ratings) == known
    assert (document.ratings.user_ids, document.ratings.movie_ids) == (tuple(users), tuple(movies))


@QUICK
@given(st.text(max_size=200))
def test_any_text_is_ratings_or_a_sentence(text):
    answer(lambda: open_text(text))


@QUICK
@given(st.lists(st.lists(st.sampled_from(["1", "2.5", "", "a", '"', "3,5", "nan", " "]), max_size=5), max_size=8))
def test_any_rows_are_ratings_or_a_sentence(rows):
    text = "\n".join(",".join(row) for row in rows)
    for choices in (TableChoices(), TableChoices(layout="long", header=False), TableChoices(layout="wide")):
        answer(lambda choices=choices: open_text(text, choices))


def answer(action):
    """Ratings or a plain sentence, within five seconds."""
    start, text = time.monotonic(), None
    try:
        n_ratings = action().ratings.n_ratings
    except (TableError, WorkbookError) as error:
        n_ratings, text = 0, str(error)
    assert time.monotonic() - start < 5
    assert (n_ratings > 0) == (text is None)
    if text is not None:
        assert text.endswith(".")
        assert "\n" not in text
        assert "unforeseen" not in text


# Files with some bytes changed


def small_files(folder):
    """One valid file of every kind."""
    long = b"userId,movieId,rating,timestamp\n" + b"".join(
        b"%d,%d,%.1f,%d\n" % (n // 4, n % 7, 0.5 * (1 + n % 10), 10**9 + n) for n in range(24)
    )
    files = {"long.csv": long, "long.csv.gz": gzip.compress(long), "wide.csv": b",a,b,c\nu,1,,2\nv,3,4,\n"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    rows = [line.split(b",") for line in long.splitlines()[1:]]
    columns = {"userId": [row[0].decode() for row in rows], "movieId": [int(row[1]) for row in rows]}
    pq.write_table(pa.table({**columns, "rating": [float(row[2]) for row in rows]}), folder / "long.parquet")
    book = openpyxl.Workbook()
    for row in long.decode().splitlines():
        book.active.append([float(cell) if cell[0].isdigit() else cell for cell in row.split(",")])
    book.save(folder / "long.xlsx")
    with zipfile.ZipFile(folder / "ml.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ml/ratings.csv", long)
        archive.writestr("ml/movies.csv", "movieId,title,genres\n1,One,Drama\n")
    return sorted(folder.iterdir())


def mutated(data, seed):
    """A copy with bytes flipped, cut out, repeated, or its end missing."""
    rng = random.Random(seed)
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(changed)) if changed else 0
        what = rng.randrange(5)
        if what == 0 and changed:
            changed[place] = rng.randrange(256)
        elif what == 1:
            del changed[place : place + rng.randint(1, 30)]
        elif what == 2:
            changed[place:place] = changed[place : place + rng.randint(1, 40)]
        elif what == 3:
            changed[place:place] = rng.choice([b'"', b"\0", b"\xff", b",", b"\n", b"\r", b";", b"9" * 30, b"::"])
        else:
            del changed[place:]
    return bytes(changed)


N_MUTANTS = {"long.csv": 60, "long.csv.gz": 60, "wide.csv": 60, "long.parquet": 60, "long.xlsx": 5, "ml.zip": 60}


@pytest.mark.parametrize("name", N_MUTANTS)
def test_files_with_changed_bytes_give_ratings_or_a_sentence(tmp_path, name):
    folder = tmp_path / "files"
    folder.mkdir()
    path = {file.name: file for file in small_files(folder)}[name]
    whole = path.read_bytes()
    assert open_ratings(path).ratings.n_ratings > 0
    for seed in range(N_MUTANTS[name]):
        path.write_bytes(mutated(whole, seed))
        answer(lambda: open_ratings(path))


def test_describing_changed_files_gives_a_guess_or_a_sentence(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    said = []
    for path in small_files(folder):
        if path.suffix == ".xlsx":
            continue
        whole = path.read_bytes()
        for seed in range(20):
            path.write_bytes(mutated(whole, seed + 1000))
            try:
                describe(path)
            except TableError as error:
                said.append(str(error))
    assert len(said) > 10
    assert not [text for text in said if "unforeseen" in text or "\n" in text]
