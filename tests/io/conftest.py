"""The reference workbook and one exported sample for the tests of cfgui.io."""

import pytest

from cfgui.core.curve import Curve
from cfgui.io.sample import sample_document
from cfgui.io.workbook_export import write_workbook


@pytest.fixture(scope="session")
def reference(shared):
    """The original workbook of 2016."""
    path = shared / "reference" / "collab_filter_2016.xlsx"
    if not path.exists():
        pytest.skip("the 2016 workbook is not there (../shared/reference)")
    return path


@pytest.fixture(scope="session")
def sample():
    """The built-in sample with a short history."""
    document = sample_document()
    document.history["dot"] = Curve("gd, rate 0.5", [0, 1, 2], [2.8060620616483134, 2.319990381204, 1.811112916702])
    return document


@pytest.fixture(scope="session")
def exported(sample, tmp_path_factory):
    """The sample as a workbook; not to be written to."""
    path = tmp_path_factory.mktemp("exported") / "sample.xlsx"
    write_workbook(sample, path)
    return path
