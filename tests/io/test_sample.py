"""The built-in sample against the figures of SPREADSHEET.md and against the original workbook."""

import pytest

from cfgui.core.models import rmse
from cfgui.io import resources
from cfgui.io.resources import resource_path
from cfgui.io.sample import is_sample_data, sample_document
from tests.helpers.reference import reference_document


def test_starting_rmse_to_the_last_bit():
    document = sample_document()
    assert rmse(document.factors["dot"], document.ratings) == 2.8060620616483134
    assert rmse(document.factors["bias"], document.ratings) == 2.018003803304626


def test_the_sample_is_the_original_bit_for_bit():
    document, original = sample_document(), reference_document()
    assert document.ratings.user_ids == original.ratings.user_ids
    assert document.ratings.movie_ids == original.ratings.movie_ids
    assert document.ratings.values.tobytes() == original.ratings.values.tobytes()
    assert (document.ratings.rated == original.ratings.rated).all()
    for model in ("dot", "bias"):
        assert document.factors[model].flat().tobytes() == original.factors[model].flat().tobytes()


def test_titles_and_counts():
    document = sample_document()
    assert document.ratings.n_ratings == 206
    assert len(document.ratings.titles) == 15
    assert document.ratings.movie_name(document.ratings.movie_ids.index("99")) == "Shawshank Redemption, The (1994)"
    assert document.active == "dot"
    assert is_sample_data(document.ratings)


def test_the_notice_of_the_data_comes_with_it():
    notice = " ".join(resource_path("licenses", "MovieLens.txt").read_text(encoding="utf-8").split())
    assert "https://doi.org/10.1145/2827872" in notice
    assert "may not use this information for any commercial or revenue-bearing purposes" in notice


def test_an_installed_package_reads_its_own_resources(tmp_path, monkeypatch):
    package = tmp_path / "site" / "cfgui"
    (package / "resources" / "sample").mkdir(parents=True)
    (package / "resources" / "sample" / "own.txt").write_text("inside")
    (tmp_path / "site" / "resources").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resource_path("sample", "own.txt").read_text() == "inside"
    with pytest.raises(FileNotFoundError, match="Install cfgui again"):
        resource_path("sample", "missing.txt")
