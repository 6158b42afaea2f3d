"""The first bytes of a file that a person has chosen, or one plain sentence why there are none."""

from __future__ import annotations

import os
from pathlib import Path


def first_bytes(path: Path, n_bytes: int, thing: str, refused: type[Exception]) -> bytes:
    """At most ``n_bytes`` from the start; ``thing`` is what is to be opened, such as "workbook".

    Raises ``refused`` where there is no file, where it is a folder or no plain file, and where it cannot be read.
    """
    # A pipe would block and a device may never end. (os.path answers False where Path raises PermissionError.)
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise refused(f"{path.name} is not a file. Choose a {thing}.")
    try:
        with path.open("rb") as file:
            return file.read(n_bytes)
    except FileNotFoundError:
        raise refused(f"There is no file {path.name}. Check the name and the folder.") from None
    except OSError as error:
        if os.path.isdir(path):
            raise refused(f"{path.name or path} is a folder. Choose a {thing} in it.") from None
        reason = error.strerror or str(error)
        raise refused(f"{path.name} cannot be read: {reason}. Check that you may open it.") from None
