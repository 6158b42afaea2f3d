"""A file is the old one or the new one, whole, whatever happens."""

import os
import stat
import sys

import numpy as np
import pytest

from cfgui.core.curve import Curve
from cfgui.io.atomic import SaveError, atomic_write, sweep_stale
from cfgui.io.history_csv import write_history

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


def fill_and_raise(path, error):
    """Begin to write and fail half-way."""
    with atomic_write(path) as temporary:
        temporary.write_text("ne")
        raise error


def test_the_new_file_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with atomic_write(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_an_error_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="half-way"):
        fill_and_raise(path, RuntimeError("half-way"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_full_disk_is_one_plain_sentence(tmp_path):
    sentence = r"^Could not save out\.csv: the disk is full\. Free some space and save again\.$"
    with pytest.raises(SaveError, match=sentence):
        fill_and_raise(tmp_path / "out.csv", OSError(28, "No space left on device"))
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SaveError, match=r"Could not save out\.csv: its folder does not exist"):
        fill_and_raise(tmp_path / "missing" / "out.csv", AssertionError("never reached"))


def test_a_folder_in_the_way(tmp_path):
    with pytest.raises(SaveError, match="it is not a file"):
        fill_and_raise(tmp_path, AssertionError("never reached"))


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_of_the_old_file_stays(tmp_path, mode):
    path = tmp_path / "file.txt"
    path.write_text("old")
    path.chmod(mode)
    with atomic_write(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == mode
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix_only
def test_a_new_file_has_the_mode_any_new_file_gets(tmp_path):
    (tmp_path / "plain").write_text("")
    with atomic_write(tmp_path / "ours"):
        pass
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@posix_only
def test_a_link_is_followed_not_replaced(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with atomic_write(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_only_old_leftovers_are_swept(tmp_path):
    old, young = tmp_path / f".a.xlsx.{'0' * 16}.cfgui-part", tmp_path / f".b.xlsx.{'1' * 16}.cfgui-part"
    mine = tmp_path / "mine.cfgui-part"
    for path in (old, young, mine):
        path.write_text("")
    for path in (old, mine):
        os.utime(path, (0, 0))
    assert sweep_stale(tmp_path) == 1
    assert sorted(os.listdir(tmp_path)) == sorted([young.name, mine.name])


def test_history_reads_back_bit_for_bit(tmp_path):
    rmses = [2.8060620616483134, 1 / 3, 5e-324, 1e300]
    path = tmp_path / "history.csv"
    write_history(Curve("any", [0, 1, 2, 10], rmses), path)
    assert path.read_bytes().startswith(b"step,rmse\n0,2.8060620616483134\n1,0.3333333333333333\n")
    table = np.genfromtxt(path, delimiter=",", names=True)
    assert table["step"].tolist() == [0, 1, 2, 10]
    assert table["rmse"].tolist() == rmses


def test_history_never_holds_a_number_that_is_none(tmp_path):
    write_history(Curve("any", [0, 1], [np.nan, np.inf]), tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text() == "step,rmse\n0,\n1,\n"
