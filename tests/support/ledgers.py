"""Ledgers of the kernels, filled from lists of `tests.oracle.ledger.Line`, growing as needed."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from tests.oracle.ledger import Line, Totals, is_back
from whalecurve.kernels.ledger.hash_table import move_orders, move_slots
from whalecurve.kernels.ledger.layout import KEY, N_CUSTOMERS
from whalecurve.kernels.ledger.updating import ALL, Ledger, Lines, empty_ledger, is_disordered, merge, totals, update

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


def small(*, has_text=False):
    """A ledger with hardly any room."""
    return empty_ledger(1, text_bytes=1 if has_text else 0)._replace(**seen(8))


def seen(n):
    return {name: np.zeros(n, dtype=np.int64) for name in ("seen_customer", "seen_order", "seen_epoch")}


def grown(ledger):
    """The same ledger with about twice the room everywhere."""

    def more(array):
        return np.concatenate([array, np.zeros_like(array), np.zeros_like(array[:64])]) if array.size else array

    larger = Ledger(
        slots=np.zeros(2 * ledger.slots.size, dtype=np.uint64),
        hot=more(ledger.hot),
        cold=more(ledger.cold),
        text=more(ledger.text),
        counters=ledger.counters,
        **seen(2 * ledger.seen_epoch.size),
    )
    move_slots(ledger.slots, larger.slots)
    move_orders(ledger, larger)
    return larger


def added(ledger, lines, first=0, last=ALL):
    """A ledger with more lines: the same one, or where it had to grow, a larger one."""
    columns, start = lines_of(lines, has_text=ledger.text.size > 0), 0
    while (start := update(ledger, columns, start, first, last)) < len(lines):
        ledger = grown(ledger)
    return ledger


def merged(ledger, later):
    """A ledger with a later one joined to it, which grows where it must."""
    start, n = 0, int(later.counters[N_CUSTOMERS])
    while (start := merge(ledger, later, start)) < n:
        ledger = grown(ledger)
    return ledger


def pieces(items, cuts):
    """A list cut at some places."""
    bounds = [0, *sorted(min(cut, len(items)) for cut in cuts), len(items)]
    return [items[a:b] for a, b in pairwise(bounds)]


def rows_of(ledger):
    """Totals and whether the customer is marked, by id."""
    n = int(ledger.counters[N_CUSTOMERS])
    found = np.hstack(totals(ledger.hot, ledger.cold, np.arange(n))).tolist()
    marks = is_disordered(ledger.hot[:n]).tolist()
    return {id_of(ledger, row): (Totals(*found[row]), marks[row]) for row in range(n)}


def id_of(ledger, row):
    key = int(ledger.hot[row, KEY])
    if not ledger.text.size:
        return key
    return ledger.text[key + 2 :].tobytes()[: int(ledger.text[key + 1])]


def assert_exact(ledger, expected, *, may_mark=frozenset()):
    """Everybody is there, exact unless marked, and marked only where that may be."""
    found = rows_of(ledger)
    assert set(found) == set(expected)
    for customer, (row, is_marked) in found.items():
        assert is_marked or row == expected[customer], customer
        assert not is_marked or customer in may_mark, customer


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


def ledger_of(lines, *batches):
    """A ledger, tiny at first, of lines that come in batches."""
    ledger = small(has_text=any(isinstance(line.customer, bytes) for line in lines))
    for batch in batches or [lines]:
        ledger = added(ledger, batch)
    return ledger
