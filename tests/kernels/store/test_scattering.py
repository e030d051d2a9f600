"""Which partition an id belongs to, against bisection; lines scattered and collected again, against themselves."""

from bisect import bisect_right

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.support.order_lines import EXTREME, TEXTS, lines_of, logs
from whalecurve.engine.store.line_batches import read_only
from whalecurve.engine.store.scratch import Scratch
from whalecurve.engine.store.splitting import integer_splitters, text_splitters
from whalecurve.engine.store.store import Shape, Store
from whalecurve.kernels.store import CENTS, NO_BYTES, NO_NUMBERS, Lines, extent, parts_of, word_of

INTEGERS = st.lists(EXTREME | st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40)


def parts(key, ends, text, splitters):
    lines = Lines(key, np.zeros(key.size, np.int32), key, NO_NUMBERS, NO_NUMBERS, NO_BYTES, NO_BYTES, ends, text)
    found, n = np.empty(key.size, dtype=np.uint16), np.zeros(splitters.key.size + 1, dtype=np.int64)
    n_bytes = np.zeros_like(n)
    parts_of(read_only(lines), splitters, found, n, n_bytes)
    assert n.tolist() == np.bincount(found, minlength=n.size).tolist()
    return found.tolist(), n_bytes.tolist()


@given(INTEGERS, INTEGERS, st.integers(1, 12))
def test_integers_go_where_bisection_says(sample, ids, n_parts):
    splitters = integer_splitters(np.array(sample, dtype=np.int64), n_parts)
    assert splitters.key.size <= 2 * (n_parts - 1)
    found, _ = parts(np.array(ids, dtype=np.int64), NO_NUMBERS, NO_BYTES, splitters)
    assert found == [bisect_right(splitters.key.tolist(), one) for one in ids]


LONG = st.integers(0, 400).map(lambda n: b"the-same-beginning-of-more-than-64-bytes-for-every-one-of-these-ids-%d" % n)


@given(
    st.lists(TEXTS | LONG, min_size=1, max_size=40), st.lists(TEXTS | LONG, min_size=1, max_size=40), st.integers(1, 12)
)
def test_bytes_go_where_bisection_says(sample, ids, n_parts):
    splitters = text_splitters(pl.Series(sample, dtype=pl.Binary), n_parts)
    own = splitters.text.tobytes()
    at = [own[a:b] for a, b in zip(splitters.ends[:-1], splitters.ends[1:], strict=True)]
    assert at == sorted(set(at))
    ends, text = np.cumsum([0, *map(len, ids)]), np.frombuffer(b"".join(ids), dtype=np.uint8)
    found, n_bytes = parts(np.zeros(len(ids), dtype=np.int64), ends, text, splitters)
    assert found == [bisect_right(at, one) for one in ids]
    assert sum(n_bytes) == text.size


def test_a_value_that_many_have_gets_a_partition_of_its_own():
    splitters = integer_splitters(np.array([5] * 90 + list(range(100, 110)), dtype=np.int64), 10)
    assert {5, 6} <= set(splitters.key.tolist())
    splitters = text_splitters(pl.Series([b"guest"] * 90 + [b"x%d" % n for n in range(10)], dtype=pl.Binary), 10)
    assert splitters.text.tobytes().startswith(b"guestguest\0")


@given(st.lists(EXTREME | st.integers(-(10**7), 10**7), min_size=1, max_size=30))
def test_the_extent_of_numbers(values):
    least, most, is_whole = extent(np.array(values, dtype=np.int64))
    assert (least, most, is_whole) == (min(values), max(values), all(value % CENTS == 0 for value in values))


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_words_compare_as_their_bytes_do(one, other):
    words = [int(word_of(np.frombuffer(b, dtype=np.uint8), 0, len(b))) for b in (one, other)]
    padded = [b[:8].ljust(8, b"\0") for b in (one, other)]
    assert (words[0] < words[1], words[0] == words[1]) == (padded[0] < padded[1], padded[0] == padded[1])


@given(logs(is_sorted=False), st.booleans(), st.sampled_from([0, 10**9]))
def test_what_was_scattered_is_collected_again_column_by_column(lines, is_cents, in_memory):
    if not lines:
        return
    if is_cents:
        lines = [
            line._replace(amount=line.amount * CENTS % 2**40, margin=line.margin * CENTS % 2**40) for line in lines
        ]
    has_text = any(isinstance(line.customer, bytes) for line in lines)
    given_lines = lines_of(lines, has_text=has_text)
    has_margin = given_lines.margin.size > 0
    scratch = Scratch(None, in_memory, "order lines")
    shape = Shape(has_margin=has_margin, has_order=True, has_counts=False, has_text=has_text)
    store = Store(shape, scratch, len(lines), 1)
    store._n_parts = 4
    store.add(read_only(given_lines))
    store.close()
    found = store.collected(0, store.n_parts).columns
    scratch.close()

    def rows(columns, kinds):
        ids = columns.key.tolist()
        if has_text:
            text = columns.text.tobytes()
            ids = [text[a:b] for a, b in zip(columns.ends[:-1], columns.ends[1:], strict=True)]
        margins = columns.margin.tolist() if has_margin else [0] * len(ids)
        names = [None if kind & 2 else order for kind, order in zip(kinds, columns.order.tolist(), strict=True)]
        return sorted(
            zip(ids, columns.day.tolist(), columns.amount.tolist(), margins, map(str, names), kinds, strict=True)
        )

    backs = [line.amount < 0 if line.is_return is None else line.is_return for line in lines]
    kinds = [back + 2 * (line.order is None) for back, line in zip(backs, lines, strict=True)]
    assert rows(found, found.kind.tolist()) == rows(given_lines, kinds)
