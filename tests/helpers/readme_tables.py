"""README's tables, made from the code's own: ``python -m tests.helpers.readme_tables`` writes them anew.

Each stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from pathlib import Path

from cfgui.app.commands import COMMANDS, Command
from cfgui.core.feedback_options import FEEDBACK_OPTIONS
from cfgui.core.models import MODELS, Model
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS, SGD_FROM
from cfgui.core.option import Option
from cfgui.core.options import OPTION_BY_NAME, OPTIONS
from cfgui.core.presets import PRESETS, Preset
from cfgui.io.movielens_editions import EDITIONS, Edition
from cfgui.io.table_options import TABLE_OPTIONS

README = Path(__file__).resolve().parents[2] / "README.md"
OWN_DEFAULTS = {
    "optimizer": f"gd; sgd from {SGD_FROM:,} ratings on",
    "learning_rate": "the optimizer's",
    "batch_size": "the optimizer's",
    "n_factors": "FILE's; built-in: 5",
}

DATA_COMMANDS = (
    *("file.open_folder", "file.open_clipboard", "file.get_movielens", "file.earlier_sessions", "file.export_values"),
    *("file.remarks", "edit.find", "edit.go_to", "view.top", "view.all", "view.order_users", "view.order_movies"),
    "train.on_visible",
)
"""Menu commands, without buttons, about a person's own ratings."""

COMMAND_HEAD = ("command", "keys", "what it does")

TRAINING_COMMANDS = (
    *("train.choices", "train.find_rate", "train.hold_out", "train.restore_best", "train.evaluate"),
    *("view.uncertainty", "view.baselines", "view.layers"),
)
"""Menu commands, without buttons, about models and how they are trained."""

EXPLORE_COMMANDS = ("edit.add_user", "edit.add_movie", "edit.fold_in", "edit.remove_rows", "view.one_hot")
"""Menu commands, without buttons, about what is learnt and about new rows."""


def _table(*rows: tuple[object, ...]) -> str:
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _option_row(option: Option) -> tuple[object, ...]:
    default = "" if option.default is None else option.default
    return (
        f"`{option.flag}`",
        ", ".join(option.choices) or _bounds(option),
        OWN_DEFAULTS.get(option.name, default),
        option.help,
    )


def _bounds(option: Option) -> str:
    """What an option without choices takes, in words."""
    if option.type is str:
        return "a list" if option.name == "hidden" else "a name"
    if option.low <= -1e6:
        return "a number"
    return f"{option.low:g} " + ("or more" if option.high >= 1e6 else f"to {option.high:g}")


def _table_option_row(option: Option) -> tuple[object, ...]:
    values = ", ".join(f"`{choice}`" for choice in option.choices) or ("1 or more" if option.type is int else "")
    return f"`{option.flag}`", values, option.default or "guessed" if option.type is str else "all", option.help


def _edition_row(edition: Edition) -> tuple[object, ...]:
    counts = (f"{count:,}" for count in (edition.n_ratings, edition.n_users, edition.n_movies))
    return f"`{edition.id}`", *counts, f"{edition.n_bytes / 1e6:,.0f} MB"


def _menu_row(command: Command) -> tuple[object, ...]:
    return f"{command.menu} > {_plain(command.title)}", command.shortcut, command.tip


def _model_row(model: Model) -> tuple[object, ...]:
    label = dict(zip(OPTION_BY_NAME["model"].choices, OPTION_BY_NAME["model"].choice_labels, strict=True))[model.name]
    return f"`{model.name}`", label, f"`{model.sheet}`", model.formula


def _preset_row(preset: Preset) -> tuple[object, ...]:
    return f"`{preset.name}`", preset.label, preset.epochs, preset.source


def _plain(title: str) -> str:
    return title.replace("&", "").rstrip("…")


def tables() -> dict[str, str]:
    """Every table by its name, in Markdown."""
    by_id = {command.id: command for command in COMMANDS}
    buttons = [command for command in COMMANDS if command.toolbar]
    return {
        "options": _table(("option", "values", "default", "what it is"), *map(_option_row, OPTIONS)),
        "table_options": _table(("option", "values", "default", "what it is"), *map(_table_option_row, TABLE_OPTIONS)),
        "editions": _table(
            ("edition", "ratings", "users", "movies", "download"),
            *map(_edition_row, EDITIONS),
        ),
        "optimizers": _table(
            ("optimizer", "rate", "batch", "what it does"),
            *(
                (f"`{n}`", f"{own.learning_rate:g}", own.batch_size or "all", own.help)
                for n, own in OPTIMIZER_DEFAULTS.items()
            ),
        ),
        "buttons": _table(
            ("button", "keys", "what it does"),
            *((b.label or _plain(b.title), b.shortcut, b.tip) for b in buttons),
        ),
        "models": _table(("model", "name", "sheet", "what it predicts"), *map(_model_row, MODELS.values())),
        "presets": _table(("preset", "in the window", "epochs", "source"), *map(_preset_row, PRESETS.values())),
        "training": _table(COMMAND_HEAD, *(_menu_row(by_id[name]) for name in TRAINING_COMMANDS)),
        "explore": _table(COMMAND_HEAD, *(_menu_row(by_id[name]) for name in EXPLORE_COMMANDS)),
        "simulation": _table(("option", "values", "default", "what it is"), *map(_option_row, FEEDBACK_OPTIONS)),
        "data": _table(COMMAND_HEAD, *(_menu_row(by_id[name]) for name in DATA_COMMANDS)),
    }


def with_tables(text: str) -> str:
    """The text of README with every table as the code has it now. Raises KeyError for a table the code lacks."""
    found = tables()
    marked = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
    return marked.sub(lambda match: f"{match[1]}{found[match[2]]}\n{match[3]}", text)


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
