"""What the parsers of all commands have in common."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter

FILE_KINDS = "a workbook, a table (CSV, Excel, Parquet, …), a MovieLens folder or archive"
FILE_HELP = f"{FILE_KINDS}; without it, the built-in 15 x 15 crosstab"

EXIT_CODES = "exit codes: 0 done, 1 failed (one sentence on stderr says why), 2 usage, 130 interrupted"


def new_parser(
    program: str, description: str, *, usage: str | None = None, epilog: str | None = None
) -> ArgumentParser:
    """The parser of a command, with nothing in it but help."""
    return ArgumentParser(
        prog=program,
        description=description,
        usage=usage,
        epilog=epilog,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,  # scripts depend on the flags: a new one must never make an old abbreviation ambiguous
    )


def add_json(parser: ArgumentParser) -> None:
    """Give a command ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
