"""Wiring: which part of the window tells which other part what, and which function is behind each command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cfgui.gui import dialogs
from cfgui.gui.window_parts import WindowParts


def connect_parts(window: WindowParts) -> None:
    """Connect all parts of the window with each other; called once they are all there."""
    _connect_words(window)
    _connect_sheets(window)
    _connect_training(window)
    _connect_documents(window)
    _connect_bars(window)
    _connect_pages(window)


def _connect_words(window: WindowParts) -> None:
    """Who speaks in the message bar."""
    parts = (window.holding_out, window.training, window.files, window.edits, window.rows, window.shown, window.trials)
    for speaker in (*parts, window.explore):
        speaker.said.connect(window.messages.say)
    for failed in (window.sheets.said, window.keeper.failed, window.documents.failed):
        failed.connect(window.messages.complain)
    window.files.offered.connect(window.messages.offer)
    window.training.offered.connect(window.messages.offer_for_sheet)


def _connect_sheets(window: WindowParts) -> None:
    """What is chosen on the sheets and in their explanation."""
    sheets, actions = window.sheets, window.actions_by_id
    sheets.selected.connect(window.selection.show)
    sheets.sort_requested.connect(lambda side, order: window.shown.sort(**{side: order}))
    sheets.one_hot_changed.connect(actions["view.one_hot"].setChecked)
    window.side.factor_selected.connect(window.selection.explain_factor)


def _connect_training(window: WindowParts) -> None:
    """Choices, runs, and the curves they leave."""
    training = window.training
    for chosen in (window.choices.chosen, window.trials.rate_chosen):
        chosen.connect(training.choose)
    training.choosing.refused.connect(lambda: window.choices.show_choices(window.session.hyperparameters))
    training.choosing.model_wanted.connect(window.sheets.show_model)
    training.edited.connect(window.edits.submit)
    training.ran.connect(window.edits.push)
    training.solved.connect(
        lambda report: dialogs.show_answer_report(window, report, window.edits.undoing_what_was_last())
    )
    window.holding_out.restore_wanted.connect(training.restore_best)
    window.side.clear_requested.connect(training.clear_curves)
    window.side.log_changed.connect(window.actions_by_id["view.log"].setChecked)
    window.side.lines_changed.connect(window.actions_by_id["view.baselines"].setChecked)


def _connect_documents(window: WindowParts) -> None:
    """Files, and how work that takes its time is shown and cancelled."""
    files = window.files
    files.opening.connect(window.documents.open)
    files.restoring.connect(window.documents.restore)
    files.progressed.connect(window.status.show_progress)
    for part in (files, window.shown, window.holding_out):
        window.status.cancel.clicked.connect(part.cancel)


def _connect_bars(window: WindowParts) -> None:
    """The view bar, the formula bar and the find bar."""
    view, formula, find = window.view_bar, window.formula_bar, window.find_bar
    view.chosen.connect(window.shown.choose)
    view.scope_chosen.connect(window.shown.train_on_visible)
    view.top_requested.connect(window.shown.top)
    view.all_requested.connect(window.shown.all)
    formula.address_entered.connect(window.navigation.go_to)
    formula.value_entered.connect(window.navigation.enter_value)
    for left in (formula.left, find.closed):
        left.connect(window.navigation.focus_sheet)
    find.show_requested.connect(window.navigation.show_found)


def _connect_pages(window: WindowParts) -> None:
    """What leads from the sheet to the pages of the menu Explore, and back."""
    for asker in (window.sheets.explore_wanted, window.explore.entry_wanted):
        asker.connect(window.on_screen.open_or_act)
    window.explore.turned.connect(window.commands.show_page)
    window.explore.turned.connect(window.on_screen.follow)
    window.explore.command_wanted.connect(lambda command_id: window.actions_by_id[command_id].trigger())
    for asker in (window.explore.sheet_wanted, window.trials.wanted, window.rows.wanted):
        asker.connect(window.navigation.go_to)


def command_handlers(window: WindowParts) -> dict[str, Callable[..., object]]:
    """The function behind each command, by the command's id."""
    parts = (window.views, window.files, window.edits, window.rows, window.holding_out, window.training)
    handlers: dict[str, Callable[..., object]] = {}
    for part in (*parts, window.all_choices, window.trials, window.on_screen):  # the last copies from pages, too
        handlers |= part.handlers()
    return handlers | {
        "file.remarks": lambda: dialogs.show_import_report(window, window.session),
        "file.quit": window.close,
        "view.log": window.side.set_log,
        "view.baselines": partial(_set_lines, window),
        "view.top": window.shown.top,
        "view.all": window.shown.all,
        "view.order_users": lambda: window.view_bar.open_order("users"),
        "view.order_movies": lambda: window.view_bar.open_order("movies"),
        "train.on_visible": window.shown.train_on_visible,
        "help.shortcuts": lambda: dialogs.show_shortcuts(window),
        "help.about": lambda: dialogs.show_about(window),
    }


def _set_lines(window: WindowParts, on: bool) -> None:
    """Draw the baselines into the plot, and measure what they need."""
    window.side.set_lines(on)
    window.curves.show_levels()
    window.measuring.look()
