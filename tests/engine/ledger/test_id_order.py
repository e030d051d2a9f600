import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.ledger import Line
from tests.support.ledgers import EXTREME, TEXTS, id_of, ledger_of
from whalecurve.engine.ledger.id_order import order_of, rows_by_id

SOME = settings(max_examples=80, deadline=None)


@SOME
@given(st.lists(st.integers(0, 50) | st.integers(-(2**63), 2**63 - 1) | EXTREME, min_size=1, max_size=40))
def test_positions_come_in_the_order_of_the_integers(keys):
    found = order_of(np.array(keys, dtype=np.int64)).tolist()
    assert sorted(found) == list(range(len(keys)))
    assert [keys[i] for i in found] == sorted(keys)


@pytest.mark.parametrize("least", [-(2**63), -1, 0, 2**61])
@pytest.mark.parametrize("spread", [0, 1, 2**62 - 1, 2**62, 2**62 + 1])
def test_integers_are_sorted_up_to_the_spread_that_fits_a_word_with_positions_and_beyond(least, spread):
    keys = [least + spread, least, min(least + spread, least + 1)]  # three need two bits for the position
    assert [keys[i] for i in order_of(np.array(keys, dtype=np.int64)).tolist()] == sorted(keys)


@SOME
@given(st.sets(EXTREME | st.integers(-9, 9), max_size=20), st.data())
def test_rows_of_integers_come_by_id(ids, data):
    ledger = ledger_of([Line(one, 1, 1) for one in ids])
    rows = data.draw(st.lists(st.integers(0, len(ids) - 1), unique=True)) if ids else []
    found = rows_by_id(ledger.hot, ledger.text, np.array(rows, dtype=np.int64))
    assert found.dtype == np.uint32
    assert [id_of(ledger, row) for row in found] == sorted(id_of(ledger, row) for row in rows)


TIED = st.integers(0, 40).map(lambda n: b"the-first-words-are-shared-" + b"%d" % n * (n % 4))
PADDED = st.integers(0, 20).map(lambda n: b"12345678" * (n // 10) + b"\0" * (n % 10))


@SOME
@given(st.one_of(*(st.sets(kind, min_size=1, max_size=25) for kind in (TEXTS, TIED, PADDED, TEXTS | TIED | PADDED))))
def test_rows_of_texts_come_by_their_bytes_with_ties_in_the_first_words(ids):
    ledger = ledger_of([Line(one, 1, 1) for one in ids])
    found = rows_by_id(ledger.hot, ledger.text, np.arange(len(ids)))
    assert [id_of(ledger, row) for row in found] == sorted(ids)


def test_no_rows_need_no_order():
    ledger = ledger_of([Line(b"a", 1, 1)])
    assert rows_by_id(ledger.hot, ledger.text, np.empty(0, dtype=np.int64)).size == 0
