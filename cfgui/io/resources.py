"""Where the files that come with the program lie: in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_path(*parts: str) -> Path:
    """The path of a file or folder under ``resources``.

    An installed wheel carries the folder inside the package, a checkout beside it; the package's own comes first, so
    that an installation never reads a stranger's folder. Raises FileNotFoundError when the file is in neither.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"A file of the program itself is missing: {'/'.join(parts)}. Install cfgui again.")
