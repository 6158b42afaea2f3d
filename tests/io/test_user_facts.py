"""Facts about users: each kind of file in its exact form, joined by id, kept where titles and genres are kept."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.moved_rows import moved_ratings
from cfgui.core.ratings import Ratings
from cfgui.core.split import rows_of
from cfgui.core.split_file import joined
from cfgui.core.view import View, visible_ratings
from cfgui.io.archive import Archive, Meter, write_archive
from cfgui.io.kept_ratings import ratings_head, ratings_members, read_ratings
from cfgui.io.movielens import find_movielens
from cfgui.io.open_any import open_ratings
from cfgui.io.user_facts import OCCUPATIONS, parse_user_facts

U_USER = b"1|24|M|technician|85711\n2|53|F|other|94043\n3|7|M|none|32067\n4|56|F|writer|T8H1N\nbroken\n"
USERS_DAT = b"1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::0::55117\n4::M::45::99::02460\n"
U_DATA = b"1\t10\t3\t881250949\n2\t10\t4\t881250949\n3\t11\t5\t881250949\n4\t11\t5\t881250949\n"
DAT = b"1::10::5::978300760\n2::10::3::978302109\n3::11::4::978298413\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path / "cache"))


def test_u_user_tells_age_group_gender_and_occupation_and_no_zip_code():
    assert parse_user_facts(U_USER, "u.user").facts == {
        "1": "age 18-24|M|technician",
        "2": "age 50-55|F|other",
        "3": "age under 18|M|no occupation",
        "4": "age 56+|F|writer",
    }


def test_users_dat_has_codes():
    assert parse_user_facts(USERS_DAT, "users.dat").facts == {
        "1": "age under 18|F|K-12 student",
        "2": "age 56+|M|self-employed",
        "3": "age 25-34|M|other",
        "4": "age 45-49|M",  # there is no such occupation
    }
    assert (len(OCCUPATIONS), OCCUPATIONS[12], OCCUPATIONS[20]) == (21, "programmer", "writer")


def test_users_csv_has_a_header_and_any_columns():
    lines = ["id,country,age,children,e-mail,zip code"]
    lines += [f"u{n},{('Peru', 'Chile')[n % 2]},{20 + n},{n % 3},u{n}@x.org,{1000 * (n % 2)}" for n in range(15)]
    lines += ['last,"Korea, South|North",,2,,']
    found = parse_user_facts("\n".join(lines).encode("utf-8-sig"), "users.csv")
    assert found.facts["u0"] == "country Peru|age 20 to 22|children 0"
    assert found.facts["u14"] == "country Peru|age 32 to 34|children 2"
    assert found.facts["last"] == "children 2"  # the only one of that country: it says nothing of others
    assert found.remarks == ("Of users.csv the columns e-mail and zip code are left out.",)
    assert len({fact for text in found.facts.values() for fact in text.split("|") if fact.startswith("age")}) == 5


def test_signs_between_facts_never_come_from_a_file():
    found = parse_user_facts(b'id,town\n1,"a,|b"\n2,"a,|b"\n', "users.csv")
    assert found.facts == {"1": "town a b", "2": "town a b"}


@pytest.mark.parametrize("data", [b"", b"\n", b"id\n1\n", b'id,x\n1,"never ends', b"\xff\xfe\x00", b"1|2\n", b"::::"])
def test_files_that_say_nothing_say_nothing(data):
    for name in ("u.user", "users.dat", "users.csv"):
        assert parse_user_facts(data, name).facts == {}


@pytest.mark.parametrize(
    ("name", "files", "facts"),
    [
        ("ml-100k", {"u.data": U_DATA, "u.user": U_USER}, {"1": "age 18-24|M|technician", "4": "age 56+|F|writer"}),
        ("ml-1m", {"ratings.dat": DAT, "users.dat": USERS_DAT}, {"1": "age under 18|F|K-12 student"}),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_an_edition_with_users_has_their_facts(tmp_path: Path, name, files, facts, zipped):
    folder = tmp_path / name
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_bytes(data)
    path = folder
    if zipped:
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                archive.write(folder / file, f"{name}/{file}")
    edition = find_movielens(path)
    assert edition is not None
    assert edition.users is not None
    ratings = open_ratings(path).ratings
    assert set(ratings.user_facts) == set(ratings.user_ids)
    assert {raw_id: ratings.user_facts[raw_id] for raw_id in facts} == facts


def test_any_table_may_have_a_users_csv_beside_it(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text("userId,movieId,rating\n" + "".join(f"{user},{user % 3},4\n" for user in range(8)))
    users = tmp_path / "users.csv"
    users.write_text("user,sex\n" + "".join(f"{user},{'MF'[user % 2]}\n" for user in range(6)))
    document = open_ratings(path)
    assert document.ratings.user_facts == {str(user): f"sex {'MF'[user % 2]}" for user in range(6)}
    assert any("users.csv" in remark for remark in document.remarks)
    users.write_text("user,sex\n0,M\n1,M\n2,M\n")  # it knows fewer than half of them: others' file
    assert open_ratings(path).ratings.user_facts == {}


def test_an_unreadable_file_of_users_stops_nothing(tmp_path: Path):
    (tmp_path / "u.data").write_bytes(U_DATA)
    (tmp_path / "u.user").write_bytes(b"\x00" * 100)
    document = open_ratings(tmp_path)
    assert document.ratings.user_facts == {}
    assert any("u.user" in remark for remark in document.remarks)


def some_ratings() -> Ratings:
    """Three users, two with facts."""
    cells = np.array([0, 1, 2], dtype=np.int32), np.array([0, 1, 0], dtype=np.int32)
    return Ratings(("a", "b", "c"), ("x", "y"), *cells, np.array([1.0, 2.0, 3.0]), user_facts={"a": "M", "c": "F|née"})


def test_facts_stay_with_edited_shown_chosen_and_moved_ratings():
    ratings = some_ratings()
    facts = ratings.user_facts
    view = View(np.array([2, 0], dtype=np.int32), np.array([0], dtype=np.int32), 3, 2)
    assert ratings.with_ratings({(0, 1): 4.0}).user_facts == facts
    assert EditedRatings(ratings, {(0, 1): 4.0}).with_ratings({(0, 1): None}).user_facts == facts
    assert visible_ratings(ratings, view).user_facts == facts
    assert rows_of(ratings, np.array([True, False, True])).user_facts == facts
    assert moved_ratings(ratings, ("c", "b", "d"), ("x",)).user_facts == facts
    assert moved_ratings(ratings, ("a", "b", "c", "d"), ("x", "y"), user_facts={"d": "M"}).user_facts == {"d": "M"}
    other = replace(ratings, user_ids=("a", "b", "z"), user_facts={"a": "X", "z": "F"})
    assert all(it.user_facts == {**facts, "z": "F"} for it in joined(ratings, other)[:2])


@pytest.mark.parametrize("facts", [{}, {"a": "M", "c": "F|née"}])
def test_facts_come_back_from_an_archive_and_older_ones_have_none(tmp_path: Path, facts):
    ratings, path, meter = replace(some_ratings(), user_facts=facts), tmp_path / "kept", Meter()
    members = ratings_members(ratings, meter)
    assert ("ratings.user_facts" in members) == bool(facts)
    write_archive(path, {"format": "f", "version": 1, "ratings": ratings_head(ratings)}, members, meter)
    with Archive(path, "f", 1, meter) as archive:
        found = read_ratings(archive, archive.head["ratings"], meter)
    assert found.user_facts == facts
