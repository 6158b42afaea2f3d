"""Addresses and formulas against those that SPREADSHEET.md lists for the original."""

import pytest

from cfgui.io.workbook_layout import EmbeddingLayout, SheetLayout, a1, parse_a1

DOT = SheetLayout(15, 15, 5, bias=False)
BIAS = SheetLayout(15, 15, 5, bias=True)
EMBEDDING = EmbeddingLayout(15, 15, 5, 206)


@pytest.mark.parametrize(
    ("layout", "block", "cells"),
    [
        (DOT, "movie_label_top", "G1"),
        (DOT, "movie_ids_top", "H1:V1"),
        (DOT, "user_label_top", "F2"),
        (DOT, "user_ids_top", "G2:G16"),
        (DOT, "ratings", "H2:V16"),
        (DOT, "movie_factors", "H19:V23"),
        (DOT, "movie_label", "G23"),
        (DOT, "user_label", "F24"),
        (DOT, "movie_ids", "H24:V24"),
        (DOT, "user_factors", "B25:F39"),
        (DOT, "user_ids", "G25:G39"),
        (DOT, "predictions", "H25:V39"),
        (DOT, "rmse", "V41"),
        (BIAS, "movie_bias", "H19:V19"),
        (BIAS, "movie_factors", "H20:V24"),
        (BIAS, "movie_ids", "H25:V25"),
        (BIAS, "user_bias", "A26:A40"),
        (BIAS, "user_factors", "B26:F40"),
        (BIAS, "predictions", "H26:V40"),
        (BIAS, "rmse", "V42"),
        (EMBEDDING, "user_index", "A4:A18"),
        (EMBEDDING, "user_ids", "B4:B18"),
        (EMBEDDING, "users", "C4:G18"),
        (EMBEDDING, "movie_ids", "B22:B36"),
        (EMBEDDING, "movies", "C22:G36"),
        (EMBEDDING, "lookups", "I3:Y208"),
        (EMBEDDING, "rmse", "AA3"),
    ],
)
def test_blocks_stand_where_the_original_has_them(layout, block, cells):
    assert layout.range_of(block) == cells


def test_formulas_of_the_original():
    assert DOT.prediction_formula(0, 0) == '=IF(H2="",0,MMULT($B25:$F25,H$19:H$23))'
    assert DOT.rmse_formula() == "=SQRT(SUMXMY2(H2:V16,H25:V39)/COUNT(H2:V16))"
    assert DOT.rmse_check_formula() == '=SQRT(SUMPRODUCT((H2:V16<>"")*(H2:V16-H25:V39)^2)/COUNT(H2:V16))'
    assert BIAS.prediction_formula(14, 14) == '=IF(V16="",0,MMULT($B40:$F40,V$20:V$24)+V$19+$A40)'
    assert [EMBEDDING.line_formula(0, column) for column in (3, 4, 9, 14, 15, 16)] == [
        "=MATCH(I3,$B$4:$B$18,0)",
        "=INDEX($C$4:$G$18,$L3,M$2)",
        "=MATCH(J3,$B$22:$B$36,0)",
        "=INDEX($C$22:$G$36,$R3,W$2)",
        "=SUMPRODUCT(M3:Q3,S3:W3)",
        "=(K3-X3)^2",
    ]
    assert EMBEDDING.rmse_formula() == "=SQRT(AVERAGE(Y3:Y208))"


def test_what_solver_may_change():
    assert DOT.weight_ranges() == ("$H$19:$V$23", "$B$25:$F$39")
    assert BIAS.weight_ranges() == ("$H$19:$V$24", "$A$26:$F$40")
    assert EMBEDDING.weight_ranges() == ("$C$4:$G$18", "$C$22:$G$36")


def test_another_size_by_hand():
    # 2 users, 3 movies, 1 factor: ids in C, movies from D; ratings in rows 2-3, weights in 6, ids in 7, users 8-9.
    layout = SheetLayout(2, 3, 1, bias=False)
    assert layout.range_of("ratings") == "D2:F3"
    assert layout.range_of("movie_factors") == "D6:F6"
    assert layout.range_of("user_factors") == "B8:B9"
    assert layout.prediction_formula(1, 2) == '=IF(F3="",0,MMULT($B9:$B9,F$6:F$6))'
    assert layout.address("rmse") == "F11"


@pytest.mark.parametrize("layout", [DOT, BIAS, EMBEDDING, SheetLayout(1, 1, 1, bias=True), EmbeddingLayout(1, 1, 1, 0)])
def test_blocks_do_not_overlap_and_addresses_lead_back(layout):
    seen = {}
    for name, block in layout.blocks.items():
        if name.endswith(("_header", "_groups")):
            continue  # bands of labels, drawn around their own parts
        for row in range(block.n_rows):
            for column in range(block.n_columns):
                address = layout.address(name, row, column)
                assert address not in seen, f"{name} and {seen.get(address)} share {address}"
                seen[address] = name
                assert layout.block_at(address) == (name, row, column)
                assert layout.block_at(f" ${address.lower()}".replace("$", "")) == (name, row, column)


def test_what_is_no_address_is_in_no_block():
    assert [DOT.block_at(text) for text in ("", "A0", "H", "12", "XFE1", "H1048577", "H2:V16", "A1")] == [None] * 8


def test_a1_counts_as_excel_does():
    assert [a1(0, column) for column in (0, 25, 26, 701, 702, 16383)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1", "XFD1"]
    assert a1(24, 7, absolute=True) == "$H$25"
    assert a1(24, 7, fix_row=True) == "H$25"
    assert parse_a1("$XFD$1048576") == (1048575, 16383)
