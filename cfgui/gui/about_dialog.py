"""About: what the program is, its version, and whose work is in it."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from cfgui import __version__
from cfgui.gui.icons import APP, icon
from cfgui.io.resources import resource_path

WHAT_IT_IS = (
    "The collaborative-filtering spreadsheet of the fast.ai course as a living program: see every number, step the"
    " optimizer, watch the loss, and take it home to Excel."
)
LIBRARIES = {
    "PySide6-Essentials": "LGPL 3",
    "torch": "BSD 3-Clause",
    "numpy": "BSD 3-Clause",
    "numba": "BSD 2-Clause",
    "llvmlite": "BSD 2-Clause",
    "pyarrow": "Apache 2.0",
    "pyqtgraph": "MIT",
    "openpyxl": "MIT",
    "XlsxWriter": "BSD 2-Clause",
    "defusedxml": "PSF 2",
    "platformdirs": "MIT",
    "requests": "Apache 2.0",
    "urllib3": "MIT",
    "rich": "MIT",
}
"""The libraries the program runs on, with their licences."""

DATA = (
    "The built-in ratings and titles are from MovieLens, on the conditions below. File > Get MovieLens downloads whole"
    " editions from GroupLens, each on conditions of its own that are shown first; the program uses the network for"
    " nothing else. Your own ratings stay on this computer."
)


def licence_text() -> str:
    """Licences of the program, of the libraries it runs on and of the data it brings."""
    lines = [
        "cfgui is free software under the MIT licence.",
        "",
        "The layout it mirrors and the starting factors come from the workbook of the fast.ai course (Apache 2.0).",
        "",
        "It runs on these libraries, each under its own licence:",
        *(f"  {name} {_version(name)}: {licence}" for name, licence in LIBRARIES.items()),
        "",
        DATA,
        "",
        "",
    ]
    return "\n".join(lines) + _unwrapped(resource_path("licenses", "MovieLens.txt").read_text(encoding="utf-8"))


def _unwrapped(text: str) -> str:
    """``text`` with each paragraph on one line, so that it wraps where the window does; lists and rules stay."""
    return re.sub(r"(?<=[^\n=-])\n *(?![\n*=-])", " ", text)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"


class AboutDialog(QDialog):
    """Icon, name and version, one sentence, and the licences as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About cfgui")
        self.resize(560, 440)
        picture = QLabel()
        picture.setPixmap(icon(APP).pixmap(QSize(64, 64), self.devicePixelRatio()))
        picture.setAccessibleName("The icon of cfgui")
        title = QLabel(f"cfgui {__version__}")
        font = QFont(title.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.4)
        title.setFont(font)
        what = QLabel(WHAT_IT_IS)
        what.setWordWrap(True)
        versions = QLabel(f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()}")
        for label in (title, what, versions):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        for label in (title, what, versions):
            words.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self.licences = QPlainTextEdit(licence_text())
        self.licences.setReadOnly(True)
        self.licences.setAccessibleName("Licences")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.licences, 1)
        column.addWidget(buttons)
