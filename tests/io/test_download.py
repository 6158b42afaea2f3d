"""Downloading an edition from a server of one's own that truncates, stalls, trickles, redirects and lies."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfgui.io.archive_transfer import Source
from cfgui.io.child import Cancelled
from cfgui.io.download import DownloadError, download, downloaded, downloads_folder
from cfgui.io.https_stream import Patience
from cfgui.io.movielens_editions import EDITION_BY_ID, EDITIONS, Edition, licence_notice
from cfgui.io.partial_file import PartialFile
from cfgui.io.table_options import Progress, never, no_report
from tests.helpers.https_server import ScriptedServer, begins_and_waits, make_certificate, redirects, says, sends

RATINGS = "userId,movieId,rating,timestamp\n" + "".join(
    f"{user},{movie},{(user * movie) % 10 / 2 + 0.5},{8 * 10**8 + user * 7919 + movie}\n"
    for user in range(1, 121)
    for movie in range(1, 31)
)


def zipped(text: str = RATINGS, name: str = "ml-test/ratings.csv", packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip with one file; unpacked by default, so that its length does not hang on a version of zlib."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


ZIP = zipped()
FIXED = dataclasses.replace(
    EDITION_BY_ID["ml-100k"], id="ml-test", n_bytes=len(ZIP), sha256=hashlib.sha256(ZIP).hexdigest()
)
CHANGING = dataclasses.replace(FIXED, sha256=None, changing=True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "localhost")
    running = ScriptedServer(*certificate)
    yield running
    running.close()


@pytest.fixture
def source(server: ScriptedServer) -> Source:
    """The server, with little patience."""
    return Source(
        server.base_url,
        str(server.certificate),
        Patience(5.0, 5.0),
        slow_bytes=1024,
        slow_seconds=0.3,
        most_bytes=10**6,
    )


def fails(edition: Edition, folder: Path, source: Source) -> str:
    """The sentence with which a download fails; nothing was put in the archive's place."""
    before = {path: path.read_bytes() for path in folder.glob("*.zip")}
    with pytest.raises(DownloadError) as caught:
        download(edition, folder, source=source)
    assert {path: path.read_bytes() for path in folder.glob("*.zip")} == before
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# All is well


@pytest.mark.parametrize("edition", [FIXED, CHANGING])
def test_an_edition_arrives_whole_and_is_used_again_without_a_network(
    server: ScriptedServer, source: Source, tmp_path: Path, edition: Edition
) -> None:
    server.replies(sends(ZIP))
    seen: list[Progress] = []
    path = download(edition, tmp_path, report=seen.append, source=source)
    assert (path, path.read_bytes()) == (tmp_path / "ml-test.zip", ZIP)
    assert Progress(len(ZIP), len(ZIP)) in seen
    assert left(tmp_path) == ["ml-test.zip"] + ["ml-test.zip.sha256"] * edition.changing
    assert server.script.asked[0]["path"] == "/ml-test.zip"
    assert server.script.asked[0]["user-agent"].startswith("cfgui/")
    assert download(edition, tmp_path, source=Source("https://localhost:1/")) == path
    assert len(server.script.asked) == 1


