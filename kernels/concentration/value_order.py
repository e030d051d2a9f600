"""Rows in ascending order of value, by sorting plain integers: a value's leading bits over the number of its row.

Values that differ only in bits for which a word has no room come out in the order of their rows; `mend` puts them
right, or gives up where they are too many. No NaN, and fewer than 2**32 rows.

Results are allocated by NumPy, outside compiled code: it asks the system for large pages, numba does not, and filling
them at random took twice as long.
"""

import numpy as np

from whalecurve.kernels.arrays import UInt32, Vector, Words
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import FEW_ROWS, in_parts

SIGN = np.uint64(1 << 63)
MOVES_PER_ROW = 2
"""Moves that `mend` may take for each row; more cost more than sorting in another way."""


@scalar
def key(bits: np.uint64) -> np.uint64:
    """The integer that compares as a float does, from the float's bits (uint64); the same one for 0.0 and -0.0.

    Parameters
    ----------
    bits
        uint64, as `values.view(numpy.uint64)` has them.

    Returns
    -------
    uint64
        Compares as the value does.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import key
    >>> int(key(np.array([-1.0, 2.0]).view(np.uint64)[0]) < key(np.array([-1.0, 2.0]).view(np.uint64)[1]))
    1
    """
    return ~bits if bits > SIGN else bits | SIGN


@scalar
def _pack(first: int, end: int, bits: Words, least: np.uint64, cut: int, row_bits: int, words: Words) -> None:
    for i in range(first, end):
        words[i] = (((key(bits[i]) - least) >> np.uint64(cut)) << np.uint64(row_bits)) | np.uint64(i)


def pack(bits: Words, least: np.uint64, cut: int, row_bits: int) -> Words:
    """Words that sort as the values do, up to the bits that are cut off.

    Parameters
    ----------
    bits : uint64[n], C-contiguous
        The values' bits: `values.view(numpy.uint64)`.
    least : uint64
        `key` of the least value.
    cut, row_bits : uint64
        Trailing bits to cut off a key less the least one; bits for the number of a row. 64 bits hold what is left of
        any key and the row.

    Returns
    -------
    uint64[n]
    """
    words = np.empty(bits.size, np.uint64)
    in_parts(lambda first, end: _pack(first, end, bits, least, cut, row_bits, words), bits.size, few=FEW_ROWS)
    return words


@scalar
def _unpack(
    first: int, end: int, words: Words, values: Vector, row_bits: int, ascending: Vector, order: UInt32
) -> None:
    rows = (np.uint64(1) << np.uint64(row_bits)) - np.uint64(1)
    for i in range(first, end):
        row = words[i] & rows
        order[i] = row
        ascending[i] = values[row]


def unpack(words: Words, values: Vector, row_bits: int) -> tuple[Vector, UInt32]:
    """Values and their rows in the order of the words: float64[n], uint32[n]."""
    ascending, order = np.empty(words.size), np.empty(words.size, np.uint32)
    in_parts(
        lambda first, end: _unpack(first, end, words, values, row_bits, ascending, order), words.size, few=FEW_ROWS
    )
    return ascending, order


@scalar
def mend(ascending: Vector, order: UInt32) -> bool:
    """Sort, in place, what is nearly sorted; False where that took too many moves and was left unfinished."""
    moves_left = MOVES_PER_ROW * len(ascending)
    for i in range(1, len(ascending)):
        value, row, j = ascending[i], order[i], i
        while j > 0 and ascending[j - 1] > value:
            ascending[j], order[j] = ascending[j - 1], order[j - 1]
            j -= 1
        ascending[j], order[j] = value, row
        moves_left -= i - j
        if moves_left < 0:
            return False
    return True
