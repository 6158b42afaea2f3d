"""One command line from words to exit code; the boundary at which every error becomes a sentence."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from cfgui.cli.output import reason, say
from cfgui.cli.parser import parse
from cfgui.io.child import Cancelled

FAILED, INTERRUPTED = 1, 130


def run(arguments: Sequence[str]) -> int:
    """Parse and run; returns the exit code and lets no exception out."""
    try:
        code = _dispatch(parse(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that went away is still answered for
    except SystemExit as stop:  # argparse has printed its help, or its usage error
        return stop.code if isinstance(stop.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - the promise of this boundary is: never a traceback
        return _answer(error)
    return code


def _dispatch(parsed: Namespace) -> int:
    if parsed.command not in ("info", "export", "verify"):
        from importlib import import_module  # only what this command needs: training needs no network, nor the reverse

        return int(import_module(f"cfgui.cli.{parsed.command.replace('-', '_')}").run(parsed))
    from cfgui.cli import documents

    return {"info": documents.info, "export": documents.export, "verify": documents.verify}[parsed.command](parsed)


def _answer(error: BaseException) -> int:
    """Say one sentence about an error; returns the exit code."""
    if isinstance(error, (KeyboardInterrupt, Cancelled)):
        say("interrupted.")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away, as `head` does; the flush at exit must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif isinstance(error, ImportError) and not (error.name or "").startswith("cfgui"):
        from cfgui.app.system_libraries import explained

        say(explained(error))
    elif isinstance(error, MemoryError):
        say("there is not enough memory for this.")
    elif isinstance(error, (OSError, ValueError)):
        say(reason(error))
    else:
        say(f"something unforeseen went wrong ({type(error).__name__}: {error}); please report it.")
    return FAILED
