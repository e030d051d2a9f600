"""What segments buy, worked out by hand for a dozen customers in two segments."""

import polars as pl
import pytest

from tests.support.baskets import ORDERS, lines_of
from whalecurve.engine import scan_orders
from whalecurve.engine.baskets.assortment import assortment_of
from whalecurve.engine.baskets.coded_log import coded_log
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.settings import Window
from whalecurve.engine.store import Scratch

ASKED = Basketing(by="product", min_customers=1)
SEGMENTS = pl.DataFrame({"customer_id": range(1, 13), "segment": ["early"] * 6 + ["late"] * 6})


@pytest.fixture(scope="module")
def log():
    orders = scan_orders(lines_of(ORDERS), None, ["product"])
    window = Window().observed(orders.lines.select(pl.col("time").max()).collect().item())
    return coded_log(orders, window, ASKED, 2, Scratch(None, 10_000_000, "baskets"))


def test_tea_is_bought_by_two_of_six_and_by_three_of_six(log):
    table, n_nowhere = assortment_of(log.shares, log.products, SEGMENTS, ASKED)
    early, late = (
        table.row(by_predicate=(pl.col("item") == "tea") & (pl.col("segment") == s), named=True)
        for s in ("early", "late")
    )
    assert n_nowhere == 0
    assert (early["members"], early["customers"], late["customers"]) == (6, 2, 3)
    assert (early["share"], early["share_of_all"]) == pytest.approx((2 / 6, 5 / 12))
    assert (early["index"], late["index"]) == pytest.approx((80.0, 120.0))
    assert early["never_bought"] == pytest.approx(4 / 6)
    assert (early["basket_share"], early["basket_share_of_rest"]) == pytest.approx((2 / 13, 3 / 10))
    assert early["index_low"] < 80.0 < early["index_high"] <= 200.0


def test_customers_without_a_segment_are_counted_and_left_out(log):
    table, n_nowhere = assortment_of(log.shares, log.products, SEGMENTS.head(10), ASKED)
    assert n_nowhere == 2
    assert table.filter(segment="late")["members"].unique().to_list() == [4]
