"""What can be wrong with a workbook, said in one plain sentence each."""

from __future__ import annotations


class WorkbookError(ValueError):
    """A file cannot be read as a workbook of this kind; the text names file, sheet and cell where there is one."""


class TooLargeForExcel(ValueError):  # noqa: N818 - it names a state of the data, not a fault
    """The crosstab does not fit a workbook; the text says what would.

    ``values_only_fits`` tells whether writing values only is a way out, ``by_layers`` whether a net's hidden units are
    what is too many, so that fewer users and movies are none.
    """

    def __init__(self, message: str, *, values_only_fits: bool, by_layers: bool = False) -> None:
        super().__init__(message)
        self.values_only_fits, self.by_layers = values_only_fits, by_layers
