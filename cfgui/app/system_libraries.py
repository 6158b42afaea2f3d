"""The system libraries Qt needs on Linux: which are missing, how to install them, and doing so where that is possible.

``python -m cfgui.app.system_libraries`` names what is missing; with ``--install`` it installs it, as root on Debian and
Ubuntu. Standard library only, so that it runs when nothing else does.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

LIBRARIES: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Debian package by library, for those Qt cannot load without (``objdump -p`` of PySide6 6.11)."""

X11_LIBRARIES: dict[str, str] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""The same for those only an X11 display needs: without them Qt aborts the process instead of raising an error."""

FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries(*, x11: bool = True) -> list[str]:
    """Names of the libraries Qt needs and this Linux lacks, with those of X11 or without; empty on other systems."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = [*LIBRARIES, *(X11_LIBRARIES if x11 else ())]
    return [library for library in wanted if not _loads(library)]


def has_fonts() -> bool:
    """Whether any font file lies where fontconfig looks; without one Qt draws empty boxes."""
    suffixes = {".ttf", ".ttc", ".otf", ".pfb"}
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(file.suffix.lower() in suffixes for folder in folders for file in folder.rglob("*"))


def packages_of(libraries: Iterable[str]) -> list[str]:
    """Debian and Ubuntu packages that hold these libraries."""
    return [(LIBRARIES | X11_LIBRARIES)[library] for library in libraries]


def advice(libraries: Sequence[str]) -> str:
    """One sentence: which libraries are missing and the command that installs them here."""
    need = f"Qt needs {', '.join(libraries)}, which this system lacks"
    if shutil.which("apt-get"):
        return f"{need}; install with: sudo apt-get install {' '.join(packages_of(libraries))}"
    for installer in ("dnf", "zypper"):
        if shutil.which(installer):
            wanted = " ".join(f"'{library}()(64bit)'" for library in libraries)
            return f"{need}; install with: sudo {installer} install {wanted}"
    return f"{need}; install them with the system's package manager."


def explained(error: ImportError) -> str:
    """Why a library could not be loaded, as one sentence with what to do."""
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or str(error)).partition(".")[0]
        return f"{name} is not installed for {sys.executable}; `make run` or `pip install .` installs it."
    missing = missing_libraries(x11=False)
    return advice(missing) if missing else f"a library cannot be loaded: {error}"


def _install(packages: Sequence[str]) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Name what is missing, or install it where that is possible; 0 unless an installation was tried and failed."""
    libraries = missing_libraries()
    fonts_missing = sys.platform.startswith("linux") and not has_fonts()
    if not libraries and not fonts_missing:
        return 0
    can_install = shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    if "--install" in arguments and can_install:
        return _install([*packages_of(libraries), *([FONT_PACKAGE] if fonts_missing else [])])
    if libraries:
        print(advice(libraries), file=sys.stderr)
    if fonts_missing:
        print(f"No fonts are installed; on Debian or Ubuntu: sudo apt-get install {FONT_PACKAGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
