"""``cfgui [FILE]`` opens the window, ``cfgui COMMAND`` works without one. Heavy libraries load as late as they can."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from cfgui.cli import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on these arguments (default: the process's own); returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Idle OpenMP threads spin by default, which slows the window and two-thread kernels 3 to 10 times.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    if len(arguments) > 1 or any(word in COMMANDS or word.startswith("-") for word in arguments):
        from cfgui import cli

        return cli.main(arguments)
    return open_window(arguments[0] if arguments else None)


def open_window(path: str | None) -> int:
    """Show the window, with this file open, until it is closed; 1 with one line on stderr where it cannot open."""
    problem = why_no_window()
    if problem is None:
        gc.disable()  # some hundred thousand objects come to stay; ``run`` collects again once the window is shown
        try:
            from cfgui.gui.load_order import load_before_qt

            load_before_qt()
            from cfgui.gui.application import run

            return run(path)
        except ImportError as error:
            if (error.name or "").startswith("cfgui"):
                raise
            from cfgui.app.system_libraries import explained

            problem = explained(error)
        except KeyboardInterrupt:
            return 130
        finally:
            gc.enable()
    print(f"cfgui: {problem}", file=sys.stderr)
    return 1


def why_no_window() -> str | None:
    """One sentence where a window cannot open on this Linux; None where nothing speaks against it."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    from cfgui.app.display import has_display

    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    if not has_display(os.environ.get("DISPLAY", "")):
        return f"there is no display to open a window on; without one use cfgui {', '.join(COMMANDS)} (cfgui --help)."
    from cfgui.app.system_libraries import advice, missing_libraries

    missing = missing_libraries()
    return advice(missing) if missing else None


if __name__ == "__main__":
    sys.exit(main())
