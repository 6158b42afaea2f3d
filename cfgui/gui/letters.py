"""Letters: which key with Alt leads where, so that what is on screen together never asks for the same one.

There are more fields in the window than letters. A page that stands in the sheet's place has its letters first; a field
of the bars that has one of them is without as long, and is reached by Tab.
"""

from __future__ import annotations

import re

from PySide6.QtWidgets import QAbstractButton, QLabel, QTabBar, QWidget

MENU_LETTERS = frozenset("FEVTXH")
"""Those of the menus, which nothing else may have."""

_LETTER = re.compile("&([^&])")
_KEYS = re.compile(r"  \(Alt\+(.)\)")


def letter_of(text: str) -> str:
    """The letter that a "&" stands before, as a capital; "" for none."""
    found = _LETTER.search(text.replace("&&", ""))
    return found[1].upper() if found else ""


def without_letter(text: str, taken: frozenset[str]) -> str:
    """The same words, but without a letter that is among those ``taken``."""
    return _LETTER.sub(r"\1", text, count=1) if letter_of(text) in taken else text


def tip_without_letter(tip: str, taken: frozenset[str]) -> str:
    """The same sentence, but without the keys at its end where their letter is among those ``taken``."""
    return _KEYS.sub(lambda found: "" if found[1] in taken else found[0], tip)


def letters_on(part: QWidget) -> list[str]:
    """The letters of all labels that lead to a field, of all buttons and tabs on ``part``, hidden ones too."""
    texts = [label.text() for label in part.findChildren(QLabel) if label.buddy() is not None]
    texts += [button.text() for button in part.findChildren(QAbstractButton)]
    for tabs in part.findChildren(QTabBar):
        texts += [tabs.tabText(place) for place in range(tabs.count())]
    keys = [button.shortcut().toString() for button in part.findChildren(QAbstractButton)]
    alone = [key.removeprefix("Alt+") for key in keys if key.startswith("Alt+")]
    return sorted({letter for letter in (*map(letter_of, texts), *alone) if len(letter) == 1})
