"""The pictures in the README, taken anew: ``python -m tests.helpers.screenshots`` writes them into resources.

Windows are painted offscreen, light, at 1280 x 800. The large table is made by ``cfgui sample``'s own code.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["CFGUI_STATE_DIR"] = tempfile.mkdtemp()
os.environ["CFGUI_CACHE_DIR"] = tempfile.mkdtemp()

from PySide6.QtWidgets import QApplication

from cfgui.app.opening import file_source
from cfgui.app.torch_loading import TorchLoader
from cfgui.gui import application
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.feedback_page import FeedbackPage
from cfgui.gui.main_window import MainWindow
from cfgui.gui.theme import apply_theme, set_theme_override
from cfgui.io.synthetic import write_synthetic
from cfgui.io.table_options import TableChoices

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
N_USERS, N_MOVIES, N_RATINGS, SEED = 3000, 1500, 25_000, 42
PATIENCE_SECONDS = 120
SETTLE_SECONDS = 4
"""What a page, or a simulation of 20 rounds, is given to be done."""


class Photographer:
    """One window, driven by its own commands."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        loader = TorchLoader()
        loader.start()
        self.window: MainWindow = application.make_window(application.settings_of(app), loader)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.side.load_plot()
        self._wait(lambda: loader.ready)

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not until():
            assert time.monotonic() < end, "the window takes too long"
            self._app.processEvents()
            time.sleep(0.005)
        for _ in range(30):
            self._app.processEvents()
            time.sleep(0.01)

    def do(self, command_id: str, times: int = 1) -> None:
        """Choose a training command so many times, and wait for the end of each."""
        for _ in range(times):
            self.window.actions_by_id[command_id].trigger()
            self._wait(lambda: not self.window.bridge.running)

    def open(self, path: Path) -> None:
        """Open a table as the import dialog does once it is accepted."""
        before = self.window.session.name
        self.window.files.tables.read_source(file_source(path), TableChoices())
        self._wait(lambda: self.window.session.name != before)

    def save(self, name: str, address: str) -> None:
        """Select a cell, and write what there is to see."""
        self.window.formula_bar.address_entered.emit(address)
        self._wait(lambda: not self.window.messages.isVisible())
        self.window.grab().save(str(FOLDER / name), "PNG", 0)

    def page(self, name: str) -> ExplorePage:
        """A page beside the sheet, on screen."""
        self.window.actions_by_id[f"explore.{name}"].trigger()
        found = self.window.explore.page
        assert found is not None
        self.settle()
        return found

    def settle(self) -> None:
        """Until a page has answered and is painted."""
        end = time.monotonic() + SETTLE_SECONDS
        self._wait(lambda: time.monotonic() > end)

    def save_page(self, name: str) -> None:
        """Write what there is to see."""
        self._wait(lambda: not self.window.messages.isVisible())
        self.window.grab().save(str(FOLDER / name), "PNG", 0)


def main() -> None:
    """Every picture."""
    sys.setswitchinterval(application.SWITCH_SECONDS)
    app = QApplication([])
    set_theme_override("light")
    apply_theme(app)
    small = Photographer(app)
    small.window.training.choose("learning_rate", 0.15)
    small.do("train.steps5", 12)
    small.do("train.reset")
    small.window.training.choose("learning_rate", 0.5)
    small.do("train.steps5", 8)
    small.do("train.step")
    small.save("window-light.png", "O28")
    small.window.sheets.open_tab(1)
    small.window.training.choose("optimizer", "adam")
    small.do("train.steps5", 20)
    small.page("map")
    small.save_page("map-light.png")
    feedback = small.page("feedback")
    assert isinstance(feedback, FeedbackPage)
    for play in (feedback.play, feedback.play_the_other_way):
        play()
        small.settle()
    small.save_page("feedback-light.png")
    small.window.close()
    large = Photographer(app)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        write_synthetic(path, N_USERS, N_MOVIES, N_RATINGS, SEED)
        large.open(path)
        large.do("train.epoch", 25)
        large.save("large-light.png", "L30")
    large.window.close()


if __name__ == "__main__":
    main()
