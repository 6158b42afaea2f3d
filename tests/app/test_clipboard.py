"""Ranges to and from the clipboard: what goes out comes back, and what spreadsheets offer is understood."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfgui.app.clipboard import parse_clipboard, parse_tsv, tiled, to_html, to_tsv
from cfgui.app.numbers import parse_number

NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(repr)
CELLS = st.just("") | NUMBERS


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[str]) -> list[list[str]]:
    width = draw(st.integers(1, 5))
    return draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5))


@given(tables(CELLS))
def test_tsv_comes_back(rows: list[list[str]]) -> None:
    assert parse_tsv(to_tsv(rows)) == rows


@given(tables(CELLS))
def test_html_comes_back(rows: list[list[str]]) -> None:
    assert parse_clipboard(None, to_html(rows)) == rows


@given(tables(CELLS))
def test_a_clipboard_with_both_comes_back_as_the_same_numbers(rows: list[list[str]]) -> None:
    pasted = parse_clipboard(to_tsv(rows), to_html(rows))
    assert [[parse_number(text) for text in row] for row in pasted] == [
        [float(text) if text else None for text in row] for row in rows
    ]


@given(tables(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)))
def test_any_text_comes_back_as_tsv(rows: list[list[str]]) -> None:
    assert parse_tsv(to_tsv(rows)) == rows


def test_blank_cells_at_the_end_are_cells() -> None:
    assert to_tsv([["4"], [""]]) == "4\n\n"
    assert parse_tsv("4\n\n") == [["4"], [""]]
    assert parse_clipboard("\n\n", to_html([[""], [""]])) == [[""], [""]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("4", [["4"]]),
        ("4\n", [["4"]]),
        ("1\t2\r\n3\t4\r\n", [["1", "2"], ["3", "4"]]),
        ("1\r2", [["1"], ["2"]]),
        ("1\t\n\t2\n", [["1", ""], ["", "2"]]),
        ("3,5\t4\n", [["3,5", "4"]]),
        ('"two\nlines"\t"say ""a"""\n', [["two\nlines", 'say "a"']]),
    ],
)
def test_plain_text(text: str, rows: list[list[str]]) -> None:
    assert parse_tsv(text) == rows


def test_a_quote_without_end_in_a_large_text_is_no_quote() -> None:
    rows = parse_tsv('"' + "1\t2\n" * 60_000)
    assert (len(rows), rows[0], rows[-1]) == (60_000, ['"1', "2"], ["1", "2"])


def test_only_numbers_claim_to_be_numbers() -> None:
    html = to_html([["3.5", "007", "tt<1>", ""]])
    assert html == (
        '<html><body><table><tr><td x:num="3.5" sdval="3.5">3.5</td><td>007</td><td>tt&lt;1&gt;</td><td></td></tr>'
        "</table></body></html>"
    )
    assert "tt<1>" in unescape(html)


LIBREOFFICE = """<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"/>
<style type="text/css">body,td { font-family:"Liberation Sans" }</style></head><body>
<table cellspacing="0" border="0"><colgroup span="3" width="85"></colgroup>
<tr><td height="17" align="right" sdval="0.714037" sdnum="1033;0;0.00"><font face="Arial">0.71</font></td>
<td align="right" sdval="-2.5E-05" sdnum="1033;0;0.00">0.00</td><td align="left"><br></td></tr>
<tr><td height="17" align="left">Braveheart &amp; co</td>
<td colspan="2" align="right" sdval="4" sdnum="1033;">4</td></tr>
</table></body></html>"""

EXCEL = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<style><!--table {mso-displayed-decimal-separator:"\\,";} .xl65 {mso-number-format:Fixed;}--></style></head>
<body link=blue vlink=purple><table border=0 cellpadding=0 width=192 style='border-collapse:collapse'>
<!--StartFragment--> <col width=64 span=3 style='width:48pt'>
 <tr height=20 style='height:15.0pt'>
  <td height=20 class=xl65 align=right x:num="0.71403712345678901">0,71</td>
  <td class=xl65 align=right x:num>3,5</td><td></td>
 </tr>
<!--EndFragment--></table></body></html>"""


def test_libreoffice_gives_full_values() -> None:
    assert parse_clipboard("0.71\t0.00\t\nBraveheart & co\t4\t\n", LIBREOFFICE) == [
        ["0.714037", "-2.5E-05", ""],
        ["Braveheart & co", "4", ""],
    ]


def test_excel_gives_full_values_and_decimal_commas() -> None:
    rows = parse_clipboard("0,71\t3,5\t\r\n", EXCEL)
    assert rows == [["0.71403712345678901", "3,5", ""]]
    assert [parse_number(text) for text in rows[0]] == [0.714037123456789, 3.5, None]


def test_html_without_full_values_gives_way_to_text() -> None:
    page = "<p>Ratings</p><table><tr><th>a</th><td>1 </td></tr><tr></tr><tr><td>b<td></td></tr></table>"
    assert parse_clipboard("1\t2\n", page) == [["1", "2"]]
    assert parse_clipboard(None, "<table><tr><th>a</th><td> 1 <b>x</b>\n</td></tr><tr></tr></table>") == [["a", "1 x"]]
    assert parse_clipboard("7", "<p>7</p>") == [["7"]]
    assert parse_clipboard(None, None) == parse_clipboard(None, "<p>7</p>") == []


@given(tables(CELLS), st.integers(1, 4), st.integers(1, 4))
def test_tiled_repeats_over_whole_multiples(rows: list[list[str]], down: int, right: int) -> None:
    height, width = len(rows), len(rows[0])
    filled = tiled(rows, height * down, width * right)
    assert len(filled) == height * down
    assert all(len(row) == width * right for row in filled)
    for r, row in enumerate(filled):
        assert row == [rows[r % height][c % width] for c in range(width * right)]


@pytest.mark.parametrize("selection", [(1, 1), (3, 2), (2, 3), (1, 2), (4, 5)])
def test_tiled_leaves_other_selections_alone(selection: tuple[int, int]) -> None:
    rows = [["1", "2"], ["3", "4"]]
    assert tiled(rows, *selection) == rows


def test_tiled_fills_short_rows_with_blanks() -> None:
    assert tiled([["1", "2"], ["3"]], 2, 4) == [["1", "2", "1", "2"], ["3", "", "3", ""]]
    assert tiled([], 2, 2) == []
    assert tiled([[]], 2, 2) == [[]]
