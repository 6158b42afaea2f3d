"""Load order: what is imported before Qt, and what behind the window once it has painted.

Nothing else waits for its turn by itself: a module that is in neither list is loaded by who imports it, or, where an
import stands in a function, when that is first called. This module knows no Qt, for it is asked before Qt is there.
"""

from __future__ import annotations

import importlib

from cfgui.app.polite_imports import polite_imports

BEFORE_QT = (
    "cfgui.app.cell_subjects",
    "cfgui.app.commands",
    "cfgui.app.explain",
    "cfgui.app.finding",
    "cfgui.app.holding_words",
    "cfgui.app.kept_sessions",
    "cfgui.app.layer_blocks",
    "cfgui.app.measuring",
    "cfgui.app.numbers",
    "cfgui.app.opening",
    "cfgui.app.reading",
    "cfgui.app.scope_words",
    "cfgui.app.snapshots",
    "cfgui.app.tasks",
    "cfgui.app.torch_loading",
    "cfgui.app.work_pace",
    "cfgui.core.option_groups",
    "cfgui.io.sample",
)
"""With these comes all that the first paint needs of ``app``, ``io`` and ``core``.

PySide6 reads and looks through the source of every module that is imported after it. Of those that know no Qt this
would take a tenth of the time until the window paints.
"""

BEHIND_THE_WINDOW = (
    "cfgui.app.training_run",
    "cfgui.app.solve_report",
    "cfgui.app.folding",
    "cfgui.app.kept_state",
    "cfgui.app.exports",
    "cfgui.core.presets",
    "cfgui.io.workbook_size",
    "cfgui.gui.range_actions",
    "cfgui.gui.embedding_page",
    "cfgui.gui.net_page",
    "cfgui.gui.number_table",
    "cfgui.gui.standings_page",
    "cfgui.gui.map_page",
    "cfgui.gui.factors_page",
    "cfgui.gui.recommend_page",
    "cfgui.gui.new_users_page",
    "cfgui.gui.feedback_page",
)
"""What the first click may want, and nothing before it: training, the other sheets, the clipboard, keeping, tables.

The pages of the menu Explore come last; their plots need pyqtgraph, which the plot of the loss has loaded by then.
"""


def load_before_qt() -> None:
    """Import what the first paint needs and knows no Qt."""
    for name in BEFORE_QT:
        importlib.import_module(name)


def load_behind_the_window() -> None:
    """Import the rest in a thread that steps aside for the window; who cannot wait imports it sooner."""
    with polite_imports():
        for name in BEHIND_THE_WINDOW:
            importlib.import_module(name)
