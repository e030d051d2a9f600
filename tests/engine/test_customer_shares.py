import polars as pl
import pytest

from whalecurve.engine.customer_shares import Share, passes_for, shares_of


@pytest.mark.parametrize(("n_lines", "passes"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
def test_passes_are_as_few_as_hold_the_lines(n_lines, passes):
    assert passes_for(n_lines, at_once=10) == passes


@pytest.mark.parametrize("ids", ["customer_id", "order_id"])
def test_shares_hold_every_row_once_and_an_id_in_one_share_only(ids):
    rows = pl.DataFrame({ids: [None, *"aabbccdefghij"], "row": range(14)})
    parts = [share.of(rows, ids) for share in shares_of(3)]
    assert sorted(row for part in parts for row in part["row"]) == list(range(14))
    assert sum(part[ids].n_unique() for part in parts) == rows[ids].n_unique()
    assert all(part.height for part in parts)
    assert all(share.of_hashes(rows, pl.col("row")).height in (4, 5) for share in shares_of(3))
    assert Share(0, 1).of(rows, ids).equals(rows)
