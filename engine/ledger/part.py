"""The ledger of some of the customers, in memory that grows."""

import numpy as np

from whalecurve.engine.ledger.day_log import DayLog, with_rows
from whalecurve.engine.runtime import Growing
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.ledger import (
    CHUNK,
    COLD_WORDS,
    ENTRY_WORDS,
    EPOCH,
    HOT_WORDS,
    N_CUSTOMERS,
    N_DISORDERED,
    N_LOGGED,
    N_SEEN,
    N_TEXT,
    Ledger,
    Lines,
    is_disordered,
    keep_share,
    move_orders,
    move_slots,
    new_counters,
    open_days,
    restore,
    slots_for,
    text_words,
    update,
)

GROWTH = 1.2
FIRST_CUSTOMERS, FIRST_TEXT, FIRST_ORDERS = 16_384, 1 << 18, 1 << 12
SORTING, SORTING_TEXT = 32, 80
"""Bytes for each customer, once no more lines come, while the order of the ids is worked out."""

ROW, LOOKING_BACK = 4, 32
"""The same for that order, and for what is found in the day log after that."""

LOGGED = 1 << 15
"""Days that the ledger logs before they are taken out: a megabyte's worth."""


class LedgerPart:
    """The ledger of the customers whose share s is first <= s < last."""

    def __init__(self, first: int, last: int, *, has_text: bool, days: DayLog | None = None) -> None:
        """An empty one; `days` is given what days it closes."""
        self.first, self.last, self.days = first, last, days
        self._slots = Growing(np.uint64, length=slots_for(FIRST_CUSTOMERS))
        self._hot = Growing(np.int64, HOT_WORDS, FIRST_CUSTOMERS)
        self._cold = Growing(np.int64, COLD_WORDS, FIRST_CUSTOMERS)
        self._text = Growing(np.int64, length=FIRST_TEXT if has_text else 0)
        self._seen = np.zeros((3, FIRST_ORDERS), dtype=np.int64)
        self._has_text, self._counters = has_text, new_counters()
        self._log = np.empty((0 if days is None else LOGGED, ENTRY_WORDS), dtype=np.int64)
        self._restored = np.empty(0, dtype=np.int32)

    @property
    def state(self) -> Ledger:
        """The arrays, for kernels; not to be kept over a change."""
        slots, hot, cold, text = (part.array for part in (self._slots, self._hot, self._cold, self._text))
        seen_customer, seen_order, seen_epoch = self._seen
        return Ledger(slots, hot, cold, seen_customer, seen_order, seen_epoch, text, self._counters, self._log)

    @property
    def n_customers(self) -> int:
        """Customers so far."""
        return int(self._counters[N_CUSTOMERS])

    @property
    def n_disordered(self) -> int:
        """Customers whose lines did not come in time order."""
        return int(self._counters[N_DISORDERED])

    @property
    def n_bytes(self) -> int:
        """Memory that customers take: with the table that finds them, or without it and with what is made of them."""
        words = self.n_customers * (HOT_WORDS + COLD_WORDS) + int(self._counters[N_TEXT])
        sorting = SORTING_TEXT if self._has_text else SORTING
        closing = max(sorting, ROW if self.days is None else ROW + LOOKING_BACK) * self.n_customers
        return 8 * words + self._seen.nbytes + max(self._slots.n_bytes, closing)

    def add(self, lines: Lines) -> None:
        """Add lines, growing as needed."""
        n, start = lines.key.size, 0
        while (start := update(self.state, lines, start, self.first, self.last)) < n:
            self._grow(lines)

    def restore(self, ids: Lines, hot: Int64, cold: Int64) -> None:
        """Add saved customers, growing as needed."""
        n, start = ids.key.size, 0
        rows = np.full(n, -1, dtype=np.int32)
        while (start := restore(self.state, ids, hot, cold, rows, start, self.first, self.last)) < n:
            self._grow(ids)
        if self.days is not None:
            self._restored = np.concatenate([self._restored, rows])

    def restore_days(self, entries: Int64) -> None:
        """Add saved days of the customers that were restored, numbered as they were saved; once all of those are."""
        if self.days is not None:
            self.days.add(with_rows(entries, self._restored))

    def close_days(self) -> None:
        """Log the days that are still open, though more lines may come."""
        if self.days is None:
            return
        self.take_days()
        for start in range(0, self.n_customers, LOGGED):
            self.days.add(open_days(self._hot.array, start, min(start + LOGGED, self.n_customers)))

    def take_days(self) -> None:
        """Take the days that the ledger has logged out of it."""
        if self.days is not None:
            self.days.add(self._log[: self._counters[N_LOGGED]])
            self._counters[N_LOGGED] = 0

    def settle_days(self) -> None:
        """Keep no more of the day log in memory than has to be."""
        if self.days is not None:
            self.days.settle()

    def keep(self, last: int) -> None:
        """Give up the customers of the shares from `last` on, and what they took."""
        self.last = last
        self.take_days()
        moved = np.empty(self.n_customers, dtype=np.int32)
        keep_share(self.state, self.first, last, moved)
        if self.days is not None:
            self.days = self.days.renumbered(moved)
            self._restored[self._restored >= 0] = moved[self._restored[self._restored >= 0]]
        self._counters[N_DISORDERED] = int(is_disordered(self._hot.array[: self.n_customers]).sum())
        self._resize(max(FIRST_CUSTOMERS, self.n_customers), max(FIRST_TEXT, int(self._counters[N_TEXT])))
        self._index(slots_for(int(self.n_customers * GROWTH)))
        self._remember_less()

    def forget_table(self) -> None:
        """Give back what only more lines need: the table, and the rows of restored customers."""
        self._slots.resize(256)
        self._restored = np.empty(0, dtype=np.int32)

    def _grow(self, lines: Lines) -> None:
        """Make room for another block of lines, in what has too little."""
        block = min(CHUNK, lines.key.size)
        state = self.state
        customers, text, slots = state.hot.shape[0], state.text.size, state.slots.size
        orders = state.seen_epoch.size
        del state
        if self.n_customers + block > customers:
            customers = int(customers * GROWTH) + block
        if self._has_text:
            longest = text_words(block, block * int(np.diff(lines.ends).max()))
            if self._counters[N_TEXT] + longest > text:
                text = int(text * GROWTH) + longest
        self._resize(customers, text)
        if 4 * (self.n_customers + block) > 3 * slots:
            self._index(2 * slots)
        if 2 * (self._counters[N_SEEN] + block) > orders:
            self._remember(4 * orders)
        if self._log.size and self._counters[N_LOGGED] + block > LOGGED:
            self.take_days()

    def _resize(self, customers: int, text: int) -> None:
        self._hot.resize(customers)
        self._cold.resize(customers)
        if self._has_text:
            self._text.resize(text)

    def _index(self, n_slots: int) -> None:
        old, self._slots = self._slots, Growing(np.uint64, length=n_slots)
        move_slots(old.array, self._slots.array)

    def _remember(self, n: int) -> None:
        old = self.state
        self._seen = np.zeros((3, n), dtype=np.int64)
        move_orders(old, self.state)

    def _remember_less(self) -> None:
        """Keep no more room for orders than these need; none, if what they need is most of what the ledger takes."""
        orders = self._seen.shape[1]
        while orders > FIRST_ORDERS and 8 * self._counters[N_SEEN] <= orders:
            orders //= 2
        if orders < self._seen.shape[1]:
            self._remember(orders)
        if orders > FIRST_ORDERS and 2 * self._seen.nbytes > self.n_bytes:  # few customers: halving would not help
            self._counters[EPOCH] += 1
            self._counters[N_SEEN] = 0
            self._seen = np.zeros((3, FIRST_ORDERS), dtype=np.int64)


def use_every_kernel() -> None:
    """Grow and shrink an empty ledger in every way that one can: what only large logs need, for a warm-up."""
    part = LedgerPart(0, 2, has_text=False)
    part._index(2 * slots_for(FIRST_CUSTOMERS))
    part._remember(2 * FIRST_ORDERS)
    part.keep(1)
