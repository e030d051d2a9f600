import ast
import re

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.mapping.role_columns import resolve
from whalecurve.engine.order_files.files import find_files


def mapped(path, **columns):
    return resolve(engine.Columns(**columns), find_files(path))


def refusal(path, **columns):
    with pytest.raises(engine.InputError) as caught:
        mapped(path, **columns)
    message = str(caught.value)
    assert "\n" not in message
    return message


def types_of(path, **columns):
    return {role: filled.dtype for role, filled in mapped(path, **columns).roles.items()}


def test_the_usual_names_serve_without_any_mapping(tmp_path):
    path = write(tmp_path / "a.parquet", order_id=pl.lit("x"), margin=pl.lit(1.0), cost=pl.lit(2.0))
    assert types_of(path) == {
        "customer": pl.Int64(),
        "time": pl.Date(),
        "amount": pl.Float64(),
        "margin": pl.Float64(),
        "order": pl.String(),
    }


def test_cost_serves_where_there_is_no_margin_or_where_it_is_asked_for(tmp_path):
    both = write(tmp_path / "both.parquet", margin=pl.lit(1.0), cost=pl.lit(2.0))
    cost = write(tmp_path / "cost.parquet", cost=pl.lit(2.0))
    assert {"margin", "cost"} & types_of(cost).keys() == {"cost"}
    assert {"margin", "cost"} & types_of(both, cost="cost").keys() == {"cost"}
    assert {"margin", "cost"} & types_of(both, margin="").keys() == {"cost"}
    assert {"margin", "cost"} & types_of(both, margin="", cost="").keys() == set()


def test_an_empty_mapping_leaves_an_optional_role_out(tmp_path):
    path = write(tmp_path / "a.parquet", order_id=pl.lit("x"))
    assert "order" not in types_of(path, order="")


@pytest.mark.parametrize(
    ("amount", "dtype"),
    [
        ("price * quantity", pl.Float64()),
        ("CASE WHEN quantity > 1 THEN price ELSE 0.0 END", pl.Float64()),
        ('"Unit Price"', pl.Float64()),
        ("Unit Price", pl.Float64()),
        ("quantity * quantity", pl.Int128()),  # room for the product of any two integers
        ("quantity", pl.Int32()),  # as it stands
        ("1", pl.Int32()),
    ],
)
def test_a_role_is_a_name_or_an_sql_expression(tmp_path, amount, dtype):
    path = write(
        tmp_path / "a.parquet", price=pl.lit(2.5), quantity=pl.lit(3, dtype=pl.Int32), **{"Unit Price": pl.lit(1.5)}
    )
    assert types_of(path, amount=amount)["amount"] == dtype


def test_a_name_that_looks_like_an_expression_is_a_name_first(tmp_path):
    path = write(tmp_path / "a.parquet", **{"amount - cost": pl.lit("text")})
    assert '`margin` "amount - cost" is String' in refusal(path, margin="amount - cost")


def test_a_missing_column_is_named_with_those_that_are_there_and_the_nearest(tmp_path):
    path = write(tmp_path / "a.parquet", log().rename({"customer_id": "CustomerID"}))
    assert refusal(path) == (
        f'{path}: no column "customer_id" for `customer`; there are CustomerID, order_ts, amount; '
        f'try customer="CustomerID" (tried on 6 rows)'
    )
    path = write(tmp_path / "b.parquet", log().rename({"customer_id": "who"}))
    assert refusal(path, customer="nothing") == (
        f'{path}: no column "nothing" for `customer`; there are who, order_ts, amount; '
        f'name one of them with customer="NAME"'
    )


def test_a_column_missing_from_an_expression_is_named_with_the_expression(tmp_path):
    path = write(tmp_path / "a.parquet")
    assert refusal(path, amount="amont * 2") == (
        f'{path}: no column "amont" in `amount` "amont * 2"; there are customer_id, order_ts, amount; '
        f'did you mean "amount"?'
    )
    assert refusal(path, where="zzz > 2").endswith("write the expression over these")


def test_of_very_many_columns_the_first_are_listed(tmp_path):
    path = write(tmp_path / "a.parquet", **{f"c{i}": pl.lit(i) for i in range(100)})
    assert " and 63 more; " in refusal(path, amount="nothing")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"amount": "amount +* 2"}, '`amount` "amount +* 2" is neither a column nor a valid SQL expression ('),
        ({"amount": "(SELECT 1)"}, '`amount` "(SELECT 1)" does not work on these columns ('),
        ({"amount": "SUM(amount)"}, '`amount` "SUM(amount)" gives one value for all rows;'),
        ({"amount": "COUNT(*)"}, '`amount` "COUNT(*)" gives one value for all rows;'),
        ({"time": "DATE '2024-01-01'"}, "gives one value for all rows;"),
        ({"where": "amount"}, '`where` "amount" gives Float64, not true or false; write a condition'),
        ({"where": "TRUE"}, '`where` "TRUE" gives one value for all rows;'),
        ({"amount": "amount * order_ts"}, "does not work on these columns ("),
    ],
)
def test_an_expression_that_cannot_serve_is_refused_before_rows_are_read(tmp_path, columns, message):
    assert message in refusal(write(tmp_path / "a.parquet"), **columns)


