"""The built-in sheet is the workbook's."""

import numpy as np

from tests.helpers.reference import reference_document


def test_the_built_in_sheet_holds_the_workbook_s_ratings_and_weights_bit_for_bit(sheet):
    workbook = reference_document()
    assert sheet.ratings.user_ids == workbook.ratings.user_ids
    assert sheet.ratings.movie_ids == workbook.ratings.movie_ids
    assert np.array_equal(sheet.ratings.rated, workbook.ratings.rated)
    assert np.array_equal(sheet.ratings.crosstab, workbook.ratings.crosstab)
    assert sheet.factors["dot"].equals(workbook.factors["dot"])
    assert sheet.factors["bias"].equals(workbook.factors["bias"])
