from datetime import date

import polars as pl
import pytest

from tests.support.logs import write, write_all
from whalecurve import engine

COLUMNS = {"order": "name", "customer": "email", "time": "paid", "amount": "price"}
LINES = pl.DataFrame(
    {
        "name": ["#1", "#1", "#1", "#2", "#3", "#3", None, None],
        "email": ["a@x", None, " ", "b@x", None, "c@x", "d@x", None],
        "paid": [date(2024, 1, 1), None, None, date(2024, 1, 2), None, date(2024, 1, 3), date(2024, 1, 4), None],
        "price": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    }
)


def scanned(path, **columns):
    return engine.scan_orders(path, engine.Columns(**(COLUMNS | {"fill_down": ("email", "paid")} | columns)))


def test_lines_take_over_what_another_line_of_their_order_says(tmp_path):
    lines = scanned(write(tmp_path / "a.parquet", LINES)).lines.collect(engine="streaming")
    assert lines["customer_id"].to_list() == ["a@x", "a@x", "a@x", "b@x", "c@x", "c@x", "d@x", None]
    assert lines["time"].dt.day().to_list() == [1, 1, 1, 2, 3, 3, 4, None]
    assert lines["amount"].to_list() == LINES["price"].to_list()


def test_lines_without_an_order_id_are_no_order(tmp_path):
    orders = scanned(write(tmp_path / "a.parquet", LINES))
    audit = engine.audit_orders(orders, engine.Window())
    assert (audit.n_used, audit.refused) == (7, {"null_customer": 1})


def test_the_condition_sees_the_filled_cells(tmp_path):
    orders = scanned(write(tmp_path / "a.parquet", LINES), where="email = 'a@x'")
    assert orders.lines.collect()["amount"].to_list() == [1.0, 2.0, 3.0]
    first_lines_left_out = scanned(write(tmp_path / "a.parquet", LINES), where="price > 1.5 AND name = '#1'")
    assert first_lines_left_out.lines.collect()["customer_id"].to_list() == ["a@x", "a@x"]


def test_the_order_of_rows_changes_nothing(tmp_path):
    as_written = scanned(write(tmp_path / "a.parquet", LINES)).lines.collect().sort("amount")
    mixed = scanned(write(tmp_path / "b.parquet", LINES.sample(fraction=1.0, shuffle=True, seed=3))).lines.collect()
    assert mixed.sort("amount").equals(as_written)


def test_an_order_is_one_of_its_file_so_that_new_files_can_be_read_alone(tmp_path):
    folder = write_all(tmp_path, LINES.head(1), LINES.slice(1, 2))
    assert scanned(folder).lines.collect()["customer_id"].to_list() == ["a@x", None, " "]


def test_a_line_keeps_its_own_value_and_the_others_take_the_greatest(tmp_path):
    lines = LINES.head(3).with_columns(email=pl.Series(["b", None, "a"]))
    assert scanned(write(tmp_path / "a.parquet", lines)).lines.collect()["customer_id"].to_list() == ["b", "b", "a"]


def test_an_expression_may_be_the_order_id(tmp_path):
    lines = LINES.head(3).with_columns(name=pl.Series(["x-1", "X-1", "y"]))
    found = scanned(write(tmp_path / "a.parquet", lines), order="UPPER(name)").lines.collect()
    assert found["customer_id"].to_list() == ["a@x", "a@x", " "]


def test_filling_is_a_definition_that_profile_reads_the_orders_by(tmp_path):
    orders = scanned(write(tmp_path / "a.parquet", LINES))
    assert orders.definitions["fill_down"] == ["email", "paid"]
    assert "fill_down" not in scanned(write(tmp_path / "a.parquet", LINES), fill_down=()).definitions


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"order": "", "time": "paid"}, 'fill_down="email,paid" needs to know which lines are one order; name its id'),
        ({"fill_down": ("emial",)}, 'no column "emial" for `fill_down`; there are name, email, paid, price, tags; did'),
        ({"fill_down": ("tags",)}, '`fill_down` "tags" holds several values in a cell'),
    ],
)
def test_what_cannot_be_filled_is_refused(tmp_path, columns, message):
    path = write(tmp_path / "a.parquet", LINES.with_columns(tags=pl.lit(["x"])))
    with pytest.raises(engine.InputError) as caught:
        scanned(path, **columns)
    assert message in str(caught.value)


def test_the_summary_counts_every_line_of_an_order_for_its_customer(tmp_path):
    path = write(tmp_path / "a.parquet", LINES)
    summary = engine.customer_summary(scanned(path)).collect()
    assert summary.select("customer_id", "revenue").rows() == [("a@x", 6.0), ("b@x", 4.0), ("c@x", 11.0), ("d@x", 7.0)]


def test_lines_of_text_are_filled_in_each_file_of_its_own(tmp_path):
    for name in ("a.csv", "b.csv"):
        LINES.with_columns(email=pl.col("email").str.replace("@", f"@{name}")).write_csv(tmp_path / name)
    lines = scanned(tmp_path).lines.collect(engine="streaming")
    own = ["a@{}x", "a@{}x", "a@{}x", "b@{}x", "c@{}x", "c@{}x", "d@{}x", None]
    expected = [customer and customer.format(name) for name in ("a.csv", "b.csv") for customer in own]
    assert lines["customer_id"].to_list() == expected
    assert lines["time"].dt.day().to_list() == [1, 1, 1, 2, 3, 3, 4, None] * 2
