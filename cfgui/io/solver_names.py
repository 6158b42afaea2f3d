"""The hidden names in which Excel keeps Solver's settings, so that Data > Solver opens ready to run."""

from __future__ import annotations

import xlsxwriter

from cfgui.io.workbook_layout import Layout

MAX_SOLVER_VARIABLES = 200
"""What the Solver that comes with Excel can change at once."""

SOLVER_SETTINGS: dict[str, str] = {
    "solver_typ": "2",  # minimise
    "solver_val": "0",
    "solver_eng": "1",  # GRG nonlinear
    "solver_drv": "2",  # central differences
    "solver_neg": "2",  # weights may be negative
    "solver_cvg": "0.0001",
    "solver_num": "0",
    "solver_ver": "3",
    "solver_itr": "2147483647",
    "solver_tim": "2147483647",
    "solver_nod": "2147483647",
    "solver_mip": "2147483647",
    "solver_mni": "30",
    "solver_mrt": "0.075",
    "solver_msl": "2",
    "solver_nwt": "1",
    "solver_pre": "0.000001",
    "solver_rbv": "2",
    "solver_rlx": "2",
    "solver_rsd": "0",
    "solver_scl": "2",
    "solver_sho": "2",
    "solver_ssz": "100",
    "solver_tol": "0.01",
    "solver_est": "1",
}
"""Every setting besides the cells, as the original workbook stores them."""


def define_solver_names(workbook: xlsxwriter.Workbook, layout: Layout) -> None:
    """Define the names for one sheet, local to it and hidden."""
    cells = {
        "solver_adj": ",".join(f"{layout.sheet}!{weights}" for weights in layout.weight_ranges()),
        "solver_opt": f"{layout.sheet}!{layout.range_of('rmse', absolute=True)}",
    }
    for name, meaning in (cells | SOLVER_SETTINGS).items():
        workbook.define_name(f"{layout.sheet}!{name}", f"={meaning}")
        # XlsxWriter has no way to say so: the last item of an entry is its hidden flag.
        workbook.defined_names[-1][-1] = True
