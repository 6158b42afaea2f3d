"""The menu of a user, a movie or a rating, on the sheet and on the pages: which pages tell more about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from cfgui.app.cell_subjects import Subject
from cfgui.core.one_side import SideName

LONGEST = 40
"""Letters of a title in the menu."""


@dataclass(frozen=True)
class SheetEntry:
    """One line of the menu.

    ``words`` name it, with ``{user}`` and ``{movie}`` for those it is about; ``sides`` says whom it needs, in the order
    in which the page is told of them; ``page`` is the page it opens, or the command ("edit.…") it gives about them.
    """

    words: str
    sides: tuple[SideName, ...]
    page: str


ENTRIES: tuple[SheetEntry, ...] = (
    SheetEntry("&Neighbours of {movie}", ("movie",), "movies"),
    SheetEntry("Show {movie} on the &map", ("movie",), "map"),
    SheetEntry("&Factors of {movie}", ("movie",), "factors"),
    SheetEntry("Fold {movie} &in from its ratings", ("movie",), "edit.fold_in"),
    SheetEntry("Remov&e {movie}", ("movie",), "edit.remove_rows"),
    SheetEntry("Neigh&bours of {user}", ("user",), "users"),
    SheetEntry("Show {user} on the m&ap", ("user",), "map"),
    SheetEntry("Fac&tors of {user}", ("user",), "factors"),
    SheetEntry("&Recommendations for {user}", ("user",), "recommend"),
    SheetEntry("Fo&ld {user} in from the ratings", ("user",), "edit.fold_in"),
    SheetEntry("Rem&ove {user}", ("user",), "edit.remove_rows"),
    SheetEntry("&Why {movie} for {user}, or why not", ("user", "movie"), "recommend"),
)
"""The lines of the menu, from top to bottom; those of one side stand together."""

Open = Callable[[str, Sequence[Subject]], object]


def add_entries(menu: QMenu, subjects: Sequence[Subject], titles: Callable[[str], str], open_page: Open) -> None:
    """Add all lines that can be asked about ``subjects``; ``titles`` gives the title of a movie's id, or "".

    ``open_page`` (page name, subjects) is called with what was chosen.
    """
    by_side = dict(subjects)
    names = {side: _name(side, raw_id, titles) for side, raw_id in subjects}
    last: tuple[SideName, ...] = ()
    for entry in ENTRIES:
        if all(side in by_side for side in entry.sides):
            if last and entry.sides[0] != last[0]:
                menu.addSeparator()
            last = entry.sides
            about = [(side, by_side[side]) for side in entry.sides]
            action = menu.addAction(entry.words.format(**names))
            action.triggered.connect(lambda _checked=False, entry=entry, about=about: open_page(entry.page, about))


def page_menu(
    parent: QWidget,
    subjects: Sequence[Subject],
    titles: Callable[[str], str],
    open_page: Open,
    show_on_sheet: Callable[[str], object],
) -> QMenu:
    """The menu of a page beside the sheet: the same lines, and the way back to the sheet for each of ``subjects``.

    ``show_on_sheet`` is called with "user 14" or "movie 27". The menu is gone once it is closed.
    """
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_entries(menu, subjects, titles, open_page)
    menu.addSeparator()
    for (side, raw_id), letter in zip(subjects, ("&sheet", "s&heet"), strict=False):
        action = menu.addAction(f"Show {_name(side, raw_id, titles)} on the {letter}")
        action.triggered.connect(lambda _checked=False, words=f"{side} {raw_id}": show_on_sheet(words))
    return menu


def _name(side: SideName, raw_id: str, titles: Callable[[str], str]) -> str:
    """ "user 14", "movie 27" or a title in quotation marks; "&" is a letter here, not an underline."""
    title = titles(raw_id) if side == "movie" else ""
    short = title if len(title) <= LONGEST else title[: LONGEST - 1] + "…"
    return (f"“{short}”" if title else f"{side} {raw_id}").replace("&", "&&")
