"""Commands as data: every verb of the window with its words, shortcut and place. The window binds them to functions.

Menus, toolbar, tooltips and the table in the README read ``COMMANDS``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One verb.

    ``tip`` is the sentence that teaches; ``menu`` the menu it stands in; ``icon`` the name of its drawing or "";
    ``toggle`` whether it is switched on and off; ``toolbar`` whether it has a button; ``label`` the button's word where
    the menu's is too long; ``group`` separates menu sections and radio groups.
    """

    id: str
    title: str
    menu: str
    tip: str
    shortcut: str = ""
    icon: str = ""
    toolbar: bool = False
    label: str = ""
    toggle: bool = False
    group: int = 0


COMMANDS: tuple[Command, ...] = (
    Command("file.open", "&Open…", "File",
            "Open ratings: a workbook, a table (CSV, Excel, Parquet, …) or a MovieLens archive. Or drop a file here.",
            "Ctrl+O", "open", toolbar=True, label="Open"),
    Command("file.open_folder", "Open &folder…", "File", "Open a MovieLens folder: ratings with titles and genres."),
    Command("file.open_clipboard", "Open from clip&board…", "File",
            "Open the table of ratings that was copied in a spreadsheet, a browser or an editor.", "Ctrl+Shift+V"),
    Command("file.get_movielens", "&Get MovieLens…", "File",
            "Download real ratings, from a hundred thousand to thirty million, from GroupLens; each edition once."),
    Command("file.open_sample", "Open the or&iginal 15 × 15", "File",
            "Start over with the course's own ratings and starting factors.", "Ctrl+Shift+O"),
    Command("file.restore_session", "&Restore last session", "File",
            "Bring back what was open before: changed sessions are kept by themselves, also when the power fails."),
    Command("file.earlier_sessions", "Earlier &sessions…", "File",
            "Choose among the last ten sessions that were kept."),
    Command("file.export", "&Export to Excel…", "File",
            "Write an .xlsx with live formulas, ready for Solver, that opens in Excel and LibreOffice.",
            "Ctrl+S", "export", toolbar=True, label="Export", group=1),
    Command("file.export_values", "Export &values…", "File",
            "Write all factors, recommendations or ratings: CSV, Excel, Parquet, NumPy, Embedding Projector.",
            "Ctrl+Shift+S", group=1),
    Command("file.remarks", "I&mport report…", "File",
            "How the open file was understood, and which of its rows were left out and why.", group=1),
    Command("file.quit", "&Quit", "File", "Close the window; the session is kept for next time.", "Ctrl+Q", group=2),
    Command("edit.undo", "&Undo", "Edit", "Take back the last edit or run.", "Ctrl+Z", "undo"),
    Command("edit.redo", "&Redo", "Edit", "Do again what was undone.", "Ctrl+Shift+Z", "redo"),
    Command("edit.cut", "Cu&t", "Edit", "Copy the selection and clear it where it can be cleared.", "Ctrl+X", group=1),
    Command("edit.copy", "&Copy", "Edit", "Copy the selection with every digit, for Excel, LibreOffice or text.",
            "Ctrl+C", "copy", group=1),
    Command("edit.paste", "&Paste", "Edit", "Paste a range of numbers; one paste is one undo.",
            "Ctrl+V", "paste", group=1),
    Command("edit.clear", "C&lear", "Edit", "Make the selected ratings unrated.", "Del", group=1),
    Command("edit.fill_down", "Fill &down", "Edit", "Copy the top row of the selection into the rows below.",
            "Ctrl+D", group=2),
    Command("edit.fill_right", "Fill ri&ght", "Edit", "Copy the left column of the selection into those to its right.",
            "Ctrl+R", group=2),
    Command("edit.find", "&Find…", "Edit",
            "Find a user or a movie by id or title, also among those not shown, or a value.", "Ctrl+F", "find",
            group=3),
    Command("edit.go_to", "G&o to address", "Edit",
            "Type an address such as H25, “user 14” or a title in the name box.", "Ctrl+G", group=3),
    Command("view.titles", "Movie &titles in headers", "View", "Show titles instead of ids above the columns.",
            "Ctrl+T", toggle=True),
    Command("view.unrated_zero", "Unrated as &0, as on the sheet", "View",
            "Show 0 for unrated cells as the sheet does, instead of the model's prediction in grey.", toggle=True),
    Command("view.color_values", "Colour by &value", "View", "Blue for high, orange for low ratings and predictions.",
            toggle=True, group=1),
    Command("view.color_error", "Colour predictions by &error", "View",
            "Colour each prediction by its error: blue and ↑ where the rating is higher, orange and ↓ where lower.",
            toggle=True, group=1),
    Command("view.color_none", "No colou&rs", "View", "Plain cells.", toggle=True, group=1),
    Command("view.marks", "Mark what the last step &changed", "View",
            "A small triangle up or down beside each number the last step moved; the darker, the further.", toggle=True,
            group=2),
    Command("view.uncertainty", "U&ncertainty of predictions", "View",
            "Under each prediction how sure the model is: the probability of each rating on ordinal, else the standard"
            " deviation, known after Gibbs sampling.", "Ctrl+U", toggle=True, group=2),
    Command("view.baselines", "&Baselines in the loss plot", "View",
            "Thin lines at the RMSE of predictions that know no taste: means, and biases alone.", "Ctrl+B", toggle=True,
            group=2),
    Command("view.log", "&Logarithmic loss axis", "View", "Show the RMSE on a logarithmic axis.", "Ctrl+L", toggle=True,
            group=2),
    Command("view.top", "M&ost active users and most rated movies", "View",
            "Show the 15 most active users and the 15 most rated movies, as the workbook; of equals the smaller id.",
            "Ctrl+Shift+T", group=3),
    Command("view.all", "&All users and movies", "View", "Show the whole table, however large.", "Ctrl+Shift+A",
            group=3),
    Command("view.order_users", "Order of u&sers…", "View",
            "Sort the users by id, number of ratings, mean rating or bias, or leave them in file order.",
            "Ctrl+Shift+U", group=3),
    Command("view.order_movies", "Order of mov&ies…", "View",
            "Sort the movies by id, number of ratings, mean rating or bias, or leave them in file order.",
            "Ctrl+Shift+M", group=3),
    Command("view.zoom_in", "&Zoom in", "View", "Larger cells (Ctrl and the wheel do the same).", "Ctrl++", "zoom_in",
            group=4),
    Command("view.zoom_out", "Zoom o&ut", "View", "Smaller cells.", "Ctrl+-", "zoom_out", group=4),
    Command("view.zoom_fit", "Fit sheet to &window", "View", "As large as the whole sheet can be shown.", "Ctrl+9",
            toggle=True, group=4),
    Command("view.zoom_reset", "Nor&mal size", "View", "Cells at their normal size.", "Ctrl+0", group=4),
    Command("view.theme_system", "Theme: s&ystem", "View", "Light or dark as the desktop is.", toggle=True, group=5),
    Command("view.theme_light", "Theme: li&ght", "View", "Always light.", toggle=True, group=5),
    Command("view.theme_dark", "Theme: &dark", "View", "Always dark.", toggle=True, group=5),
    Command("view.next_sheet", "Ne&xt sheet", "View", "Show the sheet to the right.", "Ctrl+PgDown", group=6),
    Command("view.previous_sheet", "&Previous sheet", "View", "Show the sheet to the left.", "Ctrl+PgUp", group=6),
    Command("view.sheet_dotprod", "Sheet &1: dotprod", "View", "Show the sheet dotprod.", "Ctrl+1", group=6),
    Command("view.sheet_bias", "Sheet &2: bias", "View", "Show the sheet bias.", "Ctrl+2", group=6),
    Command("view.sheet_movielens_emb", "Sheet &3: movielens_emb", "View", "Show the sheet movielens_emb.", "Ctrl+3",
            group=6),
    Command("view.sheet_neural", "Sheet &4: neural", "View", "Show the sheet of the neural net.", "Ctrl+4", group=6),
    Command("view.sheet_ordinal", "Sheet &5: ordinal", "View",
            "Show the sheet of the net with an output per rating value.", "Ctrl+5", group=6),
    Command("view.layers", "Layers o&f the net", "View",
            "Show the weights of the net's layers, or go back to its ratings and factors.", "Ctrl+6", group=6),
    Command("train.reset", "&Reset", "Train",
            "Back to the same starting weights: the sheet's, the file's or the seed's.", "F4", "reset", toolbar=True),
    Command("train.random", "New random &weights", "Train", "New starting weights from a new seed, which is shown.",
            "Shift+F4", "dice", toolbar=True, label="Random"),
    Command("train.step", "&Step", "Train", "One update of the weights.", "F8", "step", toolbar=True, group=1),
    Command("train.steps5", "&5 steps", "Train", "Five updates, one after the other.", "F9", "steps5", toolbar=True,
            group=1),
    Command("train.epoch", "E&poch", "Train",
            "One pass over all ratings: one step of gradient descent, one per rating or batch of SGD.",
            "F7", "epoch", toolbar=True, group=1),
    Command("train.run", "R&un", "Train", "Step on and on until you press it again.",
            "F5", "run", toolbar=True, group=2),
    Command("train.solve", "Sol&ve", "Train",
            "Minimise to the optimum with L-BFGS, as Data > Solver does, and report what changed.",
            "F6", "solve", toolbar=True, group=2),
    Command("train.pace_full", "Speed: as &fast as possible", "Train", "Run without waiting between steps.",
            toggle=True, group=3),
    Command("train.pace_30", "Speed: &30 steps a second", "Train", "Run slowly enough to watch.", toggle=True, group=3),
    Command("train.pace_3", "Speed: 3 steps a se&cond", "Train", "Run slowly enough to talk about each step.",
            toggle=True, group=3),
    Command("train.on_visible", "Train o&nly on what is shown", "Train",
            "Learn from the ratings the sheet shows, as if there were no others; switched off, from all of them.",
            "Ctrl+Shift+R", toggle=True, group=4),
    Command("train.hold_out", "Hol&d ratings out…", "Train",
            "Keep some ratings out of training, to see by them how well the model predicts.", "Ctrl+H",
            "hold_out", toolbar=True, label="Hold out", group=4),
    Command("train.restore_best", "Restore &best weights", "Train",
            "Back to the step with the lowest held-out RMSE; undo brings the last weights back.", "Ctrl+Shift+B",
            group=4),
    Command("train.find_rate", "Find r&ate…", "Train",
            "Try ever larger learning rates on a copy of the weights, and see at which the loss falls best.",
            "Ctrl+Shift+F", group=5),
    Command("train.evaluate", "Eva&luate…", "Train",
            "Hold ratings out or cross-validate: errors, precision and NDCG beside plain baselines, by user and movie.",
            "Ctrl+E", group=5),
    Command("train.choices", "All c&hoices…", "Train",
            "Every choice of model and training with its presets, in a window beside the sheet.", "Ctrl+M", group=5,
            label="All choices…"),
    Command("train.clear_curves", "Clear &earlier curves", "Train", "Forget the faint curves of earlier runs.",
            "Ctrl+Del", "clear", group=5),
    Command("help.shortcuts", "&Keyboard shortcuts", "Help", "Every command with its keys.", "F1"),
    Command("help.about", "&About cfgui", "Help", "Version, licences and where the data comes from.", icon="about"),
)  # fmt: skip
"""Every command, in the order menus and toolbar show them."""
