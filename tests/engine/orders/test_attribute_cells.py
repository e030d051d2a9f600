"""Attributes of a dozen customers, worked out by hand: who joins whom, what is pooled, and what is told of it."""

from collections import Counter

import polars as pl
import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.settings import Columns

# Customers 1 to 12 buy as often as their number says, for their number each time.
LINES = pl.DataFrame(
    [
        {"customer_id": who, "order_ts": f"2024-01-{1 + k:02d}", "amount": float(who), "order_id": 100 * who + k}
        for who in range(1, 13)
        for k in range(who)
    ]
).with_columns(pl.col("order_ts").str.to_date())

# 11 of them have a row, 12 has none; 77 and 78 are nobody. Interest: chess 1-6, golf 7-9, none 10, polo 11.
CRM = pl.DataFrame(
    {
        "customer_id": [*range(11, 0, -1), 77, 78],
        "interest": ["polo", None, *["golf"] * 3, *["chess"] * 6, "polo", "chess"],
        "age": [*range(31, 20, -1), 50, 60],
    }
)
MATCHED = "11 of 12 customers have a row in "


@pytest.fixture
def log(tmp_path):
    LINES.write_parquet(tmp_path / "orders.parquet")
    CRM.write_csv(tmp_path / "crm.csv")

    def opened(*dimensions, **columns):
        settings = {"attributes": str(tmp_path / "crm.csv"), "order": ""} | columns
        return scan_orders(tmp_path / "orders.parquet", Columns(**settings), dimensions)

    return opened


def values(orders, dimension):
    """Lines by value, and customers by value."""
    lines = orders.lines.select("customer_id", value=f"dim:{dimension}").collect(engine="streaming")
    return Counter(lines["value"]), Counter(lines.unique()["value"])


def test_lines_carry_the_attributes_of_their_customer(log):
    lines, customers = values(log("interest", pool_below=1), "interest")
    assert lines == {"chess": 21, "golf": 24, None: 22, "polo": 11}
    assert customers == {"chess": 6, "golf": 3, None: 2, "polo": 1}


def test_small_cells_are_pooled_and_said(log):
    orders = log("interest")
    # golf 3 and polo 1 together are 4, so chess joins them: a pool of 4 would tell of 4.
    assert values(orders, "interest")[1] == {"(other)": 10, None: 2}
    assert orders.notes[1] == (
        "interest: 3 values are pooled as (other), so that each has at least 5 customers (`pool_below`)"
    )
    assert values(log("interest", pool_below=4), "interest")[1] == {"(other)": 4, "chess": 6, None: 2}


def test_who_has_a_row_is_counted(log):
    (matched,) = log("age", pool_below=1).notes
    assert MATCHED in matched
    assert matched.endswith("crm.csv, the others have null; 2 of its rows are of nobody in the orders")


def test_a_dimension_may_be_an_expression_over_attributes_and_columns(log):
    by = "CASE WHEN age >= 26 THEN 'old' ELSE 'young' END"
    assert values(log(by, pool_below=1), by)[1] == {"old": 6, "young": 6}  # null is not 26 or older
    mixed = "CASE WHEN age >= 26 AND amount > 8 THEN interest END"
    assert values(log(mixed, pool_below=1), mixed)[0] == {None: 58, "golf": 9, "polo": 11}
    assert values(log(mixed), mixed)[0] == {None: 58, "(other)": 20}


def test_a_condition_may_read_attributes_and_null_is_not_met(log):
    orders = log(where="age > 28")
    assert set(orders.lines.collect()["customer_id"]) == {9, 10, 11}
    assert MATCHED in orders.notes[0]  # of all customers, not of those that are left
    assert set(log(where="age > 28 OR age IS NULL").lines.collect()["customer_id"]) == {9, 10, 11, 12}


def test_nothing_is_read_of_a_file_that_nothing_is_asked_of(log, tmp_path):
    pl.DataFrame({"customer_id": [1, 1], "interest": ["a", "b"]}).write_csv(tmp_path / "crm.csv")
    assert log("amount").notes == ()
    with pytest.raises(InputError, match=r"crm\.csv: a customer comes again in 1 of 2 rows"):
        log("interest")


def test_a_name_that_both_have_is_refused_where_it_is_read(log, tmp_path):
    CRM.with_columns(amount=1).write_csv(tmp_path / "crm.csv")
    assert values(log("interest", pool_below=1), "interest")[0]["polo"] == 11
    with pytest.raises(
        InputError,
        match=r'`by`: "amount" is a column of .*orders\.parquet and of .*crm\.csv; rename it in `attributes`',
    ):
        log("amount * 2")


def test_roles_cannot_be_attributes(log):
    with pytest.raises(InputError, match='no column "age"'):
        log(margin="age")


def test_lines_stay_in_order_and_totals_of_orders_count_once(tmp_path, log):
    lines = pl.concat([LINES, LINES]).sort("order_id")  # two lines of each order, its total on both
    lines.write_parquet(tmp_path / "orders.parquet")
    orders = log("interest", order="order_id", order_total=True, pool_below=1)
    found = orders.lines.collect(engine="streaming")
    assert found["order_id"].to_list() == lines["order_id"].to_list()
    kept = found.filter(~pl.col("__repeated")).group_by("dim:interest").agg(pl.col("amount").sum()).rows()
    assert dict(kept) == {"chess": 91.0, "golf": 194.0, "polo": 121.0, None: 244.0}


def test_ids_are_normalised_alike_and_filled_down_first(tmp_path, log):
    text = "customer_id,order_ts,amount,order_id\nANN ,2024-01-01,1,1\n,2024-01-01,2,1\nben,2024-01-02,4,2\n"
    (tmp_path / "orders.csv").write_text(text)
    (tmp_path / "crm.csv").write_text("customer_id,city\nann,Bonn\n BEN,Rome\n")
    columns = Columns(
        attributes=str(tmp_path / "crm.csv"), normalise_ids=("trim", "lower"), fill_down=("customer_id",), pool_below=1
    )
    orders = scan_orders(tmp_path / "orders.csv", columns, ["city"])
    assert orders.lines.select("customer_id", "dim:city").collect().rows() == [
        ("ann", "Bonn"),
        ("ann", "Bonn"),
        ("ben", "Rome"),
    ]
    assert orders.notes == ()