WRONG = {
    "amount as text": ({}, {"amount": pl.col("amount").cast(pl.String)}),
    "amount as text under an odd name": ({"amount": "Unit Price"}, {"Unit Price": pl.lit("3.50")}),
    "time as text": ({}, {"order_ts": pl.col("order_ts").cast(pl.Datetime).dt.strftime("%Y-%m-%d %H:%M:%S")}),
    "time as text under an odd name": ({"time": "Order Date"}, {"Order Date": pl.lit("2024-01-01 10:00:00")}),
    "time as epoch": ({}, {"order_ts": pl.col("order_ts").cast(pl.Datetime).dt.epoch("s")}),
    "fractional ids": ({}, {"customer_id": [1.0, 2.0, None, float("nan"), 5.0, 6.0]}),
    "flag as text": ({"return_flag": "returned"}, {"returned": pl.lit("Y")}),
    "flag as number": ({"return_flag": "returned"}, {"returned": pl.lit(1)}),
}


@pytest.mark.parametrize(("columns", "content"), WRONG.values(), ids=WRONG)
def test_advice_about_a_wrong_type_works_when_taken_from_the_message(tmp_path, columns, content):
    path = write(tmp_path / "a.parquet", **content)
    message = refusal(path, **columns)
    assert f"{path}: " in message
    advised = re.findall(r"""(\w+)=("(?:[^"\\]|\\.)*"|'[^']*')""", message)
    role, sql = next((role, ast.literal_eval(text)) for role, text in advised if text != '"NAME"')
    audit = engine.audit_orders(engine.scan_orders(path, engine.Columns(**columns | {role: sql})), engine.Window())
    assert audit.n_used >= 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"customer_id": pl.lit(None)},
            '`customer` "customer_id" is Null, expected an integer, string or binary id; it',
        ),
        ({"customer_id": pl.concat_list("amount")}, "is List(Float64), expected an integer, string or binary id; map"),
        ({"amount": pl.lit(None)}, '`amount` "amount" is Null, expected a number; it has no value in any row; map'),
        ({"amount": pl.lit(b"1")}, 'is Binary, expected a number; map another column with amount="NAME"'),
        ({"order_ts": pl.duration(days=1)}, 'expected a date or datetime; map another column with time="NAME"'),
        ({"order_ts": pl.lit(None)}, "expected a date or datetime; it has no value in any row; map another"),
    ],
)
def test_a_type_that_nothing_can_be_made_of_says_so(tmp_path, content, message):
    assert message in refusal(write(tmp_path / "a.parquet", **content))


def test_columns_in_another_order_and_narrower_integers_are_reconciled(tmp_path):
    narrow = log().with_columns(pl.col("customer_id").cast(pl.Int32)).select("amount", "customer_id", "order_ts")
    folder = write_all(tmp_path, log(unused=pl.lit(1)), narrow, log(unused=pl.lit("other type")))
    orders = engine.scan_orders(folder)
    expected = engine.scan_orders(write_all(tmp_path / "plain", log(), log(), log()))
    assert orders.lines.collect().equals(expected.lines.collect())


def test_a_file_without_order_ids_is_read_with_none(tmp_path):
    folder = write_all(tmp_path, log(), log(order_id=pl.lit("x")))
    ids = engine.scan_orders(folder).lines.collect()["order_id"]
    assert ids.to_list() == [None] * 6 + ["x"] * 6


@pytest.mark.parametrize(
    ("columns", "content", "message"),
    [
        (
            {},
            {"margin": pl.lit(1.0)},
            'no column "margin" for `margin`, which 1 of 2 files have; add it there, take it',
        ),
        ({"amount": "m + 1"}, {"m": pl.lit(1.0)}, 'no column "m" for `amount`, which 1 of 2 files have; add it there'),
        ({"where": "m > 1"}, {"m": pl.lit(1.0)}, 'no column "m" for `where`, which 1 of 2 files have; add it there'),
        ({"return_flag": "r"}, {"r": pl.lit(value=True)}, 'or do without, by return_flag=""'),
    ],
)
def test_a_file_that_lacks_another_column_is_named(tmp_path, columns, content, message):
    folder = write_all(tmp_path, log(**content), log())
    assert refusal(folder, **columns).startswith(f"{folder}/p1.parquet: ")
    assert message in refusal(folder, **columns)


