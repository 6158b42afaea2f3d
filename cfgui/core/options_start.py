"""Options of the start: how many factors there are, and which numbers they grow from."""

from __future__ import annotations

from cfgui.core.option import Option

START_OPTIONS: tuple[Option, ...] = (
    Option(
        "n_factors",
        "--factors",
        int,
        5,
        "Factors",
        "How many latent factors describe each user and each movie.",
        low=1,
        high=1000,
    ),
    Option(
        "n_movie_factors",
        "--movie-factors",
        int,
        None,
        "Movie factors",
        "Factors per movie where they are to differ: only a net can, a dot product pairs them off.",
        low=1,
        high=1000,
    ),
    Option(
        "factor_rule",
        "--factor-rule",
        str,
        "given",
        "Factors by",
        "given: as many as said; fastai: min(600, round(1.6 n^0.56)) for n users and for n movies, in a net.",
        choices=("given", "fastai"),
        choice_labels=("As given", "fastai's rule"),
    ),
    Option(
        "init",
        "--init",
        str,
        "sheet",
        "Start",
        "Starting weights: the sheet's own, uniform in [0, 1) as RAND() fills it, normal(0, 0.01), or Xavier's uniform,"
        " whose width falls with the size of the table.",
        choices=("sheet", "uniform", "normal", "xavier"),
        choice_labels=("The sheet's", "Uniform 0 to 1", "Normal, 0.01", "Xavier"),
    ),
    Option(
        "seed",
        "--seed",
        int,
        42,
        "Seed",
        "The number random weights grow from: the same seed gives the same weights.",
        low=0,
        high=2**63 - 1,
    ),
)
"""In the order of forms and help."""
