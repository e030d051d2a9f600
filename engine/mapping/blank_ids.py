"""Customer ids that are blank: text, or bytes of it, without content."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""The characters of Unicode's White_Space property."""
BEGINS, ENDS = (np.isin(np.arange(256), [char.encode()[at] for char in WHITE_SPACE]) for at in (0, -1))
"""Whether a byte is the first, or the last, of one of them in UTF-8."""


def is_blank(ids: pl.Series) -> NDArray[np.bool_]:
    """Which ids are text without content: empty, or white space of any kind; bytes are taken as UTF-8."""
    if isinstance(ids.dtype, pl.Binary):
        return _is_blank_text(ids)
    if not isinstance(ids.dtype, pl.String):
        return np.zeros(ids.len(), dtype=np.bool_)
    # Most ids begin with a letter or a digit, and to compare is ten times faster than to strip.
    maybe = ((ids < "!") | (ids > "~")).fill_null(value=False)
    blank = maybe.to_numpy(writable=True)
    if blank.any():
        blank[blank] = (ids.filter(maybe).str.strip_chars() == "").to_numpy()
    return blank


def _is_blank_text(ids: pl.Series) -> NDArray[np.bool_]:
    """`is_blank` of bytes, which are mostly no text at all, as those of a UUID."""
    array = ids.rechunk().to_arrow()
    if len(array) == 0:
        return np.zeros(0, dtype=np.bool_)
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    letters = np.append(letters, np.uint8(0))  # for the ends of an empty id, which are not looked at
    is_empty = ends[1:] == ends[:-1]
    blank: NDArray[np.bool_] = is_empty | (BEGINS[letters[ends[:-1]]] & ENDS[letters[ends[1:] - 1]])
    if ids.null_count():
        blank &= ids.is_not_null().to_numpy()
    for at in np.flatnonzero(blank & ~is_empty):
        blank[at] = not ids[int(at)].decode(errors="replace").strip(WHITE_SPACE)
    return blank


def is_missing(customer: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether there is no id, or a blank one, in a column of customer ids of this type."""
    if not isinstance(dtype, pl.String | pl.Binary):
        return customer.is_null()
    return customer.is_null() | customer.map_batches(_blank, return_dtype=pl.Boolean(), is_elementwise=True)


def _blank(ids: pl.Series) -> pl.Series:
    return pl.Series(ids.name, is_blank(ids))
