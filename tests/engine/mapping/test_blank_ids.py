"""Blank ids, against plain Python and Unicode's own list."""

import unicodedata

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.mapping import blank_ids

# White_Space of the Unicode character database: PropList.txt, version 16
WHITE_SPACE = [
    *range(0x9, 0xE),
    0x20,
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
]
SEPARATORS = {"Zs", "Zl", "Zp"}


def test_white_space_is_what_unicode_says():
    assert sorted(map(ord, blank_ids.WHITE_SPACE)) == WHITE_SPACE
    controls = {chr(code) for code in WHITE_SPACE if unicodedata.category(chr(code)) not in SEPARATORS}
    assert controls == set("\t\n\v\f\r\x85")


LETTERS = st.sampled_from([*map(chr, WHITE_SPACE), "a", "~", "!", "é", "ア", "\0", "\u200b", "\x7f"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.none() | st.text(LETTERS, max_size=4), max_size=20), st.sampled_from([pl.String, pl.Binary]))
def test_an_id_of_white_space_alone_is_blank(ids, dtype):
    texts = [one if one is None or dtype == pl.String else one.encode() for one in ids]
    white = {chr(code) for code in WHITE_SPACE}
    expected = [one is not None and set(one) <= white for one in ids]
    assert blank_ids.is_blank(pl.Series("customer_id", texts, dtype=dtype)).tolist() == expected


def test_bytes_that_are_no_text_are_not_blank():
    ids = pl.Series("customer_id", [b"\xe2\x80", b"\x20\xff", b"\xc2", b" \0", b"\xe3\x80\x80"])
    assert blank_ids.is_blank(ids).tolist() == [False, False, False, False, True]
