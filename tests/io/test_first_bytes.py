"""The first bytes of a file, or the sentence why there are none."""

import os
from pathlib import Path

import pytest

from cfgui.io.first_bytes import first_bytes


def sentence(path: Path) -> str:
    with pytest.raises(LookupError) as caught:
        first_bytes(path, 4, "table", LookupError)
    return str(caught.value)


def test_the_first_bytes_are_read(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_bytes(b"user,movie")
    (tmp_path / "short.csv").write_bytes(b"u")
    assert first_bytes(tmp_path / "long.csv", 4, "table", LookupError) == b"user"
    assert first_bytes(tmp_path / "short.csv", 4, "table", LookupError) == b"u"


def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    assert sentence(tmp_path / "none.csv") == "There is no file none.csv. Check the name and the folder."
    assert sentence(tmp_path) == f"{tmp_path.name} is a folder. Choose a table in it."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert sentence(tmp_path / "pipe.csv") == "pipe.csv is not a file. Choose a table."
