"""What customers bought again, by hand."""

from datetime import date

import polars as pl
import pytest

from whalecurve.engine.replenishment import bought_again, rhythms

DAYS = pl.DataFrame(
    {
        "customer_id": [1, 1, 1, 2, 2, 3],
        "product": ["a", "a", "a", "a", "b", "a"],
        "day": pl.Series([19_700, 19_710, 19_730, 19_705, 19_705, 19_720], dtype=pl.Int32),
    }
)
AS_OF = pl.Series([19_740], dtype=pl.Int32).cast(pl.Date).item()


def test_gaps_are_counted_by_length_the_open_ones_apart():
    lengths, every = bought_again(DAYS, AS_OF)
    found = sorted(lengths.filter(product="a").select("days", "is_open", "n").iter_rows())
    assert found == [(10, False, 1), (10, True, 1), (20, False, 1), (20, True, 1), (35, True, 1)]
    own = every.row(by_predicate=(pl.col("customer_id") == 1) & (pl.col("product") == "a"), named=True)
    assert own["n_purchase_days"] == 3
    assert own["last_purchase"] == date(2024, 1, 8)
    assert own["variation"] == pytest.approx(50**0.5 / 15)  # of 10 and 20 days
    assert every.filter(pl.col("customer_id") > 1)["variation"].null_count() == 3


def test_a_product_that_nobody_bought_again_has_no_rhythm():
    found = rhythms(bought_again(DAYS, AS_OF)[0])
    assert set(found) == {"a", "b"}
    assert found["b"].days is None
    assert found["a"].days is not None
