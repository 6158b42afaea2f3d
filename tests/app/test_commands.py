"""Commands: data that menus, toolbar, tooltips and the README are made of."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from cfgui.app.commands import COMMANDS, Command

MENUS = ("File", "Edit", "View", "Train", "Explore", "Help")
KEYS = re.compile(r"(Ctrl\+|Alt\+)?(Shift\+)?(F[1-9][0-2]?|[A-Z0-9]|Del|PgUp|PgDown|\+|-)")


def test_ids_are_unique_and_lead_to_their_command() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


def test_shortcuts_are_unique() -> None:
    keys = Counter(command.shortcut for command in COMMANDS if command.shortcut)
    assert [shortcut for shortcut, count in keys.items() if count > 1] == []
    assert all(KEYS.fullmatch(shortcut) for shortcut in keys)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_complete(command: Command) -> None:
    assert re.fullmatch(r"(file|edit|view|train|explore|help)\.[a-z0-9_]+", command.id)
    assert command.id.split(".")[0] == command.menu.lower()
    assert command.menu in MENUS
    assert re.fullmatch(r"[A-Z].*[^ ]\.", command.tip)
    assert command.title.count("&") == 1
    assert bool(re.search(r"&\w", command.title))
    assert command.icon or not command.toolbar, "a button needs a drawing"


def test_groups_of_a_menu_stand_in_order() -> None:
    for menu in MENUS:
        groups = [command.group for command in COMMANDS if command.menu == menu]
        assert groups == sorted(groups)


def test_the_toolbar_has_every_button_of_the_spreadsheet() -> None:
    buttons = [command.id for command in COMMANDS if command.toolbar and command.menu == "Train"]
    verbs = ("reset", "random", "step", "steps5", "epoch", "run", "solve", "hold_out")
    assert buttons == [f"train.{verb}" for verb in verbs]


def test_titles_are_unique_in_their_menu() -> None:
    titles = Counter((command.menu, command.title.replace("&", "")) for command in COMMANDS)
    assert max(titles.values()) == 1
