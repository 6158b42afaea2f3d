"""The command line: the same program without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

COMMANDS = (
    "info", "train", "evaluate", "lr-find", "export", "verify", "download", "sample",
    "biases", "neighbours", "recommend", "new-user", "new-movie", "simulate",
)  # fmt: skip
"""The first words that never open a window."""


def main(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code: 0 done, 1 failed, 2 usage, 130 interrupted."""
    try:
        from cfgui.cli.entry import run  # late, so that opening the window does not pay for it

        return run(arguments)
    except KeyboardInterrupt:  # the command was still being loaded
        print("cfgui: interrupted.", file=sys.stderr)
        return 130