def test_again_asks_the_server_and_notes_the_new_sum(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    newer = zipped(RATINGS + "121,1,5.0,900000000\n")
    server.replies(sends(ZIP), sends(newer, etag='"two"'))
    download(CHANGING, tmp_path, source=source)
    path = download(CHANGING, tmp_path, again=True, source=source)
    assert path.read_bytes() == newer
    assert (tmp_path / "ml-test.zip.sha256").read_text() == f"{hashlib.sha256(newer).hexdigest()}  ml-test.zip\n"


def test_a_redirect_over_https_is_followed(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(redirects("/elsewhere/ml-test.zip"), sends(ZIP))
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP
    assert [asked["path"] for asked in server.script.asked] == ["/ml-test.zip", "/elsewhere/ml-test.zip"]


def test_a_file_put_there_by_hand_is_used_and_its_sum_is_noted(tmp_path: Path) -> None:
    (tmp_path / "ml-test.zip").write_bytes(ZIP)
    assert download(CHANGING, tmp_path, source=Source("https://localhost:1/")) == tmp_path / "ml-test.zip"
    assert (tmp_path / "ml-test.zip.sha256").read_text().startswith(hashlib.sha256(ZIP).hexdigest())


# Going on where it stopped


@pytest.mark.parametrize("edition", [FIXED, CHANGING])
def test_a_truncated_download_goes_on_where_it_stopped(
    server: ScriptedServer, source: Source, tmp_path: Path, edition: Edition
) -> None:
    server.replies(sends(ZIP, cut=50_000), sends(ZIP))
    sentence = fails(edition, tmp_path, source)
    assert sentence == (
        f"The connection to localhost broke off after 0.1 MB of {len(ZIP) / 1e6:.1f} MB. Try again: it goes on from"
        " there."
    )
    assert (tmp_path / "ml-test.zip.part").read_bytes() == ZIP[:50_000]
    seen: list[Progress] = []
    assert download(edition, tmp_path, report=seen.append, source=source).read_bytes() == ZIP
    assert (server.script.asked[1]["range"], server.script.asked[1]["if-range"]) == ("bytes=50000-", '"one"')
    assert min(progress.done for progress in seen if progress.done) >= 50_000 or edition.changing
    assert not list(tmp_path.glob("*.part*"))


def test_it_begins_anew_where_the_file_has_changed(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    newer = zipped(RATINGS.replace("0.5", "4.5"))
    server.replies(sends(ZIP, cut=50_000), sends(newer, etag='"two"'))
    fails(CHANGING, tmp_path, source)
    assert download(CHANGING, tmp_path, source=source).read_bytes() == newer


def test_it_begins_anew_where_the_server_knows_no_ranges(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    server.replies(sends(ZIP, cut=50_000), sends(ZIP, ranges=False))
    fails(FIXED, tmp_path, source)
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP


def test_it_begins_anew_where_the_rest_is_that_of_another_file(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    """A server that ignores If-Range: the ETag of its answer says that the file changed half-way."""

    def careless(handler: object) -> None:
        handler.headers.replace_header("If-Range", '"two"')  # type: ignore[attr-defined]
        sends(newer, etag='"two"')(handler)  # type: ignore[arg-type]

    newer = zipped(RATINGS.replace("0.5", "4.5"))
    assert len(newer) == len(ZIP)
    server.replies(sends(ZIP, cut=50_000), careless, sends(newer, etag='"two"'))
    fails(CHANGING, tmp_path, source)
    assert download(CHANGING, tmp_path, source=source).read_bytes() == newer
    assert "range" not in server.script.asked[2]


def test_it_begins_anew_where_the_file_is_shorter_now(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    shorter = zipped(RATINGS[: len(RATINGS) // 10])
    server.replies(sends(ZIP, cut=50_000), sends(shorter))
    fails(CHANGING, tmp_path, source)
    assert download(CHANGING, tmp_path, source=source).read_bytes() == shorter
    assert len(server.script.asked) == 3


def test_without_a_mark_of_the_version_nothing_is_kept(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(sends(ZIP, cut=50_000, etag=""))
    assert fails(FIXED, tmp_path, source).endswith("Try again: it begins anew.")
    assert left(tmp_path) == []


def test_a_weak_mark_is_no_mark(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(sends(ZIP, cut=50_000, etag='W/"one"'))
    fails(FIXED, tmp_path, source)
    assert left(tmp_path) == []


def test_a_part_that_was_complete_is_only_checked(tmp_path: Path) -> None:
    """The program ended between the last byte and the check."""
    source = Source("https://localhost:1/")
    note = {"url": "https://localhost:1/ml-test.zip", "validator": '"one"', "total": len(ZIP)}
    (tmp_path / "ml-test.zip.part").write_bytes(ZIP)
    (tmp_path / "ml-test.zip.part.json").write_text(json.dumps(note))
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP


@pytest.mark.parametrize("note", ["", "[]", '{"url": 1}', '{"url": "", "validator": "", "total": "x"}', "\xff"])
def test_a_part_of_unknown_origin_is_not_continued(
    server: ScriptedServer, source: Source, tmp_path: Path, note: str
) -> None:
    (tmp_path / "ml-test.zip.part").write_bytes(b"PK\3\4 of something else")
    (tmp_path / "ml-test.zip.part.json").write_text(note, encoding="latin-1")
    server.replies(sends(ZIP))
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP
    assert "range" not in server.script.asked[0]


# Cancel, stall, trickle


def test_cancel_during_a_stall_leaves_a_part_to_go_on_with(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    patient = dataclasses.replace(source, slow_seconds=60.0)
    server.replies(begins_and_waits(ZIP[:50_000], server.released, length=len(ZIP)), sends(ZIP))
    received = threading.Event()

    def report(progress: Progress) -> None:
        if progress.done == 50_000:
            received.set()

    with pytest.raises(Cancelled):
        download(FIXED, tmp_path, report=report, cancelled=received.is_set, source=patient)
    assert (tmp_path / "ml-test.zip.part").stat().st_size == 50_000
    assert not (tmp_path / "ml-test.zip").exists()
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP
    assert server.script.asked[1]["range"] == "bytes=50000-"


def test_cancel_before_the_answer_leaves_nothing(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(lambda _handler: server.released.wait(20) and None)
    patient = dataclasses.replace(source, slow_seconds=60.0)
    with pytest.raises(Cancelled):
        download(FIXED, tmp_path, cancelled=lambda: bool(server.script.asked), source=patient)
    assert left(tmp_path) == []


@pytest.mark.parametrize("every", [0.0, 0.05])
def test_a_server_that_stalls_or_trickles_is_given_up(
    server: ScriptedServer, source: Source, tmp_path: Path, every: float
) -> None:
    server.replies(begins_and_waits(ZIP[:50_000], server.released, length=len(ZIP), every=every))
    assert fails(FIXED, tmp_path, source) == (
        "localhost sent next to nothing for 0.3 seconds, so the download was ended. Try again later."
    )


def test_a_server_that_never_answers_is_given_up(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(lambda _handler: server.released.wait(20) and None)
    hasty = dataclasses.replace(source, patience=Patience(5.0, 0.2), slow_seconds=60.0)
    assert fails(FIXED, tmp_path, hasty) == "localhost did not answer within 0.2 seconds. Try again later."


def test_progress_and_the_wish_to_cancel_are_asked_for_while_nothing_comes(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    asked, reported = [], []
    server.replies(begins_and_waits(ZIP[:50_000], server.released, length=len(ZIP)))
    slow = dataclasses.replace(source, slow_seconds=60.0)

    def cancelled() -> bool:
        asked.append(1)
        return len(reported) > 10

    with pytest.raises(Cancelled):
        download(FIXED, tmp_path, report=reported.append, cancelled=cancelled, source=slow)
    assert len(asked) >= len(reported) > 10


# Lies


def test_more_than_was_promised_is_not_kept(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    """The length says 50,000: what follows is never read, and what was read is not the archive."""
    server.replies(sends(ZIP, length=50_000))
    assert fails(FIXED, tmp_path, source) == (
        f"localhost offers ml-test.zip with 50,000 bytes instead of {len(ZIP):,}, so it is not the edition that was"
        " published: nothing was downloaded. Try again later."
    )
    assert "arrived damaged (the archive is damaged)" in fails(CHANGING, tmp_path, source)
    assert left(tmp_path) == []


def test_less_than_was_promised_is_a_broken_connection(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(sends(ZIP, length=len(ZIP) + 7000))
    assert f"broke off after {len(ZIP) / 1e6:.1f} MB of" in fails(CHANGING, tmp_path, source)


def test_a_length_beyond_the_cap_is_refused_before_a_byte(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    server.replies(sends(ZIP, length=10**6 + 1))
    assert "offers ml-test.zip with 1,000,001 bytes" in fails(CHANGING, tmp_path, source)
    assert left(tmp_path) == []


@pytest.mark.parametrize("edition", [FIXED, CHANGING])
def test_a_file_without_a_length_ends_at_the_cap(
    server: ScriptedServer, source: Source, tmp_path: Path, edition: Edition
) -> None:
    def endless(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(ZIP)  # type: ignore[attr-defined]
        while True:
            handler.wfile.write(bytes(65536))  # type: ignore[attr-defined]

    server.replies(endless)
    assert "far more than it should be: nothing was kept" in fails(edition, tmp_path, source)
    assert left(tmp_path) == []


def test_a_file_without_a_length_is_fine_where_it_is_sound(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    def lengthless(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(ZIP)  # type: ignore[attr-defined]

    server.replies(lengthless)
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP


def test_other_bytes_of_the_right_length_are_not_kept(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    other = bytearray(ZIP)
    other[len(ZIP) // 2] ^= 1
    server.replies(sends(bytes(other)))
    assert "its SHA-256 is not the one it should have" in fails(FIXED, tmp_path, source)
    assert "the archive is damaged" in fails(CHANGING, tmp_path, source)
    assert left(tmp_path) == []


def test_a_bad_sum_inside_a_packed_zip_is_found(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    packed = bytearray(zipped(packing=zipfile.ZIP_DEFLATED))
    at = packed.index(b"PK\1\2") + 16  # the CRC in the directory
    packed[at] ^= 1
    packed[14] ^= 1  # and in the header of the file
    server.replies(sends(bytes(packed)))
    assert "the archive is damaged" in fails(CHANGING, tmp_path, source)


def test_a_zip_of_something_else_is_not_kept(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(sends(zipped("hello", "notes.txt")))
    assert "it holds no ratings" in fails(CHANGING, tmp_path, source)


def test_a_web_page_instead_of_an_archive(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    page = b"<html><body>Log in to the wireless network</body></html>".ljust(len(ZIP))
    server.replies(sends(page, kind="text/html"))
    assert fails(FIXED, tmp_path, source) == (
        "localhost sent something else than an archive, perhaps the page of a network that wants a login. Open a web"
        " page in a browser, then try again."
    )
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "localhost has no ml-test.zip any more (404). Look for it at grouplens.org/datasets/movielens."),
        (500, "localhost is out of order at the moment (500). Try again later."),
        (403, "localhost did not give ml-test.zip (403 Forbidden). Try again later."),
    ],
)
def test_refusals(server: ScriptedServer, source: Source, tmp_path: Path, status: int, sentence: str) -> None:
    server.replies(says(status))
    assert fails(FIXED, tmp_path, source) == sentence
    assert left(tmp_path) == []


# HTTPS only


def test_a_redirect_to_plain_http_is_not_followed(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(redirects("http://localhost/ml-test.zip"))
    assert "leads to an address without encryption (http://localhost/ml-test.zip)" in fails(FIXED, tmp_path, source)
    assert left(tmp_path) == []


def test_an_address_without_encryption_is_not_asked(tmp_path: Path) -> None:
    assert "without encryption" in fails(FIXED, tmp_path, Source("http://localhost:1/"))


def test_redirects_in_a_loop_come_to_an_end(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(redirects("/ml-test.zip"))
    assert "without end" in fails(FIXED, tmp_path, source)
    assert len(server.script.asked) == 6


def test_an_unknown_certificate_is_not_accepted(server: ScriptedServer, source: Source, tmp_path: Path) -> None:
    server.replies(sends(ZIP))
    assert "its certificate was not accepted" in fails(FIXED, tmp_path, dataclasses.replace(source, verify=True))
    assert server.script.asked == []


def test_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert fails(FIXED, tmp_path, Source("https://localhost:1/")) == (
        "localhost could not be reached. Check the connection to the internet and try again."
    )
    assert left(tmp_path) == []


# What is there already


def test_a_damaged_archive_stays_until_a_better_one_is_there(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    damaged = ZIP[:-1] + b"x"
    (tmp_path / "ml-test.zip").write_bytes(damaged)
    server.replies(says(500), sends(ZIP))
    sentence = fails(FIXED, tmp_path, source)
    assert sentence.startswith(f"{tmp_path / 'ml-test.zip'} cannot be used (its SHA-256 is not the one it should have)")
    assert sentence.endswith("Try again later.")
    assert download(FIXED, tmp_path, source=source).read_bytes() == ZIP


def test_an_archive_that_changed_after_its_first_download_is_noticed(
    server: ScriptedServer, source: Source, tmp_path: Path
) -> None:
    server.replies(sends(ZIP))
    path = download(CHANGING, tmp_path, source=source)
    path.write_bytes(zipped(RATINGS.replace("0.5", "5.0")))
    assert download(CHANGING, tmp_path, source=source).read_bytes() == ZIP
    assert len(server.script.asked) == 2


def test_two_at_once_do_not_mix(source: Source, tmp_path: Path) -> None:
    with PartialFile(tmp_path / "ml-test.zip"):
        assert "is being downloaded by another window of cfgui" in fails(FIXED, tmp_path, source)


def test_a_folder_that_is_a_file(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"could not be written to .*file.* choose another folder\.$"):
        download(FIXED, tmp_path / "file", source=source)


def test_too_little_room_is_said_before_a_byte(
    server: ScriptedServer, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 50_000})
    monkeypatch.setattr("cfgui.io.archive_transfer.shutil.disk_usage", lambda _folder: usage)
    server.replies(sends(ZIP))
    assert f"has 0.1 MB free and ml-test.zip needs {len(ZIP) / 1e6:.1f} MB" in fails(FIXED, tmp_path, source)


def test_where_downloads_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path))
    assert downloads_folder() == tmp_path / "downloads"
    assert downloaded(FIXED) is None
    downloads_folder().mkdir()
    path = downloads_folder() / "ml-test.zip"
    path.write_bytes(ZIP[:-1])
    assert (downloaded(FIXED), downloaded(CHANGING)) == (None, path)
    path.write_bytes(ZIP)
    assert downloaded(FIXED) == path
    assert download(FIXED, report=no_report, cancelled=never) == path


# The editions


def test_editions_are_told_apart_and_complete() -> None:
    assert {edition.id for edition in EDITIONS} == {
        *("ml-latest-small", "ml-latest", "ml-100k", "ml-1m", "ml-10m", "ml-20m", "ml-25m", "ml-32m")
    }
    for edition in EDITIONS:
        assert edition.url == f"https://files.grouplens.org/datasets/movielens/{edition.id}.zip"
        assert (edition.sha256 is None) is edition.changing
        assert edition.sha256 is None or len(bytes.fromhex(edition.sha256)) == 32
        assert edition.n_ratings < edition.n_users * edition.n_movies
    assert len({edition.sha256 for edition in EDITIONS}) == 7


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.id)
def test_the_notice_names_every_condition(edition: Edition) -> None:
    notice = licence_notice(edition)
    for words in ("research", "endorse", "Acknowledge", "commercial", "10.1145/2827872", "Harper"):
        assert words in notice
    assert ("may not pass it on without separate permission" in notice) is not edition.shareable
    assert ("anew now and then" in notice) is edition.changing