def test_only_the_columns_that_are_needed_are_read(tmp_path):
    path = write(tmp_path / "a.parquet", one=pl.lit(1), two=pl.lit(2), three=pl.lit(3))
    assert set(mapped(path, amount="one + amount", where="two > 1").inputs) == {
        *("customer_id", "order_ts", "one", "amount", "two")
    }


def test_a_dimension_is_a_name_or_an_expression_in_its_own_type(tmp_path):
    path = write(tmp_path / "a.parquet", n=pl.lit(3), price=pl.lit(2.5), brand=pl.lit("x", dtype=pl.Categorical))
    found = resolve(engine.Columns(amount="n * price"), find_files(path), ("n", "n * 2", "brand", "price > 2"))
    types = {text: filled.dtype for text, filled in found.dimensions.items()}
    assert types == {"n": pl.Int32(), "n * 2": pl.Int64(), "brand": pl.String(), "price > 2": pl.Boolean()}
    assert list(found.roles) == ["customer", "time", "amount"]
    assert found.inputs["n"] == pl.Int32()  # read as it is, and widened where an expression computes


@pytest.mark.parametrize(
    ("dimensions", "message"),
    [
        (
            ("brnd",),
            'no column "brnd" for `by`; there are customer_id, order_ts, amount, brand, parts; did you mean "b',
        ),
        (("UPPER(brnd)",), 'no column "brnd" in `by` "UPPER(brnd)"; there are'),
        (("MAX(amount)",), '`by` "MAX(amount)" gives one value for all rows'),
        (("1",), '`by` "1" gives one value for all rows'),
        (("",), '`by` "" is neither a column nor a valid SQL expression'),
        (("parts",), '`by` "parts" is List(Int64), expected one plain value a row; write an expression of its parts'),
        (("brand", "brand"), '`by` names "brand" twice; name each dimension once'),
    ],
)
def test_a_dimension_that_cannot_serve_is_refused_in_one_line(tmp_path, dimensions, message):
    path = write(tmp_path / "a.parquet", brand=pl.lit("x"), parts=pl.Series([[1, 2]] * 6))
    with pytest.raises(engine.InputError) as caught:
        resolve(engine.Columns(), find_files(path), dimensions)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_the_dimension_is_named(tmp_path):
    folder = write_all(tmp_path, log(brand=pl.lit("x")), log())
    with pytest.raises(engine.InputError) as caught:
        resolve(engine.Columns(), find_files(folder), ("brand",))
    assert str(caught.value).endswith(
        'p1.parquet: no column "brand" for `by`, which 1 of 2 files have; add it there, take it for null there with '
        'missing="null", or leave `by` out'
    )


@pytest.mark.parametrize("name", ["*", "^a.*$", "^$"])
def test_a_column_named_like_a_pattern_of_names_is_refused_where_it_is_mapped_and_else_left_alone(tmp_path, name):
    path = write(tmp_path / "a.parquet", log().with_columns(pl.lit("EUR").alias(name), ab=pl.lit(7)))
    for text in (name, f'"{name}"', f'UPPER("{name}")'):
        assert "is no one column" in refusal(path, customer=text)
    assert engine.check_orders(path).to_dict()["equal_lines"]["n_equal"] == 0
    twice = write_all(tmp_path / "twice", pl.read_parquet(path), pl.read_parquet(path).with_columns(x=1).drop("x"))
    equal = engine.check_orders(twice).to_dict()["equal_lines"]
    assert (equal["n_equal"], equal["columns"]) == (6, ["customer_id", "order_ts", "amount", "ab"])


def test_types_that_others_defined_are_what_they_are_stored_as(tmp_path):
    table = log().to_arrow()
    texts = pa.array(["1", "2", "2", "3", None, "3"])
    flags = pa.array([1, 0, 0, 1, 0, None], pa.int8())
    table = table.append_column("tags", pa.ExtensionArray.from_storage(pa.json_(), texts))
    table = table.append_column("is_gift", pa.ExtensionArray.from_storage(pa.bool8(), flags))
    pq.write_table(table, tmp_path / "a.parquet")
    assert types_of(tmp_path, customer="tags")["customer"] == pl.String()
    assert types_of(tmp_path, return_flag="is_gift = 1")["return_flag"] == pl.Boolean()
    lines = engine.scan_orders(tmp_path, dimensions=["tags", "is_gift"]).lines.collect()
    assert lines["dim:tags"].to_list() == texts.to_pylist()
    assert lines["dim:is_gift"].to_list() == flags.to_pylist()
