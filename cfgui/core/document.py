"""Document: all that one workbook holds, as core objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.core.view import View, ViewChoice, make_view, part_of_factors, visible_ratings


@dataclass(frozen=True)
class Document:
    """A crosstab with the weights and the history of each model; what is opened, exported and started from.

    ``factors`` and ``history`` are keyed by model name; ``factors`` always holds "dot" and "bias", and a net only where
    the document has one (``structure.complete`` adds what is missing).
    ``active`` is the model whose sheet is open. ``remarks`` are sentences about what the reader noticed or had to
    assume, for the import report; ``report`` is what reading a table came to, None for a workbook of cfgui's kind.
    """

    ratings: Ratings
    factors: Mapping[str, Factors]
    history: Mapping[str, Curve] = field(default_factory=dict)
    active: str = "dot"
    remarks: tuple[str, ...] = ()
    report: ImportReport | None = None

    @property
    def natural_order(self) -> str:
        """The order in which a sheet shows it at first: a workbook's own, or for a table that of the ids."""
        return "file" if self.report is None else "id"

    def top(self, n_users: int, n_movies: int) -> Document:
        """The users and movies with the most ratings, with their weights; of equals the smaller id is taken.

        The history is left out: it tells of all the ratings.
        """
        order = self.natural_order
        return self.part(make_view(self.ratings, ViewChoice(n_users, n_movies, order, order)), "with the most ratings")

    def part(self, view: View, which: str = "") -> Document:
        """The users and movies a view shows, in its order, with their weights; the history only if none is hidden.

        ``which`` says in a remark which ones these are, as "with the most ratings".
        """
        ratings = visible_ratings(self.ratings, view)
        if ratings is self.ratings:
            return self
        hidden = not view.is_whole
        remark = (
            f"These are the {len(view.users):,} of {self.ratings.n_users:,} users and {len(view.movies):,} of"
            f" {self.ratings.n_movies:,} movies {which or 'that were shown'}."
        )
        return Document(
            ratings,
            {name: part_of_factors(factors, view) for name, factors in self.factors.items()},
            history={} if hidden else self.history,
            active=self.active,
            remarks=(*self.remarks, remark) if hidden else self.remarks,
            report=self.report,
        )
