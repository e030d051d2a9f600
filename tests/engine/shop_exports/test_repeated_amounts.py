import polars as pl

from whalecurve.engine.shop_exports import amounts_by_order, may_be_totals


def found(*orders):
    """What is found of orders, each given by the amounts of its lines."""
    rows = [(i, amount) for i, amounts in enumerate(orders) for amount in amounts]
    return (
        amounts_by_order(pl.LazyFrame(rows, schema=["order_id", "amount"], orient="row")).collect().row(0, named=True)
    )


def test_amounts_of_orders_are_counted_by_hand():
    assert found([5.0, 5.0, 5.0], [7.0], [1.0, 2.0], [0.0, 0.0], [6.0, 6.0]) == {
        "n_several": 4, "n_same": 2, "n_repeated": 3, "n_totals": 2, "total": 37.0, "once": 21.0
    }  # fmt: skip


def test_nine_in_ten_of_five_orders_or_more_are_totals():
    totals = [[float(i), float(i)] for i in range(1, 10)]
    assert may_be_totals(found(*totals, [1.0, 2.0]))
    assert not may_be_totals(found(*totals[:8], [1.0, 2.0]))
    assert not may_be_totals(found(*totals[:4]))
    assert not may_be_totals(found([1.0], [2.0], [3.0], [4.0], [5.0]))
