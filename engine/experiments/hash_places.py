"""The place of a customer in an experiment: a number from 0 to below 1 that every warehouse computes alike.

It is the first 53 bits of MD5("NAME:ID") over 2^53, where NAME is the experiment's and ID the id as text in UTF-8: the
same for the same customer whatever the run, the order and the machine. No float64 lies between two of them, and those
of two names have nothing to do with each other. Layers and the universal holdout hash with names of their own.
"""

from fractions import Fraction
from math import ceil

import numpy as np
import polars as pl

from whalecurve.engine.orders import as_text
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.functions.md5 import PLACE_BITS, places

PLACES = 2**PLACE_BITS
"""How many places there are."""


def places_of(ids: pl.Series, salt: str) -> Int64:
    """The first 53 bits of MD5 of "salt:id" of each id, as whole numbers.

    Ids that are no text count as the text that they print as: whole numbers in decimals, bytes in hexadecimal.
    """
    texts = ids.to_frame("value").select(as_text(ids.dtype)).to_series().rechunk()
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())  # large_string: text and ends
    _, ends, text = array.buffers()
    read = np.frombuffer(text, np.uint8) if text is not None else np.empty(0, np.uint8)
    offsets = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    return places(np.frombuffer(f"{salt}:".encode(), np.uint8), read, offsets)


def first_place(share: Fraction) -> int:
    """The first place at or beyond a share of all: `place < first_place(s)` holds if and only if `bucket < s`."""
    n: int = ceil(share * PLACES)
    return n


def buckets(places: Int64) -> pl.Series:
    """Places as numbers from 0 to below 1, without rounding."""
    return pl.Series("bucket", places / PLACES)
