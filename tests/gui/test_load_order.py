"""What is loaded when: little before the first paint, the rest behind the window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from cfgui.gui.explore_pages import PAGES
from cfgui.gui.load_order import BEFORE_QT, BEHIND_THE_WINDOW

HEAVY = (
    "torch", "pyqtgraph", "numba", "llvmlite", "pandas", "pyarrow", "openpyxl", "xlsxwriter", "requests", "scipy",
    "numpy.ma", "html", "json",
)  # fmt: skip
"""Libraries, and parts of them, that the first paint does without."""

LATE = {
    "trainer", "training_run", "optimizers", "first_order", "als", "gibbs", "lbfgs", "fast_sgd", "engines", "stepper",
    "preparation", "schedules", "presets", "evaluation", "fold_in", "folding", "metadata_model", "recommend",
    "recommend_lists", "exports", "kept_state", "kept_session", "solve_report", "row_edits", "clipboard",
    "range_actions", "number_table", "explore_page", "embedding_page", "net_page", "one_hot_view", "layer_panel",
    "workbook_size", "loss_plot",
}  # fmt: skip
"""Modules of the program, by their last name, that only a click asks for."""

SCRIPT = """
import gc, os, sys
from cfgui import __main__
from cfgui.gui import load_order
load = load_order.load_before_qt

def load_and_follow():
    load()
    from cfgui.gui import application
    application._after_first_paint = painted

def painted(window, *_):
    print(*sys.modules)
    print(gc.isenabled(), *window.sheets.pages, flush=True)
    load_order.load_behind_the_window()
    print(*sys.modules, flush=True)
    os._exit(0)

load_order.load_before_qt = load_and_follow
__main__.open_window(None)
"""


class Start(NamedTuple):
    """Modules in the order in which they came, at the first paint and behind it; what there was at the first paint."""

    modules: list[str]
    behind: list[str]
    collects: bool
    sheets: list[str]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """One start of the program, on a screen that nobody sees."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "CFGUI_STATE_DIR": str(tmp_path_factory.mktemp("state"))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    at_paint, state, behind = ended.stdout.splitlines()
    collects, *sheets = state.split()
    return Start(at_paint.split(), behind.split(), collects == "True", sheets)


def test_the_first_paint_waits_for_no_heavy_library(start: Start) -> None:
    assert not [name for name in HEAVY if name in start.modules]


def test_the_first_paint_waits_for_nothing_that_only_a_click_asks_for(start: Start) -> None:
    own = [name for name in start.modules if name.startswith("cfgui.")]
    assert not [name for name in own if name.rpartition(".")[2] in LATE]
    assert not [name for name in own if name.endswith(("_dialog", "_form", "_tab"))]
    pages = {name for name in own if name.endswith("_page")}
    assert pages == {"cfgui.gui.crosstab_page", "cfgui.gui.sheet_page"}
    assert not set(BEHIND_THE_WINDOW) & set(own)


def test_what_knows_no_qt_is_imported_before_it(start: Start) -> None:
    qt = start.modules.index("PySide6")
    after = [name for name in start.modules[qt:] if name.startswith(("cfgui.app", "cfgui.core", "cfgui.io"))]
    assert after == [], "add to BEFORE_QT who imports these"
    assert set(BEFORE_QT) <= set(start.modules[:qt])


def test_only_the_sheet_on_screen_is_made(start: Start) -> None:
    assert start.sheets == ["dotprod"]


def test_garbage_is_collected_again_once_the_window_is_shown(start: Start) -> None:
    assert start.collects


def test_the_rest_loads_behind_the_window(start: Start) -> None:
    assert set(BEHIND_THE_WINDOW) <= set(start.behind)
    assert {"torch", "numba", "pandas"}.isdisjoint(start.behind)
    assert {"cfgui.core.trainer", "cfgui.core.optimizers", "cfgui.core.fold_in"} <= set(start.behind)


def test_every_page_loads_behind_the_window_so_that_its_first_opening_is_short(start: Start) -> None:
    pages = {place.partition(":")[0] for place in PAGES.values()}
    assert pages <= set(BEHIND_THE_WINDOW)
    assert not pages & set(start.modules)
