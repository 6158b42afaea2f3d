"""Every edition of MovieLens in its exact format, as a folder and as a zip."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from cfgui.io.child import Cancelled
from cfgui.io.movie_titles import GENRES, parse_titles
from cfgui.io.movielens import MovieLensEdition, find_movielens, read_movielens
from cfgui.io.open_any import open_ratings
from cfgui.io.table_options import TableChoices, TableError
from cfgui.io.zip_member import ZipMembers
from tests.io.test_wide_table import as_dict

RATINGS_CSV = b"""userId,movieId,rating,timestamp
1,31,2.5,1260759144
1,1029,3.0,1260759179
2,31,4.0,835355493
2,99,0.5,835355681
"""
MOVIES_CSV = (
    'movieId,title,genres\n31,Dangerous Minds (1995),Drama\n1029,"Dumbo, the ""flying"" one (1941)",'
    "Animation|Children|Musical\n50,Nobody Rated Me (1999),(no genres listed)\n99,Léon (1994),(no genres listed)\n"
).encode()
CSV_RATINGS = {("1", "31"): 2.5, ("1", "1029"): 3.0, ("2", "31"): 4.0, ("2", "99"): 0.5}
CSV_TITLES = {"31": "Dangerous Minds (1995)", "1029": 'Dumbo, the "flying" one (1941)', "99": "Léon (1994)"}

U_DATA = b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t302\t5\t878887116\n244\t268\t1\t880606923\n"


def u_item(number, title, genres):
    flags = "|".join("1" if genre in genres else "0" for genre in GENRES)
    return f"{number}|{title}|01-Jan-1997||http://us.imdb.com/M/title-exact?x|{flags}\n"


U_ITEM = (
    u_item(242, "Chasing Amy (1997)", ["Drama", "Romance"])
    + u_item(302, "L.A. Confidential (1997)", ["Crime", "Film-Noir", "Mystery", "Thriller"])
    + u_item(268, "Chasing Amy (1997)", ["Drama", "Romance"])
    + u_item(303, "Amélie", ["unknown"])
).encode("latin-1")

DAT = "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4.5::978298413\n"
DAT_MOVIES = (
    "661::James and the Giant Peach (1996)::Animation|Children's|Musical\n1193::Misérables, Les (1995)::Drama\n"
)

EDITIONS = {
    "ml-latest-small": {"ml-latest-small/ratings.csv": RATINGS_CSV, "ml-latest-small/movies.csv": MOVIES_CSV},
    "ml-latest": {"ml-latest/ratings.csv": RATINGS_CSV, "ml-latest/movies.csv": MOVIES_CSV},
    "ml-20m": {"ml-20m/ratings.csv": RATINGS_CSV, "ml-20m/movies.csv": MOVIES_CSV},
    "ml-25m": {"ml-25m/ratings.csv": RATINGS_CSV, "ml-25m/movies.csv": MOVIES_CSV},
    "ml-32m": {"ml-32m/ratings.csv": RATINGS_CSV, "ml-32m/movies.csv": MOVIES_CSV},
    "ml-100k": {
        "ml-100k/u.data": U_DATA,
        "ml-100k/u.item": U_ITEM,
        "ml-100k/u.genre": "".join(f"{genre}|{number}\n" for number, genre in enumerate(GENRES)).encode(),
        "ml-100k/u1.base": b"1\t1\t5\t874965758\n",
        "ml-100k/README": b"about",
    },
    "ml-1m": {"ml-1m/ratings.dat": DAT.encode(), "ml-1m/movies.dat": DAT_MOVIES.encode("latin-1")},
    "ml-10m": {"ml-10M100K/ratings.dat": DAT.encode(), "ml-10M100K/movies.dat": DAT_MOVIES.encode()},
}
NAMES = {
    "ml-latest-small": "MovieLens latest, small",
    "ml-latest": "MovieLens latest, full",
    **{f"ml-{size}": f"MovieLens {size.upper()}" for size in ("100k", "1m", "10m", "20m", "25m", "32m")},
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))


def make_zip(path, files, *, folder_entries=True):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if folder_entries:
            archive.writestr(f"{next(iter(files)).split('/')[0]}/", b"")
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_folder(path, files):
    for name, data in files.items():
        file = path / name.split("/", 1)[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


@pytest.fixture(params=["folder", "zip"])
def made(request, tmp_path):
    """Makes an edition as a folder or as a zip."""

    def make(edition):
        if request.param == "zip":
            return make_zip(tmp_path / f"{edition}.zip", EDITIONS[edition])
        return make_folder(tmp_path / edition, EDITIONS[edition])

    return make


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition(made, edition):
    path = made(edition)
    found = find_movielens(path)
    assert found is not None
    assert (found.name, found.zipped) == (NAMES[edition], path.suffix == ".zip")
    ratings, report = read_movielens(path, TableChoices())
    assert report.file == path.name
    assert report.format.startswith(f"{NAMES[edition]}, {Path(found.ratings).name}")
    assert report.n_rejected == 0
    if edition == "ml-100k":
        assert as_dict(ratings) == {("196", "242"): 3, ("186", "302"): 3, ("196", "302"): 5, ("244", "268"): 1}
        assert ratings.titles == {
            "242": "Chasing Amy (1997)",
            "302": "L.A. Confidential (1997)",
            "268": "Chasing Amy (1997)",
        }
        assert ratings.genres["302"] == "Crime|Film-Noir|Mystery|Thriller"
        assert "u.item is not UTF-8: its titles were read as Western text (Latin-1)." in report.remarks
    elif edition in ("ml-1m", "ml-10m"):
        assert as_dict(ratings) == {("1", "1193"): 5, ("1", "661"): 3, ("2", "1193"): 4.5}
        assert ratings.titles == {"1193": "Misérables, Les (1995)", "661": "James and the Giant Peach (1996)"}
        assert ratings.genres == {"1193": "Drama", "661": "Animation|Children's|Musical"}
        assert any("Latin-1" in remark for remark in report.remarks) == (edition == "ml-1m")
    else:
        assert as_dict(ratings) == CSV_RATINGS
        assert ratings.titles == CSV_TITLES
        assert ratings.genres == {"31": "Drama", "1029": "Animation|Children|Musical"}
        assert report.remarks == ()
    assert "50" not in ratings.movie_ids


def test_the_small_edition_of_2016(shared):
    folder = shared / "data" / "ml-latest-small-2016"
    ratings, report = read_movielens(folder, TableChoices())
    assert (ratings.n_users, ratings.n_movies, ratings.n_ratings) == (671, 9066, 100_004)
    assert (report.n_rows, report.n_rejected, report.n_duplicates) == (100_004, 0, 0)
    assert len(ratings.titles) == 9066
    assert ratings.titles["1198"].startswith("Raiders of the Lost Ark")
    assert ratings.genres["318"] == "Crime|Drama"
    assert float(ratings.values.mean()) == pytest.approx(3.543608255669773)


def test_movies_of_one_title_stay_apart(tmp_path):
    files = {
        "ml-100k/u.data": b"1\t1\t5\t0\n1\t2\t3\t0\n",
        "ml-100k/u.item": (u_item(1, "A", []) + u_item(2, "A", [])).encode(),
    }
    ratings, _ = read_movielens(make_zip(tmp_path / "x.zip", files), TableChoices())
    assert as_dict(ratings) == {("1", "1"): 5, ("1", "2"): 3}
    assert ratings.titles == {"1": "A", "2": "A"}


def test_ids_are_joined_as_text_and_movies_without_a_title_stay(tmp_path):
    files = {
        "x/ratings.csv": b"userId,movieId,rating\n1,007,4\n1,7,3\n1,8,2\n",
        "x/movies.csv": b"\xef\xbb\xbfmovieId,title,genres\n7,Seven,Drama\n007,Bond,Action\n",
    }
    ratings, report = read_movielens(make_zip(tmp_path / "x.zip", files), TableChoices())
    assert ratings.movie_ids == ("007", "7", "8")
    assert ratings.titles == {"007": "Bond", "7": "Seven"}
    assert report.remarks == ("1 rated movie has no title in movies.csv: the id stands for it.",)


def test_an_edition_without_titles(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"x/ratings.csv": RATINGS_CSV})
    assert find_movielens(path) == MovieLensEdition("MovieLens", "x/ratings.csv", None, True)
    ratings, report = read_movielens(path, TableChoices())
    assert ratings.titles == {}
    assert report.remarks == ("There is no movies.csv, so the movies have no titles.",)


def test_titles_that_cannot_be_read_are_not_said_to_be_missing(tmp_path, monkeypatch):
    make_folder(tmp_path / "x", {"x/ratings.csv": RATINGS_CSV, "x/movies.csv": b"movieId,title,genres\n"})
    monkeypatch.setattr("cfgui.io.movielens.MAX_TITLES", 5)
    ratings, report = read_movielens(tmp_path / "x", TableChoices())
    assert ratings.titles == {}
    assert report.remarks == ("movies.csv cannot be read, so the movies have no titles.",)


def test_a_folder_that_may_not_be_looked_into(tmp_path, monkeypatch):
    def refuse(_folder):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(TableError, match=r"^closed cannot be read: Permission denied\. Check that you may open it\.$"):
        open_ratings(tmp_path / "closed")


def test_the_folder_of_10m_is_known_by_its_own_name(tmp_path):
    make_folder(tmp_path / "ml-10M100K", {"x/ratings.dat": b"1::2::3.5::9\n"})
    found = find_movielens(tmp_path / "ml-10M100K")
    assert found is not None
    assert found.name == "MovieLens 10M"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", r"^e\.zip: x/ratings\.csv is empty"),
        (b"userId,movieId,rating\n", r"^e\.zip: x/ratings\.csv has a header but no rows"),
        (bytes(range(256)), r"^e\.zip: x/ratings\.csv holds no text"),
    ],
)
def test_bad_ratings_in_a_zip_are_named(tmp_path, data, said):
    with pytest.raises(TableError, match=said):
        read_movielens(make_zip(tmp_path / "e.zip", {"x/ratings.csv": data}), TableChoices())


def test_columns_of_an_edition_may_be_chosen(tmp_path):
    path = make_zip(tmp_path / "c.zip", {"x/ratings.csv": b"a;b;c\n1;2;3,5\n1;4;4\n"})
    choices = TableChoices(user="b", movie="a", rating="c", separator=";")
    assert as_dict(read_movielens(path, choices)[0]) == {("2", "1"): 3.5, ("4", "1"): 4.0}


def test_duplicates_as_chosen(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"x/ratings.csv": b"userId,movieId,rating\n1,2,4\n1,2,1\n"})
    assert as_dict(read_movielens(path, TableChoices(duplicates="mean"))[0]) == {("1", "2"): 2.5}
    assert as_dict(read_movielens(path, TableChoices(duplicates="last"))[0]) == {("1", "2"): 1}
    with pytest.raises(TableError, match="1"):
        read_movielens(path, TableChoices(duplicates="refuse"))


def test_a_folder_that_holds_the_folder(tmp_path):
    make_folder(tmp_path / "downloads" / "ml-1m", EDITIONS["ml-1m"])
    found = find_movielens(tmp_path / "downloads")
    assert found == MovieLensEdition("MovieLens 1M", "ml-1m/ratings.dat", "ml-1m/movies.dat", False)
    assert read_movielens(tmp_path / "downloads", TableChoices())[0].n_ratings == 3


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_nothing_of_movielens(tmp_path, kind):
    path = make_zip(tmp_path / "x.zip", {"x/photo.jpg": b"x"}) if kind == "zip" else tmp_path
    assert find_movielens(path) is None
    with pytest.raises(TableError, match=r"holds no ratings of MovieLens \(ratings\.csv, ratings\.dat or u\.data\)"):
        read_movielens(path, TableChoices())


def test_progress_runs_through_both_passes_and_can_be_cancelled(tmp_path):
    rows = b"".join(b"%d,%d,3.5,0\n" % (n // 50, n % 50) for n in range(60_000))
    path = make_zip(tmp_path / "x.zip", {"x/ratings.csv": b"userId,movieId,rating,timestamp\n" + rows})
    seen = []
    read_movielens(path, TableChoices(), report=seen.append)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[-1].done <= seen[-1].total == seen[0].total
    path.touch()
    with pytest.raises(Cancelled):
        read_movielens(path, TableChoices(duplicates="mean"), cancelled=lambda: True)


def test_a_second_reading_is_the_same(tmp_path):
    path = make_zip(tmp_path / "ml-20m.zip", EDITIONS["ml-20m"])
    first, second = (read_movielens(path, TableChoices()) for _ in range(2))
    assert as_dict(first[0]) == as_dict(second[0]) == CSV_RATINGS
    assert first[0].titles == second[0].titles
    assert first[1].format == second[1].format


# Zips from strangers


@pytest.mark.parametrize("name", ["../x/ratings.csv", "/x/ratings.csv", "x/../../ratings.csv", "C:/x/ratings.csv"])
def test_names_that_lead_out_are_not_seen(tmp_path, name):
    path = make_zip(tmp_path / "evil.zip", {name: RATINGS_CSV}, folder_entries=False)
    assert find_movielens(path) is None


def test_links_are_not_followed(tmp_path):
    path = tmp_path / "link.zip"
    entry = zipfile.ZipInfo("x/ratings.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert find_movielens(path) is None


def test_a_bomb_is_not_opened(tmp_path):
    path = make_zip(tmp_path / "bomb.zip", {"x/ratings.csv": b"userId,movieId,rating\n" + b"1,2,3\n" * 2_500_000})
    with pytest.raises(TableError, match=r"bomb\.zip: x/ratings\.csv unpacks to 14 MB from 0\.\d, which no table"):
        read_movielens(path, TableChoices())


def test_a_member_that_lies_about_its_size(tmp_path):
    path = make_zip(tmp_path / "liar.zip", {"x/ratings.csv": RATINGS_CSV * 100}, folder_entries=False)
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))
    with pytest.raises(TableError, match=r"liar\.zip is a damaged zip archive\. Get it again\."):
        read_movielens(path, TableChoices())


def test_a_bad_checksum_and_a_cut_end(tmp_path):
    path = make_zip(tmp_path / "bad.zip", {"x/ratings.csv": RATINGS_CSV}, folder_entries=False)
    whole = path.read_bytes()
    data = bytearray(whole)
    for place in (data.index(b"PK\x03\x04") + 14, data.rindex(b"PK\x01\x02") + 16):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(TableError, match=r"bad\.zip is a damaged zip archive\. Get it again\."):
        read_movielens(path, TableChoices())
    path.write_bytes(whole[:-30])
    with pytest.raises(TableError, match=r"bad\.zip is a damaged zip archive\. Get it again\."):
        find_movielens(path)


def test_a_locked_zip(tmp_path):
    path = make_zip(tmp_path / "locked.zip", {"x/ratings.csv": RATINGS_CSV}, folder_entries=False)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(TableError, match=r"locked\.zip is locked with a password: unpack it and open the folder\."):
        read_movielens(path, TableChoices())


def test_no_room_to_unpack(tmp_path, monkeypatch):
    path = make_zip(tmp_path / "x.zip", {"x/ratings.csv": RATINGS_CSV})
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("cfgui.io.zip_member.shutil.disk_usage", lambda _folder: usage)
    with pytest.raises(TableError, match=r"There is no room to unpack x/ratings\.csv of x\.zip"):
        read_movielens(path, TableChoices())


def test_only_files_are_members(tmp_path):
    path = make_zip(tmp_path / "ml-100k.zip", EDITIONS["ml-100k"])
    with ZipMembers(path) as members:
        assert sorted(members.names) == sorted(EDITIONS["ml-100k"])
        assert members.head("ml-100k/u.data", 7) == b"196\t242"


def test_titles_of_a_damaged_list():
    found = parse_titles(b'movieId,title,genres\n1,One,Drama\n2,"Two', "movies.csv")
    assert found.titles == {"1": "One", "2": "Two"}
    assert parse_titles(b"", "movies.dat").titles == {}
    assert parse_titles(b"1::One\n2\n\n3::Three::War\n", "movies.dat").genres == {"3": "War"}
