from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.random_logs import IDS
from whalecurve.engine.ledger import sorted_runs as runs
from whalecurve.engine.ledger.sorted_runs import FileRun, TableRun, sorted_tables


@dataclass
class Counted:
    """A run that counts the looks at its keys."""

    run: TableRun
    n_looks: int = 0

    def __len__(self):
        return len(self.run)

    def key(self, i):
        self.n_looks += 1
        return self.run.key(i)

    def table(self, start, end, columns=None):
        return self.run.table(start, end, columns)


def table_of(ids, dtype=pl.Int64):
    return pl.DataFrame({"customer_id": pl.Series(list(ids), dtype=dtype)}).with_columns(revenue=pl.int_range(pl.len()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.integers(-30, 30), max_size=30), max_size=4), st.integers(1, 12))
def test_customers_of_all_runs_come_sorted_in_tables_of_so_many(parts, rows):
    ids = set().union(*parts)
    own = [part - set().union(*parts[:i]) for i, part in enumerate(parts)]  # each customer in one run
    found = [
        table["customer_id"].to_list() for table in sorted_tables([TableRun(table_of(part)) for part in own], rows)
    ]
    expected = sorted(ids)
    assert found == [expected[at : at + rows] for at in range(0, len(ids), rows)]


@pytest.mark.parametrize("dtype", list(IDS))
def test_every_type_of_id_is_sorted_the_same_across_runs_in_files(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(runs, "BATCH", 2)
    ids = IDS[dtype]
    parts = [table_of(ids[i::3], dtype) for i in range(3)]
    kept = [FileRun([TableRun(part)], tmp_path / str(i)) for i, part in enumerate(parts)]
    expected = pl.concat(parts).sort("customer_id")
    for rows in (1, 2, 100):
        assert pl.concat(sorted_tables(kept, rows)).equals(expected)
        assert pl.concat(sorted_tables(kept[:1], rows)).equals(parts[0].sort("customer_id"))


def test_ends_of_tables_are_found_in_few_looks():
    parts = [Counted(TableRun(table_of(range(i, 30_000, 7)))) for i in range(7)]
    tables = list(sorted_tables(parts, 10_000))
    assert [table.height for table in tables] == [10_000] * 3
    assert sum(part.n_looks for part in parts) < 3 * 7 * 200


def test_nobody_makes_no_table():
    assert list(sorted_tables([])) == []
    assert list(sorted_tables([TableRun(table_of([]))])) == []
