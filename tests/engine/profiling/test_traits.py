"""Attributes of customers: categories, numbers, gaps in the file, and nobody told apart."""

import polars as pl
import pytest

from whalecurve.engine import InputError, Profiling
from whalecurve.engine.profiling.traits import read_traits, who

N = 400
CUSTOMERS = pl.DataFrame({"customer_id": range(N), "in_segment": [i < 100 for i in range(N)]})
ROWS = pl.DataFrame(
    {
        "customer_id": range(N),
        "sex": ["f" if i < 80 or i % 2 else "m" for i in range(N)],
        "country": ["IS" if i < 3 else "DE" for i in range(N)],
        "kids": [i % 3 for i in range(N)],
        "income": [None if i == 7 else 1_000.5 + i for i in range(N)],
        "email": [f"{i}@example.com" for i in range(N)],
        "born": [None] * N,
        "is_member": [i % 4 == 0 for i in range(N)],
    },
    schema_overrides={"born": pl.Date},
)
ASKED = Profiling()


def written(tmp_path, rows=ROWS):
    rows.write_parquet(tmp_path / "customers.parquet")
    return read_traits(tmp_path / "customers.parquet", "customer_id", pl.Int64())


def test_categories_are_shares_of_customers(tmp_path):
    found, _ = who(written(tmp_path), CUSTOMERS, ASKED, ())
    rows = found["sex"]["customers"].to_dicts()
    assert [(row["value"], row["n_segment"], row["n_base"], row["marks"]) for row in rows] == [
        ("f", 90, 240, "more"), ("m", 10, 160, "less"),
    ]  # fmt: skip
    assert rows[0]["index"] == pytest.approx(100 * 0.9 / 0.6, rel=1e-12)
    assert found["is_member"]["customers"]["value"].to_list() == ["false", "true"]


def test_few_numbers_are_told_one_by_one_and_many_in_fifths_of_the_base(tmp_path):
    found, _ = who(written(tmp_path), CUSTOMERS, ASKED, ())
    assert found["kids"]["customers"]["value"].to_list() == ["0", "1", "2"]
    income = found["income"]["customers"]
    assert income["value"].to_list() == [
        "up to 1080.5", "over 1080.5 to 1160.5", "over 1160.5 to 1239.5", "over 1239.5 to 1319.5", "over 1319.5", None,
    ]  # fmt: skip
    assert income["n_base"].to_list() == [80, 80, 79, 80, 80, 1]
    mean = found["income"]["mean"].row(0, named=True)
    assert mean["segment"] == pytest.approx(ROWS["income"].head(100).mean(), rel=1e-12)
    assert (mean["n_segment"], mean["n_base"]) == (99, 399)


def test_values_of_few_customers_are_pooled(tmp_path):
    found, _ = who(written(tmp_path), CUSTOMERS, ASKED, ())
    assert found["country"]["customers"]["value"].to_list() == ["DE", "(other)"]


def test_contacts_ids_and_dates_are_left_out(tmp_path):
    found, remarks = who(written(tmp_path), CUSTOMERS, ASKED, ())
    assert set(found) == {"sex", "country", "kids", "income", "is_member"}
    assert remarks == [
        "email: more than 50 different values; left out as an id, a contact or free text",
        "born: Date is no attribute to count; it is left out",
    ]
    assert "sex" not in who(written(tmp_path), CUSTOMERS, ASKED, ("sex",))[0]


def test_customers_that_the_file_does_not_have_are_counted(tmp_path):
    found, remarks = who(written(tmp_path, ROWS.head(350)), CUSTOMERS, ASKED, ())
    assert remarks[-1] == f"{tmp_path}/customers.parquet: has no row for 50 of 400 customers"
    assert found["sex"]["customers"].row(-1)[:3] == (None, 0, 50)


def test_shares_are_of_those_whose_value_is_known_with_the_unknown_beside(tmp_path):
    """Of 100 in the segment 40 are known, 30 of them f; of 300 others 200, 80 of them f."""
    sex = [("f" if i < 30 else "m") if i < 40 else None for i in range(100)]
    sex += [("f" if i < 80 else "m") if i < 200 else None for i in range(300)]
    rows = pl.DataFrame({"customer_id": range(N), "sex": sex})
    found, _ = who(written(tmp_path, rows), CUSTOMERS, ASKED, ())
    f, m, unknown = found["sex"]["customers"].to_dicts()
    assert (f["segment"], f["base"], f["rest"]) == pytest.approx((30 / 40, 110 / 240, 80 / 200), rel=1e-12)
    assert f["lift"] == pytest.approx((30 / 40) / (80 / 200), rel=1e-12)
    assert (m["segment"], m["base"]) == pytest.approx((10 / 40, 130 / 240), rel=1e-12)
    assert (f["marks"], m["marks"]) == ("more", "less")
    assert [unknown[name] for name in ("value", "n_segment", "n_base", "segment", "base", "marks")] == [
        *(None, 60, 160, 60 / 100, 160 / 400, None),
    ]


def test_numbers_that_print_alike_are_told_apart(tmp_path):
    rows = pl.DataFrame({"customer_id": range(N), "x": [1.0 + (i % 3) * 1e-9 for i in range(N)]})
    found, _ = who(written(tmp_path, rows), CUSTOMERS, ASKED, ())
    assert found["x"]["customers"]["value"].n_unique() == 3


def test_ids_of_another_width_are_the_same(tmp_path):
    ROWS.with_columns(pl.col("customer_id").cast(pl.UInt16)).write_parquet(tmp_path / "c.parquet")
    traits = read_traits(tmp_path / "c.parquet", "customer_id", pl.Int64())
    assert who(traits, CUSTOMERS, ASKED, ())[0]["sex"]["customers"]["n_base"].to_list() == [240, 160]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pl.concat([ROWS, ROWS.head(2)]), "a customer comes again in 2 of 402 rows; keep one row for each "),
        (ROWS.with_columns(pl.col("customer_id").cast(pl.String)), "is String, expected Int64 as in the orders"),
        (ROWS.rename({"customer_id": "id"}), 'no column "customer_id" for `customers_key`'),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, rows, message):
    with pytest.raises(InputError) as refused:
        written(tmp_path, rows)
    assert message in str(refused.value)


def test_ids_of_a_text_file_are_those_of_orders_with_whole_numbers(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,city\n1,Bern\n02,Rome\nx,Oslo\n", encoding="utf-8")
    traits = read_traits(tmp_path / "c.csv", "customer_id", pl.Int64())
    assert traits.rows.collect().rows() == [(1, "Bern"), (2, "Rome")]
