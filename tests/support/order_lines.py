"""Order lines as the kernels take them, from lists of `tests.oracle.totals.Line`; and random ones."""

import numpy as np
from hypothesis import strategies as st

from tests.oracle.totals import Line, is_back
from whalecurve.kernels.store import Lines

NO_NUMBERS, NO_BYTES = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8)


def key_of(customer):
    """An id's key: itself, or of bytes a hash so poor that different ids share it all the time."""
    return customer if isinstance(customer, int) else sum(customer) % 3


def lines_of(lines, *, has_text=False, has_orders=True):
    """Lines as the kernel's columns; what no line of a batch needs is left out: margin, flags, nulls."""
    texts = [line.customer for line in lines] if has_text else []
    nulls = [line.order is None for line in lines]
    return Lines(
        key=numbers(key_of(line.customer) for line in lines),
        day=np.array([line.day for line in lines], dtype=np.int32),
        amount=numbers(line.amount for line in lines),
        margin=numbers(line.margin for line in lines) if any(line.margin for line in lines) else NO_NUMBERS,
        order=numbers(line.order or 0 for line in lines) if has_orders else NO_NUMBERS,
        order_is_null=np.array(nulls, dtype=np.uint8) if has_orders and any(nulls) else NO_BYTES,
        is_return=np.array([is_back(line) for line in lines], dtype=np.uint8)
        if any(line.is_return is not None for line in lines)
        else NO_BYTES,
        ends=np.cumsum([0, *map(len, texts)]).astype(np.int64) if has_text else NO_NUMBERS,
        text=np.frombuffer(b"".join(texts), dtype=np.uint8).copy() if has_text else NO_BYTES,
    )


def numbers(values):
    return np.array(list(values), dtype=np.int64)


EXTREME = st.sampled_from([-(2**63), 2**63 - 1, 0, -1, 1, 2**32, -(2**32)])
"""Integers at which arithmetic would go wrong."""
TEXTS = st.one_of(
    st.sampled_from(
        [b"a", b"b", b"a\0", b"a\0\0\0\0\0\0\0", b"\0", b"\0\0", b"customer", b"customer-1", b"customer-2"]
    ),
    st.binary(min_size=0, max_size=40),
    st.integers(0, 300).map(lambda n: b"shared-prefix-%d" % n),
)
IDS = {"few": st.integers(0, 4), "extreme": EXTREME, "many": st.integers(0, 10**6), "text": TEXTS}
MONEY = st.sampled_from([0, 1, 2, 5, -1, -2, -5, 10**12, -(10**12)])


@st.composite
def logs(draw, *, kinds=tuple(IDS), max_size=60, n_days=6, is_sorted=True):
    """Lines in the order of their days, or in any order."""
    ids = IDS[draw(st.sampled_from(kinds))]
    orders = draw(st.sampled_from([st.none(), st.sampled_from([0, 7, 8]), st.none() | EXTREME]))
    flags = draw(st.sampled_from([st.none(), st.none() | st.booleans()]))
    days = st.integers(0, n_days - 1)
    lines = draw(st.lists(st.builds(Line, ids, days, MONEY, MONEY, orders, flags), max_size=max_size))
    return sorted(lines, key=lambda line: line.day) if is_sorted else lines
